"""What several Redis faults share: which commands they can strike, and how a server words a refusal.

Wordings and their places in a transaction were read off redis-server 7.0.15: out of memory (maxmemory
1), a replica (REPLICAOF), one that loads its data (key-load-delay).
"""

from __future__ import annotations

from typing import Final

from ripstop.model.fault import Commands, RunServer, SayClient
from ripstop.model.trace import Crossing, Kind
from ripstop.wire.redis.commands import keys_of, waits
from ripstop.wire.redis.framing import WireError
from ripstop.wire.redis.replies import error
from ripstop.wire.redis.requests import encode
from ripstop.wire.redis.words import split

_UNQUEUEABLE: Final = encode("GET")
"""A server does not queue a command with too few arguments, and its EXEC then fails (EXECABORT)."""
_DISCARD: Final = encode("DISCARD")
_CUT_SHORT: Final = b"..."


def command_of(crossing: Crossing) -> str:
    """The command in capitals, without a subcommand."""
    return crossing.id.operation.partition(" ")[0]


def asks(crossing: Crossing) -> bool:
    """A command that is carried out and answered at once: not queued in MULTI, not a blocking wait."""
    if crossing.protocol != "redis" or crossing.kind not in (Kind.READ, Kind.WRITE, Kind.COMMIT):
        return False
    return crossing.kind is Kind.COMMIT or not (crossing.in_transaction or waits(arguments(crossing)))


def is_queued(crossing: Crossing) -> bool:
    """A command within MULTI and EXEC."""
    return (
        crossing.protocol == "redis" and crossing.in_transaction and crossing.kind in (Kind.READ, Kind.WRITE)
    )


def arguments(crossing: Crossing) -> tuple[bytes, ...]:
    """The command's first arguments: its name and keys as they were, other values cut short."""
    try:
        words = split(crossing.text)
    except WireError:
        return ()
    return words[:-1] if crossing.text.endswith("...") and words[-1:] == (_CUT_SHORT,) else words


def keys(crossing: Crossing) -> tuple[bytes, ...]:
    """The keys the command was given."""
    return keys_of(arguments(crossing))


def refuse(crossing: Crossing, text: str) -> Commands:
    """Answer with an error in the server's place, and leave its transaction as a refusal leaves it.

    While commands are queued a refusal makes the EXEC fail; at EXEC it discards the transaction
    (server.c: rejectCommand, execCommandAbort).
    """
    if crossing.kind is Kind.COMMIT:
        abort = f"EXECABORT Transaction discarded because of: {text}"
        return (RunServer(_DISCARD), SayClient(error(abort)))
    if crossing.in_transaction:
        return (RunServer(_UNQUEUEABLE), SayClient(error(text)))
    return (SayClient(error(text)),)
