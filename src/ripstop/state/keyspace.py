"""The keys of one Redis server: what changed since a mark, and back to the mark.

A snapshot keeps every key of every logical database: its value as data for telling, its DUMP for
putting it back, the time it had left. Scripts, functions, settings and subscriptions are not state
here. Used from one thread, while the service is at rest.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ripstop.errors import ExperimentError, StartError, UsageError
from ripstop.model.address import RedisAddress
from ripstop.model.state import KeyChange

if TYPE_CHECKING:
    import redis

_BATCH: Final = 500
_TIMEOUT_S: Final = 10.0
_NO_EXPIRY: Final = -1
Place = tuple[int, bytes]
"""A logical database's number and a key in it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One key. ``left_ms`` is the time it has left, -1 for no end; ``value`` as in a KeyChange."""

    type: str
    dump: bytes
    left_ms: int
    value: Any = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most a keyspace may hold: number of keys, bytes of their dumps together."""

    keys: int = 100_000
    bytes: int = 256 << 20


class Keyspace:
    """The keys of one server. Build with ``Keyspace.open``; it is marked from the start."""

    def __init__(
        self, address: RedisAddress, seam: str, limits: Limits, activity: Callable[[], object] | None
    ) -> None:
        self._address, self._seam, self._limits, self._activity = address, seam, limits, activity
        self._clients: dict[int, redis.Redis] = {}
        self._marked: Mapping[Place, Entry] = {}
        self._now: Mapping[Place, Entry] = {}
        self._told: tuple[KeyChange, ...] = ()
        self._seen: object = object()

    @classmethod
    def open(
        cls,
        address: RedisAddress,
        *,
        seam: str,
        limits: Limits | None = None,
        activity: Callable[[], object] | None = None,
    ) -> Keyspace:
        """Connect to the real server, without the proxy, and take the first mark.

        ``activity`` gives a token that changes whenever somebody may have written; reading is spared
        while it does not. Raises UsageError ``extra-missing``, StartError ``redis-unreachable``.
        """
        keyspace = cls(address, seam, limits or Limits(), activity)
        try:
            keyspace.mark()
        except ExperimentError as error:
            if error.slug != "redis-lost":
                raise
            raise StartError(
                "redis-unreachable",
                f"cannot read the keys of {address.host}:{address.port}: {error.message}",
                way_out="is the server running, and is its password the configured one?",
            ) from error
        return keyspace

    def mark(self) -> None:
        """What stands now stays. Raises ExperimentError ``keyspace-too-large``, ``redis-lost``."""
        token = self._token()
        entries = self._snapshot()
        values = self._values(entries)
        self._marked = {
            place: Entry(e.type, e.dump, e.left_ms, values[place]) for place, e in entries.items()
        }
        self._now, self._seen, self._told = self._marked, token, ()

    def read(self) -> tuple[KeyChange, ...]:
        """Net changes since the mark, in order of database and key.

        A key of logical database 2 is told as ``db2/KEY``; text that is not UTF-8 with escapes.
        Raises ExperimentError as ``mark`` does.
        """
        token = self._token()
        if token != self._seen:
            self._now = self._snapshot()
            self._told = tuple(self._changes(self._now))
            self._seen = token
        return self._told

    def undo(self) -> int:
        """Back to the mark; how many keys were written or deleted for it.

        Every key has its value and type again, and as long to live as it had at the mark. Raises
        ExperimentError ``reset-inexact``, and as ``mark`` does.
        """
        now = self._now if self._token() == self._seen else self._snapshot()
        restored: list[Place] = []
        gone = [place for place in now if place not in self._marked]
        for database, places in _by_database((*gone, *self._marked)):
            with self._talking(), self._client(database).pipeline(transaction=False) as pipe:
                restored += [p for p in places if _put_back(pipe, p[1], self._marked.get(p), now.get(p))]
                pipe.execute()
        self._verify(restored)
        self._now, self._seen, self._told = self._marked, self._token(), ()
        return len(gone) + len(restored)

    def value(self, key: str, *, database: int = 0) -> Any:
        """A key's value as data, None where there is none: str, list, dict by its type."""
        place = (database, key.encode())
        entries = self._entries(database, [place[1]])
        return _told(self._values(entries).get(place))

    def keys(self, *, database: int = 0) -> tuple[str, ...]:
        """The names of all keys, sorted."""
        with self._talking():
            found = set(self._client(database).scan_iter(count=_BATCH))
        return tuple(sorted(_told(_text(name)) for name in found))

    def lives(self) -> dict[str, int]:
        """Milliseconds that each key has left which has an end and is not as it was at the mark."""
        self.read()
        fresh = [p for p, e in self._now.items() if e.left_ms >= 0 and p not in self._marked]
        found: dict[str, int] = {}
        for database, places in _by_database(fresh):
            entries = self._entries(database, [name for _, name in places])
            found |= {_name(place): e.left_ms for place, e in entries.items() if e.left_ms >= 0}
        return found

    def close(self) -> None:
        """Disconnect; a server that is gone already is no error."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def _token(self) -> object:
        return self._activity() if self._activity else object()

    def _changes(self, now: Mapping[Place, Entry]) -> Iterator[KeyChange]:
        before = self._marked
        different = {p: e for p, e in now.items() if p not in before or before[p].dump != e.dump}
        values = self._values(different)
        for place in sorted({*different, *(p for p in before if p not in now)}):
            old, new = before.get(place), now.get(place)
            name = _name(place)
            if new is None and old is not None:
                yield KeyChange(self._seam, "deleted", name, old=_told(old.value))
            elif new is not None and old is None:
                yield KeyChange(self._seam, "set", name, new=_told(values[place]))
            elif new and old and (new.type != old.type or values[place] != old.value):
                yield KeyChange(self._seam, "changed", name, _told(old.value), _told(values[place]))

    def _snapshot(self) -> dict[Place, Entry]:
        """Every key there is, without values."""
        found: dict[Place, Entry] = {}
        size = 0
        for database in self._databases():
            with self._talking():
                names = self._client(database).scan_iter(count=_BATCH)
                for batch in _batches(names):
                    part = self._entries(database, batch)
                    size += sum(len(entry.dump) for entry in part.values())
                    found |= part
                    self._check(len(found), size)
        return found

    def _check(self, count: int, size: int) -> None:
        limits = self._limits
        if count > limits.keys or size > limits.bytes:
            raise ExperimentError(
                "keyspace-too-large",
                f"the redis seam {self._seam!r} holds more than {limits.keys} keys or {limits.bytes} bytes",
                way_out="let the set-up write less, or point the service's large data at another server",
            )

    def _databases(self) -> list[int]:
        with self._talking():
            info = self._client(0).info("keyspace")
        return sorted(int(name[2:]) for name in info if name[:2] == "db" and name[2:].isdigit())

    def _entries(self, database: int, names: list[bytes]) -> dict[Place, Entry]:
        with self._talking(), self._client(database).pipeline(transaction=False) as pipe:
            for name in names:
                pipe.dump(name)
                pipe.pttl(name)
                pipe.type(name)
            replies = pipe.execute()
        rows = zip(names, replies[::3], replies[1::3], replies[2::3], strict=True)
        return {
            (database, name): Entry(_text(kind), dump, max(int(left), _NO_EXPIRY))
            for name, dump, left, kind in rows
            if dump is not None
        }

    def _values(self, entries: Mapping[Place, Entry]) -> dict[Place, Any]:
        found: dict[Place, Any] = {}
        for database, places in _by_database(entries):
            for batch in _batches(places):
                with self._talking(), self._client(database).pipeline(transaction=False) as pipe:
                    for place in batch:
                        _ask(pipe, entries[place].type, place[1])
                    replies = pipe.execute()
                for place, reply in zip(batch, replies, strict=True):
                    found[place] = _value(entries[place].type, reply)
        return found

    def _verify(self, restored: Iterable[Place]) -> None:
        """Look again at what was put back. A dump need not be the same byte for byte; its value must."""
        wrong: list[str] = []
        for database, places in _by_database(restored):
            for batch in _batches(places):
                now = self._entries(database, [name for _, name in batch])
                values = self._values(now)
                wrong += [_name(p) for p in batch if not _same(self._marked[p], now.get(p), values.get(p))]
        if wrong:
            raise ExperimentError(
                "reset-inexact", "keys are not as they were after the reset", details=wrong[:20]
            )

    def _client(self, database: int) -> redis.Redis:
        if database not in self._clients:
            self._clients[database] = _connect(self._address, database)
        return self._clients[database]

    def _talking(self) -> _Talking:
        return _Talking(self._address)


class _Talking:
    """Turns what the client raises into an error with a slug."""

    def __init__(self, address: RedisAddress) -> None:
        self._address = address

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        import redis

        if isinstance(error, redis.RedisError | OSError):
            where = f"{self._address.host}:{self._address.port}"
            raise ExperimentError("redis-lost", f"the Redis server at {where} says: {error}") from error


def _connect(address: RedisAddress, database: int) -> redis.Redis:
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise UsageError(
            "extra-missing",
            "a redis seam needs the package redis, which is not installed",
            way_out='pip install "ripstop[redis]"',
        ) from error
    return redis.Redis(
        host=address.host,
        port=address.port,
        password=address.password,
        db=database,
        protocol=2,
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        retry=Retry(NoBackoff(), 1),
    )


def _put_back(pipe: Any, name: bytes, old: Entry | None, new: Entry | None) -> bool:
    """Queue what one key needs; True where its value is written anew."""
    if old is None:
        pipe.delete(name)
        return False
    lasts = old.left_ms == _NO_EXPIRY
    # What ends by itself may have ended since it was looked at: it is always written anew.
    if not lasts or new is None or new.dump != old.dump:
        pipe.restore(name, 0 if lasts else max(old.left_ms, 1), old.dump, replace=True)
        return True
    if new.left_ms != _NO_EXPIRY:
        pipe.persist(name)
    return False


def _same(old: Entry, new: Entry | None, value: Any) -> bool:
    return new is not None and new.type == old.type and value == old.value


def _ask(pipe: Any, kind: str, name: bytes) -> None:
    match kind:
        case "string":
            pipe.get(name)
        case "hash":
            pipe.hgetall(name)
        case "list":
            pipe.lrange(name, 0, -1)
        case "set":
            pipe.smembers(name)
        case "zset":
            pipe.zrange(name, 0, -1, withscores=True)
        case "stream":
            pipe.xrange(name)
        case _:
            pipe.dump(name)


def _value(kind: str, reply: Any) -> Any:
    """A reply of redis-py as data that reads well: text, lists, dicts. Sets are sorted lists."""
    match kind:
        case "hash":
            return {_text(name): _text(value) for name, value in sorted(reply.items())}
        case "list":
            return [_text(item) for item in reply]
        case "set":
            return sorted(map(_text, reply))
        case "zset":
            return {_text(member): float(score) for member, score in reply}
        case "stream":
            return [
                [_text(number), {_text(k): _text(v) for k, v in fields.items()}] for number, fields in reply
            ]
    return None if reply is None else _text(reply)


def _text(value: Any) -> str:
    """Text without loss: bytes that are no UTF-8 become surrogates, so that no two values look alike."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _told(value: Any) -> Any:
    """A value for people: bytes that are no UTF-8 as escapes."""
    match value:
        case str():
            return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        case list():
            return [_told(item) for item in value]
        case dict():
            return {_told(name): _told(item) for name, item in value.items()}
    return value


def _name(place: Place) -> str:
    database, key = place
    name: str = _told(_text(key))
    return name if database == 0 else f"db{database}/{name}"


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, _BATCH)):
        yield batch


def _by_database(places: Iterable[Place]) -> Iterator[tuple[int, list[Place]]]:
    for database, group in itertools.groupby(sorted(places), key=lambda place: place[0]):
        yield database, list(group)
