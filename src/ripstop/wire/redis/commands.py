"""What is known of each command: what it does, which of its arguments are keys, where it is refused.

Source: the command flags and key specifications of a Redis 7.0 server (COMMAND), with the commands
later versions added (redis.io, Commands). Modules' commands are told by their verb.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ripstop.model.trace import Kind


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


CONNECTING: Final = _names("""
    ASKING AUTH CLIENT CLUSTER COMMAND ECHO HELLO INFO PING QUIT READONLY READWRITE RESET ROLE
    SELECT SENTINEL
""")
"""What drivers and pools say when they choose to: opening, and asking whether the server lives."""

WRITES: Final = _names("""
    APPEND BITFIELD BITOP BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN COPY DECR
    DECRBY DEL EXPIRE EXPIREAT FLUSHALL FLUSHDB GEOADD GEORADIUS GEORADIUSBYMEMBER GEOSEARCHSTORE
    GETDEL GETEX GETSET HDEL HEXPIRE HEXPIREAT HGETDEL HGETEX HINCRBY HINCRBYFLOAT HMSET HPERSIST
    HPEXPIRE HPEXPIREAT HSET HSETEX HSETNX INCR INCRBY INCRBYFLOAT LINSERT LMOVE LMPOP LPOP LPUSH
    LPUSHX LREM LSET LTRIM MIGRATE MOVE MSET MSETEX MSETNX PERSIST PEXPIRE PEXPIREAT PFADD PFDEBUG
    PFMERGE PSETEX RENAME RENAMENX RESTORE RESTORE-ASKING RPOP RPOPLPUSH RPUSH RPUSHX SADD
    SDIFFSTORE SET SETBIT SETEX SETNX SETRANGE SINTERSTORE SMOVE SORT SPOP SREM SUNIONSTORE SWAPDB
    DELEX INCREX LMOVEM BLMOVEM UNLINK VADD VREM VSETATTR XACK XACKDEL XADD XAUTOCLAIM XCLAIM XDEL
    XDELEX XGROUP XREADGROUP XSETID XTRIM ZADD ZDIFFSTORE ZINCRBY ZINTERSTORE ZMPOP ZPOPMAX ZPOPMIN
    ZRANGESTORE ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZUNIONSTORE
""")
"""Refused by a read-only replica."""

EFFECTS: Final = _names("EVAL EVALSHA FCALL PUBLISH SPUBLISH")
"""Do, or may do, something that stands, though a replica takes them."""

DENIED_WHEN_FULL: Final = _names("""
    APPEND BITFIELD BITOP BLMOVE BRPOPLPUSH COPY DECR DECRBY GEOADD GEORADIUS GEORADIUSBYMEMBER
    GEOSEARCHSTORE GETSET HINCRBY HINCRBYFLOAT HMSET HSET HSETEX HSETNX INCR INCRBY INCRBYFLOAT
    INCREX LMOVEM BLMOVEM VADD LINSERT LMOVE LPUSH LPUSHX LSET MSET MSETEX MSETNX PFADD PFDEBUG
    PFMERGE PSETEX RESTORE RESTORE-ASKING RPOPLPUSH RPUSH RPUSHX SADD SDIFFSTORE SET SETBIT SETEX
    SETNX SETRANGE SINTERSTORE SORT SUNIONSTORE XADD XSETID ZADD ZDIFFSTORE ZINCRBY ZINTERSTORE
    ZRANGESTORE ZUNIONSTORE
