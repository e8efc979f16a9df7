"""Commands to Redis, and Django's cache where it is kept there. Queues on top of Redis are in `queues`."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Reach
from ripstop.model.trace import Kind
from ripstop.scan.code import Call, Codebase, Shape, Value
from ripstop.scan.reaching.known import known
from ripstop.scan.reaching.names import last, root
from ripstop.scan.reaching.values import text_of
from ripstop.wire.redis import shapes
from ripstop.wire.redis.commands import EFFECTS, READS, WRITES

_LIBRARIES = frozenset(
    {"redis", "aioredis", "ioredis", "@redis/client", "coredis", "fakeredis", "valkey", "@upstash/redis"}
)
_COMMANDS = WRITES | READS | EFFECTS
_RENAMED = {"DELETE": "DEL", "HSETALL": "HSET"}
_PYTHON = {"INCR": "INCRBY", "DECR": "DECRBY"}
"""redis-py sends these with a number always."""
_REDIS_PY = ("redis.Redis.", "redis.asyncio.", "redis.Pipeline.", "fakeredis.")
_SCANS = {"SCAN_ITER": "SCAN", "HSCAN_ITER": "HSCAN", "SSCAN_ITER": "SSCAN", "ZSCAN_ITER": "ZSCAN"}
_CACHE = {
    **dict.fromkeys(("get", "aget"), "GET"),
    **dict.fromkeys(("set", "aset"), "SET"),
    **dict.fromkeys(("add", "aadd"), "SET"),
    **dict.fromkeys(("delete", "adelete"), "DEL"),
    **dict.fromkeys(("incr", "aincr", "decr", "adecr"), "INCRBY"),
    **dict.fromkeys(("get_many", "aget_many"), "MGET"),
    **dict.fromkeys(("touch", "atouch"), "EXPIRE"),
    **dict.fromkeys(("clear", "aclear"), "FLUSHDB"),
}
_MANY = frozenset({"delete", "del", "unlink", "exists", "touch"})
"""Every argument is a key."""
_WORDS = {name.lower(): name for name in _COMMANDS} | {
    name.lower(): told for name, told in {**_RENAMED, **_SCANS}.items()
}
METHODS = frozenset(_WORDS) | frozenset(_CACHE)
"""In lower case; node-redis writes ``hSet``."""


def reaches(call: Call, code: Codebase) -> Iterator[Reach]:
    """The command a call sends, named as its seam names it."""
    library = root(call.name)
    word = last(call.name)
    if library in _LIBRARIES:
        name = _WORDS.get(word.lower(), "")
        name = _PYTHON.get(name, name) if call.name.startswith(_REDIS_PY) else name
        if name and not _is_class(word):
            yield _sent(call, code, name, library)
    elif word in _CACHE and _is_cache(call.name) and _cached_in_redis(code):
        yield _sent(call, code, _CACHE[word], "django", before=":{id}:")


def _is_class(word: str) -> bool:
    return word[:1].isupper()


def _sent(call: Call, code: Codebase, name: str, library: str, before: str = "") -> Reach:
    keys = [before + key for key in _keys(call, code)]
    command = shapes.read([name.encode(), *(key.encode() for key in keys)])
    return Reach(
        "redis",
        command.operation,
        command.kind if command.kind is not Kind.CONNECT else Kind.OTHER,
        call.place,
        target=command.tables[0] if command.tables else "",
        client=library,
        sureness=call.sureness,
        effect=name in ("PUBLISH", "SPUBLISH"),
    )


def _keys(call: Call, code: Codebase) -> list[str]:
    """The first key, and those beside it where the command takes several."""
    first = call.argument("name", 0) or call.argument("key") or call.argument("keys")
    if first is None:
        return []
    if last(call.name).lower() in _MANY:
        return [_key(one.value, code) for one in call.arguments if not one.name][:3]
    value = known(code).resolve(first)
    if value.shape is Shape.LIST:
        return [_key(item, code) for _, item in value.items][:3] or ["{id}"]
    return [_key(value, code)]


def _key(value: Value, code: Codebase) -> str:
    return text_of(value, code) or "{key}"


def _is_cache(name: str) -> bool:
    return name.startswith(("django.core.cache.", "django.cache."))


def _cached_in_redis(code: Codebase) -> bool:
    caches = known(code).constant("CACHES")
    return caches is not None and "redis" in _said(caches).lower()


def _said(value: Value, depth: int = 0) -> str:
    inner = " ".join(_said(item, depth + 1) for _, item in value.items) if depth < 6 else ""
    return f"{value.text} {inner}"
