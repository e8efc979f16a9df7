"""What an import finds around it: no network but its own loopback, and placeholders for what it asks.

A placeholder is harmless: addresses lead to the discard port of this machine, words say what they are.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from typing import Any

NOWHERE = "127.0.0.1:9"
DATABASE = f"postgresql://placeholder:placeholder@{NOWHERE}/x"
WORD = "placeholder-"
"""A placeholder that fits no better; the variable's name follows, so that a complaint about it names it."""

GIVEN: dict[str, str] = {}
"""The placeholders that were given without a question having been seen, by variable."""

_NEW_USER, _NEW_NET, _DIE_WITH_PARENT = 0x10000000, 0x40000000, 1
_HERE = ("127.", "::1", "localhost")
_LOG = "/dev/log"
_KEY = "cGxhY2Vob2xkZXItcGxhY2Vob2xkZXItMTIzNDU2Nzg="

_ADDRESSES = (
    (("REDIS", "CACHE"), f"redis://{NOWHERE}/0"),
    (("AMQP", "RABBIT", "BROKER", "CELERY"), f"amqp://{NOWHERE}//"),
    (("MONGO",), f"mongodb://{NOWHERE}/x"),
    (("MYSQL",), f"mysql://placeholder:placeholder@{NOWHERE}/x"),
    (("SQLITE",), "sqlite://"),
    (("DATABASE", "POSTGRES", "PG", "DB", "SQL", "DSN"), DATABASE),
)
_KINDS = (
    (("PORT",), "9"),
    (("HOST", "SERVER", "HOSTNAME", "DOMAIN"), "127.0.0.1"),
    (
        ("TIMEOUT", "SECONDS", "LIMIT", "SIZE", "COUNT", "MAX", "MIN", "TTL", "WORKERS", "MINUTES", "DAYS"),
        "1",
    ),
    (("DEBUG", "ENABLE", "ENABLED", "USE", "IS", "DISABLE", "TLS", "SSL"), "false"),
    (("EMAIL", "MAIL", "FROM"), "someone@example.com"),
    (("REGION",), "us-east-1"),
    (("SECRET", "KEY", "TOKEN", "PASSWORD", "SALT", "FERNET"), _KEY),
)


def placeholder(name: str) -> str:
    """A plausible value for a variable of that name."""
    words = set(name.upper().split("_"))
    if words & {"URL", "URI", "DSN", "ENDPOINT"}:
        return next((value for known, value in _ADDRESSES if words & set(known)), f"http://{NOWHERE}")
    return next((value for known, value in _KINDS if words & set(known)), f"{WORD}{name}")


class _Lenient(os._Environ):  # type: ignore[type-arg]
    """An environment that answers ``environ[name]`` for every name; ``get`` and ``in`` tell the truth."""

    def __getitem__(self, key: Any) -> Any:
        if key not in self:
            self[key] = GIVEN[str(key)] = placeholder(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        return key in set(self)

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key, default) if key in self else default


def answer_every_question() -> None:
    """Give a placeholder for each variable that is read and missing, so that one try does for all of them."""
    os.environ.__class__ = _Lenient


def cut_off() -> None:
    """Die with the parent and leave the network.

    The network is left by a namespace of its own where the system lets us, and by a refusal in Python always.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        _own_network()
    sys.addaudithook(_refuse)


def _own_network() -> None:
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER | _NEW_NET):
        return
    for file, line in (
        ("uid_map", f"{user} {user} 1"),
        ("setgroups", "deny"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with contextlib.suppress(OSError), open(f"/proc/self/{file}", "w") as written:  # noqa: PTH123
            written.write(line)


def _refuse(event: str, given: tuple[Any, ...]) -> None:
    """An audit hook (PEP 578): it cannot be taken away again by what is imported.

    Loopback is refused as well: a database of the person's own may listen there.
    """
    if event in ("socket.connect", "socket.sendto"):
        target = given[1]
    elif event == "socket.getaddrinfo" and given[0] and not _text(given[0]).startswith(_HERE):
        target = given[0]
    else:
        return
    if target != _LOG:
        raise ConnectionRefusedError(f"no network while routes are read: {_text(target)}")


def _text(value: Any) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