""")
"""Refused when memory is full (the flag ``denyoom``)."""

READS: Final = _names("""
    BITCOUNT BITFIELD_RO BITPOS DBSIZE DUMP EVALSHA_RO EVAL_RO EXISTS EXPIRETIME FCALL_RO GEODIST
    GEOHASH GEOPOS GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH GET GETBIT GETRANGE HEXISTS
    HEXPIRETIME HGET HGETALL HKEYS HLEN HMGET HPEXPIRETIME HPTTL HRANDFIELD HSCAN HSTRLEN HTTL HVALS
    DIGEST KEYS LCS LINDEX LLEN LPOS LRANGE MGET OBJECT PEXPIRETIME PFCOUNT PTTL RANDOMKEY SCAN
    SCARD SDIFF SINTER SINTERCARD SISMEMBER SMEMBERS SMISMEMBER SORT_RO SRANDMEMBER SSCAN STRLEN
    SUBSTR SUNION TOUCH TTL TYPE XINFO XLEN XPENDING XRANGE XREAD XREVRANGE ZCARD ZCOUNT ZDIFF
    ZINTER ZINTERCARD ZLEXCOUNT ZMSCORE ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREVRANGE
    ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION SDIFFCARD SUNIONCARD VCARD VDIM
    VEMB VGETATTR VINFO VISMEMBER VLINKS VRANDMEMBER VRANGE VSIM
""")

TYPES: Final = {
    "string": _names("""
        APPEND BITCOUNT BITFIELD BITPOS DECR DECRBY GET GETBIT GETDEL GETEX GETRANGE GETSET INCR
        INCRBY INCRBYFLOAT SETBIT SETRANGE STRLEN SUBSTR
    """),
    "hash": _names("""
        HDEL HEXISTS HGET HGETALL HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HMSET HRANDFIELD HSCAN HSET
        HSETNX HSTRLEN HVALS
    """),
    "list": _names("""
        LINDEX LINSERT LLEN LMOVE LPOP LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM RPOP RPOPLPUSH RPUSH
        RPUSHX
    """),
    "set": _names("""
        SADD SCARD SDIFF SINTER SISMEMBER SMEMBERS SMISMEMBER SMOVE SPOP SRANDMEMBER SREM SSCAN
        SUNION
    """),
    "zset": _names("""
        ZADD ZCARD ZCOUNT ZINCRBY ZLEXCOUNT ZMSCORE ZPOPMAX ZPOPMIN ZRANDMEMBER ZRANGE ZRANGEBYLEX
        ZRANGEBYSCORE ZRANK ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE
        ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE
    """),
    "stream": _names("XADD XDEL XLEN XPENDING XRANGE XREVRANGE XTRIM"),
}
"""Commands that fail with WRONGTYPE where their first key holds another type than theirs."""

SUBSCRIBING: Final = _names("SUBSCRIBE PSUBSCRIBE SSUBSCRIBE")
UNSUBSCRIBING: Final = _names("UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE")
ENDLESS: Final = _names("MONITOR SYNC PSYNC")
"""After these a connection is no longer one of questions and answers."""

_BLOCKING = _names("BLMOVE BLMOVEM BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN")
_TRANSACTION = {"MULTI": Kind.BEGIN, "EXEC": Kind.COMMIT, "DISCARD": Kind.ROLLBACK}
_CONTAINERS = _names("""
    ACL CLIENT CLUSTER COMMAND CONFIG FUNCTION LATENCY MEMORY MODULE OBJECT PUBSUB SCRIPT SLOWLOG
    XGROUP XINFO
""")
_KEYLESS = CONNECTING | _names("""
    ACL BGREWRITEAOF BGSAVE CONFIG DBSIZE DEBUG DISCARD EXEC FAILOVER FLUSHALL FLUSHDB FUNCTION KEYS
    LASTSAVE LATENCY LOLWUT MODULE MONITOR MULTI PSYNC PUBSUB RANDOMKEY REPLCONF REPLICAOF SAVE SCAN
    SCRIPT SHUTDOWN SLAVEOF SLOWLOG SWAPDB SYNC TIME UNWATCH WAIT WAITAOF
