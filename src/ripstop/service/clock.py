"""The time of the service and its servers, moved from outside: a preloaded library and the file it reads.

The library (the package libfaketime, GPL-2) is loaded by the system's loader into the processes that are
given ``environment``; it is never imported here, and this process keeps real time. Monotonic clocks go on
as they are: only what a calendar shows is moved. When it is moved, the rig and its users decide.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import secrets
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from ripstop.errors import UsageError
from ripstop.service import cache
from ripstop.service.account import Account, barrier, unprivileged
from ripstop.service.datadir import plan_home
from ripstop.service.watch import Watched

EXTRA = 'pip install "ripstop[clock]"'
EARLIEST, LATEST = datetime(2000, 1, 2, tzinfo=UTC), datetime(2999, 12, 30, tzinfo=UTC)
"""Between these the certificates of intercepted hosts are valid."""
_PACKAGE = "libfaketime"
_LIBRARY = "libfaketime.so.1"
_SHARED = Path("/dev/shm")  # noqa: S108
_SHARED_BYTES = 4_096
_WITHOUT = "leave [tool.ripstop.seams] without a clock: everything else works as it is"


@dataclass(slots=True, eq=False)
class Clock:
    """A clock that can be moved and stopped. ``folder`` holds its file; ``library`` is preloaded.

    Times are aware datetimes. It ticks ``_offset_ns`` ahead of real time, or stands at ``_frozen_ns``.
    """

    folder: Path
    library: Path
    _keeper: Watched
    _shared: str = ""
    _offset_ns: int = 0
    _frozen_ns: int | None = None

    @classmethod
    def start(cls, data_dir: str | None = None) -> Clock:
        """A clock at real time. Raises UsageError ``clock-unsupported``, ``extra-missing``; StartError."""
        account = unprivileged()
        library = _reachable(find_library(), account)
        home = plan_home(data_dir, account)
        name = f"ripstop-clock-{secrets.token_hex(8)}"
        shared = [str(_SHARED / f"sem.{name}"), str(_SHARED / name)]
        clock = cls(home.path, library, Watched.spawn(remove=[*home.folders, *shared]))
        home.make(account)
        home.path.chmod(0o755)
        clock._shared = _share(name, account)
        clock._write()
        return clock

    @property
    def moved(self) -> bool:
        """Whether it shows anything but real time."""
        return bool(self._offset_ns) or self._frozen_ns is not None

    @property
    def frozen(self) -> bool:
        return self._frozen_ns is not None

    def now(self) -> datetime:
        """What the service is shown now, in UTC."""
        return _moment(self.now_ns())

    def now_ns(self) -> int:
        """The same in nanoseconds since 1970."""
        return time.time_ns() + self._offset_ns if self._frozen_ns is None else self._frozen_ns

    def set(self, at: datetime) -> None:
        """Show this moment from now on; a clock that stands stays so. Raises UsageError."""
        self._move_to(_nanoseconds(at))

    def advance(self, by: timedelta) -> None:
        """Show so much later than now. Raises UsageError ``clock-range``."""
        self._move_to(self.now_ns() + by // timedelta(microseconds=1) * 1_000)

    def freeze(self, at: datetime | None = None) -> None:
        """Stand still, at this moment or the present one. Raises UsageError."""
        self._frozen_ns = _checked(self.now_ns() if at is None else _nanoseconds(at))
        self._write()

    def reset(self) -> None:
        """Back to real time."""
        self._offset_ns, self._frozen_ns = 0, None
        self._write()

    def environment(self, given: Mapping[str, str] | None = None) -> dict[str, str]:
        """What a process is given besides ``given`` to live by this clock, and all it starts.

        The library takes what time was moved by off the end of a wait by a monotonic clock too: it ends at
        once, and Python's threads fight over their lock. Told to force no fix, it adds as much again.

        Raises UsageError ``second-clock`` where a fixed time is set already, which goes before any file.
        """
        library, whole = str(self.library), {**os.environ, **(given or {})}
        if "FAKETIME" in whole:
            raise UsageError(
                "second-clock", "FAKETIME is set, and goes before a clock seam", way_out="unset FAKETIME"
            )
        own = whole.get("LD_PRELOAD", "")
        others = [one for one in own.replace(" ", ":").split(":") if one and one != library]
        return {
            "LD_PRELOAD": ":".join([library, *others]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_FMT": "%s",
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            **({"FAKETIME_SHARED": self._shared} if self._shared else {}),
        }

    def sees(self, pid: int) -> bool:
        """Whether the library is in a process; a program that is gone or not ours to look at counts too."""
        try:
            return _LIBRARY in Path(f"/proc/{pid}/maps").read_text(errors="replace")
        except OSError:
            return True

    def close(self) -> None:
        """Remove its files. A second call changes nothing."""
        self._keeper.stop()

    @property
    def _file(self) -> Path:
        return self.folder / "now"

    def _move_to(self, moment_ns: int) -> None:
        if self._frozen_ns is None:
            self._offset_ns = _checked(moment_ns) - time.time_ns()
        else:
            self._frozen_ns = _checked(moment_ns)
        self._write()

    def _write(self) -> None:
        """Tell it at once and whole: a file half written would be read. All lines are of like width,
        for threads of one process read into the same place."""
        if self._frozen_ns is None:
            sign, rest = ("-", -self._offset_ns) if self._offset_ns < 0 else ("+", self._offset_ns)
            text = f"{sign}{rest // 10**9:011}.{rest % 10**9:09}\n"
        else:
            text = f"{self._frozen_ns // 10**9:012}.{self._frozen_ns % 10**9:09}\n"
        fresh = self.folder / "next"
        fresh.write_text(text)
        fresh.chmod(0o644)
        fresh.replace(self._file)


def find_library() -> Path:
    """The library of the installed package, which is found and not imported. Raises UsageError."""
    if sys.platform != "linux" or platform.libc_ver()[0] != "glibc":
        raise UsageError(
            "clock-unsupported",
            f"the clock can be moved on Linux with glibc only, not on {platform.platform(terse=True)}",
            way_out=_WITHOUT,
        )
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise UsageError(
            "extra-missing",
            f"a clock seam needs the package {_PACKAGE}, which is not installed",
            way_out=EXTRA,
        )
    library = Path(spec.origin).parent / "vendor" / _PACKAGE / "src" / _LIBRARY
    if not library.is_file():
        raise UsageError(
            "clock-unsupported", f"the package {_PACKAGE} has no {_LIBRARY} here", way_out=_WITHOUT
        )
    return library


def unseen(clock: Clock, pids: Iterable[int]) -> tuple[str, ...]:
    """The programs among some processes into which the library was not loaded: they keep real time."""
    return tuple(sorted({_program(pid) for pid in pids if not clock.sees(pid)}))


def _reachable(library: Path, account: Account | None) -> Path:
    """A path the loader can be told, and every account can read; a copy in the cache where need be."""
    plain = not any(mark in str(library) for mark in " :")
    if plain and barrier(library.parent, account) is None:
        return library
    stamp = sha256(f"{library} {library.stat().st_size} {library.stat().st_mtime_ns}".encode()).hexdigest()
    kept = cache.folder(account) / f"clock-{stamp[:20]}"
    kept, _ = cache.entry(kept, partial(_copy, library), account=None)
    return kept / "content" / library.name


def _copy(library: Path, content: Path) -> dict[str, str]:
    shutil.copyfile(library, content / library.name)
    (content / library.name).chmod(0o755)
    return {}


def _share(name: str, account: Account | None) -> str:
    """What the library's processes share, made by us: they would leave theirs behind when killed.

    A semaphore and a page of zeros (sem_overview(7), shm_overview(7)), readable for the account of the
    servers. Empty where there is no such place; then none of them makes one either.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        page = _SHARED / name
        page.write_bytes(bytes(_SHARED_BYTES))
        libc.sem_open.restype = ctypes.c_void_p
        flags = ctypes.c_int(os.O_CREAT | os.O_EXCL)
        if not libc.sem_open(f"/{name}".encode(), flags, ctypes.c_uint(0o600), ctypes.c_uint(1)):
            return ""
        for path in (page, _SHARED / f"sem.{name}"):
            path.chmod(0o660 if account else 0o600)
            if account:
                os.chown(path, -1, account.gid)
    except (OSError, AttributeError):
        return ""
    return f"/{name} /{name}"


def _checked(moment_ns: int) -> int:
    """The moment, in nanoseconds since 1970. Raises UsageError ``clock-range``."""
    if not _since_1970(EARLIEST) <= moment_ns <= _since_1970(LATEST):
        raise UsageError(
            "clock-range",
            f"the clock cannot be moved so far: by {moment_ns / 1e9:.0f} s from 1970",
            way_out=f"stay between {EARLIEST:%Y-%m-%d} and {LATEST:%Y-%m-%d}",
        )
    return moment_ns


def _nanoseconds(at: datetime) -> int:
    if at.tzinfo is None or at.utcoffset() is None:
        raise UsageError(
            "naive-time",
            f"the clock needs a time with its zone, and {at.isoformat()} has none",
            way_out="write datetime(2028, 2, 29, 12, tzinfo=UTC), or tzinfo=ZoneInfo('Europe/Berlin')",
        )
    return _since_1970(at)


def _since_1970(at: datetime) -> int:
    """In nanoseconds."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1_000


def _moment(nanoseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1_000)


def _program(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/exe").resolve().name
    return f"process {pid}"
