"""The moved clock, as programs that are started with its environment see it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest

from ripstop.errors import UsageError
from ripstop.service import clock as clocks
from ripstop.service.clock import Clock, unseen

TELLS = "import sys, time\nfor line in sys.stdin: print(time.time(), time.monotonic(), flush=True)"
WAITS = """
import ctypes, time
libc, cond, attr, mutex = ctypes.CDLL(None), *(ctypes.create_string_buffer(128) for _ in range(3))
libc.pthread_condattr_init(attr)
libc.pthread_condattr_setclock(attr, time.CLOCK_MONOTONIC)
libc.pthread_cond_init(cond, attr)
libc.pthread_mutex_lock(mutex)
end_ns = time.monotonic_ns() + 200_000_000
end = (ctypes.c_long * 2)(*divmod(end_ns, 10**9))
libc.pthread_cond_timedwait(cond, mutex, end)
print((time.monotonic_ns() - end_ns) / 1e9)
"""
"""Waits for what never comes until a moment of the monotonic clock, and says how many seconds late it was."""
Tells = Callable[[], tuple[datetime, float]]


@pytest.fixture
def clock() -> Iterator[Clock]:
    one = Clock.start()
    yield one
    one.close()


@pytest.fixture
def program(clock: Clock) -> Iterator[subprocess.Popen[str]]:
    """A program that tells the time for each line it is given."""
    env = {**os.environ, **clock.environment()}
    with subprocess.Popen(
        [sys.executable, "-c", TELLS], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


@pytest.fixture
def told(program: subprocess.Popen[str]) -> Tells:
    def ask() -> tuple[datetime, float]:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write("\n")
        program.stdin.flush()
        shown, monotonic = program.stdout.readline().split()
        return datetime.fromtimestamp(float(shown), UTC), float(monotonic)

    return ask


def test_a_running_program_goes_with_the_clock_and_its_monotonic_clock_does_not(
    clock: Clock, told: Tells
) -> None:
    before, began = told()
    clock.advance(timedelta(hours=24))
    after, ended = told()

    assert timedelta(hours=24) <= after - before < timedelta(hours=24, seconds=30)
    assert ended - began < 30
    assert abs(after - clock.now()) < timedelta(seconds=30)


@pytest.mark.parametrize(
    "move",
    [Clock.reset, Clock.freeze, *(partial(Clock.advance, by=timedelta(hours=by)) for by in (-1, 1))],
    ids=["real", "frozen", "back", "forward"],
)
def test_a_wait_by_the_monotonic_clock_ends_when_it_was_to_end(
    clock: Clock, move: Callable[[Clock], None]
) -> None:
    move(clock)
    env = {**os.environ, **clock.environment()}

    ran = subprocess.run([sys.executable, "-c", WAITS], env=env, capture_output=True, text=True, timeout=60)

    assert 0 <= float(ran.stdout) < 30


def test_a_frozen_clock_stands_and_is_moved_to_the_microsecond(clock: Clock, told: Tells) -> None:
    noon = datetime(2028, 2, 29, 12, tzinfo=timezone(timedelta(hours=2)))
    clock.freeze(noon)
    first, _ = told()
    second, _ = told()
    clock.advance(timedelta(microseconds=1_250_000))

    assert first == second == noon
    assert told()[0] == noon + timedelta(seconds=1.25) == clock.now()


def test_it_goes_back_to_what_was_and_to_real_time(clock: Clock, told: Tells) -> None:
    clock.set(datetime(2001, 9, 9, tzinfo=UTC))
    past, _ = told()
    assert clock.moved
    clock.freeze()
    clock.reset()

    assert past.year == 2001
    assert abs(told()[0].timestamp() - time.time()) < 30
    assert not clock.moved


def test_a_time_of_no_zone_is_refused_with_one_that_has(clock: Clock) -> None:
    with pytest.raises(UsageError, match=r"2028-02-29T12:00:00 has none \[naive-time\]") as caught:
        clock.set(datetime(2028, 2, 29, 12))
    assert "tzinfo=UTC" in caught.value.way_out
    assert not clock.moved


def test_a_time_beyond_every_certificate_is_refused(clock: Clock) -> None:
    for move in (clock.set, clock.freeze):
        with pytest.raises(UsageError, match="clock-range"):
            move(datetime(1999, 1, 1, tzinfo=UTC))
    with pytest.raises(UsageError, match="clock-range"):
        clock.advance(timedelta(days=4_000_000))
    assert not clock.moved


def test_what_else_is_preloaded_stays_so(clock: Clock) -> None:
    env = clock.environment({"LD_PRELOAD": f"{clock.library}:/lib/other.so"})

    assert env["LD_PRELOAD"].split(":") == [str(clock.library), "/lib/other.so"]


def test_a_time_that_is_fixed_already_is_refused(clock: Clock) -> None:
    with pytest.raises(UsageError, match="second-clock"):
        clock.environment({"FAKETIME": "-1d"})


def test_who_keeps_real_time_is_named(clock: Clock, program: subprocess.Popen[str], told: Tells) -> None:
    told()

    assert unseen(clock, [program.pid]) == ()
    assert unseen(clock, [os.getpid()]) == (Path(sys.executable).resolve().name,)


def test_nothing_is_left_also_of_programs_that_were_killed(
    clock: Clock, program: subprocess.Popen[str], told: Tells
) -> None:
    told()
    program.kill()
    program.wait()
    clock.close()
    clock.close()

    left = [path.name for place in ("/dev/shm", clock.folder.parent) for path in Path(place).iterdir()]
    assert not clock.folder.exists()
    assert [name for name in left if f"faketime_shm_{program.pid}" in name] == []
    assert [name for name in left if clock.environment()["FAKETIME_SHARED"].split()[1][1:] in name] == []


def test_without_the_extra_the_command_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    with pytest.raises(UsageError, match="extra-missing") as caught:
        Clock.start()
    assert caught.value.way_out == 'pip install "ripstop[clock]"'


@pytest.mark.parametrize(("system", "libc"), [("darwin", "glibc"), ("linux", "musl")])
def test_where_no_clock_can_be_moved_it_says_so(
    monkeypatch: pytest.MonkeyPatch, system: str, libc: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr("platform.libc_ver", lambda: (libc, ""))

    with pytest.raises(UsageError, match="clock-unsupported") as caught:
        Clock.start()
    assert "everything else works" in caught.value.way_out


def test_a_path_the_loader_cannot_be_told_is_copied(open_folder: Path, own_cache: Path) -> None:
    spaced = open_folder / "a place"
    spaced.mkdir()
    library = spaced / "libfaketime.so.1"
    library.write_bytes(b"library")

    copy = clocks._reachable(library, None)

    assert copy.is_relative_to(own_cache)
    assert copy.read_bytes() == b"library"


def test_programs_that_start_while_it_moves_are_never_shown_real_time(clock: Clock) -> None:
    env = {**os.environ, **clock.environment()}
    stop = threading.Event()
    clock.advance(timedelta(days=1_000))

    def swing() -> None:
        while not stop.is_set():
            clock.advance(timedelta(microseconds=1))

    mover = threading.Thread(target=swing)
    mover.start()
    try:
        told = [subprocess.run(["date", "+%s"], env=env, capture_output=True, text=True) for _ in range(60)]
    finally:
        stop.set()
        mover.join()

    assert [one for one in told if int(one.stdout) < time.time() + 86_400 * 999] == []