""")
_RANGES: Final = {
    (1, -1, 1): "DEL UNLINK EXISTS TOUCH MGET WATCH SINTER SUNION SDIFF SINTERSTORE SUNIONSTORE SDIFFSTORE "
    "PFCOUNT PFMERGE SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE",
    (1, -1, 2): "MSET MSETNX",
    (1, -2, 1): "BLPOP BRPOP BZPOPMAX BZPOPMIN",
    (1, 2, 1): "RENAME RENAMENX COPY LMOVE BLMOVE LMOVEM BLMOVEM RPOPLPUSH BRPOPLPUSH SMOVE "
    "GEOSEARCHSTORE ZRANGESTORE LCS",
    (2, -1, 1): "BITOP",
    (2, 2, 1): "OBJECT XGROUP XINFO MEMORY",
    (3, 3, 1): "MIGRATE",
}
_RANGE = {name: place for place, names in _RANGES.items() for name in names.split()}
_COUNTED: Final = {
    1: "ZUNION ZINTER ZDIFF SINTERCARD ZINTERCARD LMPOP ZMPOP MSETEX",
    2: "EVAL EVALSHA FCALL EVAL_RO EVALSHA_RO FCALL_RO BLMPOP BZMPOP ZUNIONSTORE ZINTERSTORE ZDIFFSTORE",
}
_COUNT_AT = {name: at for at, names in _COUNTED.items() for name in names.split()}
_STORING = _names("ZUNIONSTORE ZINTERSTORE ZDIFFSTORE")
_STORES_ONLY_WITH_STORE = _names("SORT GEORADIUS GEORADIUSBYMEMBER")
_MODULE_READS = _names("""
    AGGREGATE ARRINDEX ARRLEN CARD EXISTS EXPLAIN GET INFO LIST MEXISTS MGET MRANGE OBJKEYS OBJLEN
    QUERY RANGE REVRANGE SEARCH STRLEN TYPE _LIST
""")


def name_of(args: Sequence[bytes]) -> str:
    """The command in capitals, with its subcommand where it has one."""
    command = _capitals(args[0]) if args else ""
    return f"{command} {_capitals(args[1])}" if command in _CONTAINERS and len(args) > 1 else command


def kind_of(args: Sequence[bytes]) -> Kind:
    """What a command does to the server; OTHER for what does nothing, and for the unknown."""
    command = _capitals(args[0]) if args else ""
    if command in CONNECTING:
        return Kind.CONNECT
    if command in _TRANSACTION:
        return _TRANSACTION[command]
    if command in _STORES_ONLY_WITH_STORE:
        return Kind.WRITE if _has(args, "STORE", "STOREDIST") else Kind.READ
    if command in WRITES or command in EFFECTS:
        return Kind.WRITE
    if command in READS:
        return Kind.READ
    family, _, verb = command.partition(".")
    return (Kind.READ if verb in _MODULE_READS else Kind.WRITE) if family and verb else Kind.OTHER


def waits(args: Sequence[bytes]) -> bool:
    """Whether a command may wait for somebody else's write (outside a transaction)."""
    command = _capitals(args[0]) if args else ""
    return command in _BLOCKING or (command in ("XREAD", "XREADGROUP") and _has(args, "BLOCK"))


def keys_of(args: Sequence[bytes]) -> tuple[bytes, ...]:
    """The arguments that are keys, or channels where the command speaks of those."""
    command = _capitals(args[0]) if args else ""
    if command in ("XREAD", "XREADGROUP"):
        return _stream_keys(args)
    if command in _COUNT_AT:
        at = _COUNT_AT[command]
        count = int(args[at]) if len(args) > at and args[at].isdigit() and len(args[at]) < 7 else 0
        stored = tuple(args[1:2]) if command in _STORING else ()
        return (*stored, *args[at + 1 : at + 1 + count])
    if command in _KEYLESS or (command == "MEMORY" and not _has(args, "USAGE")):
        return ()
    first, last, step = _RANGE.get(command, (1, 1, 1))
    return tuple(args[first : len(args) + last + 1 if last < 0 else last + 1 : step])


def _stream_keys(args: Sequence[bytes]) -> tuple[bytes, ...]:
    names = [arg.upper() for arg in args]
    if b"STREAMS" not in names:
        return ()
    rest = args[names.index(b"STREAMS") + 1 :]
    return tuple(rest[: len(rest) // 2])


def _has(args: Sequence[bytes], *wanted: str) -> bool:
    return any(_capitals(arg) in wanted for arg in args[1:])


def _capitals(word: bytes) -> str:
    return word[:64].decode("ascii", "backslashreplace").upper()
