"""Every fault by name: built from a spec, offered at a crossing, explained by its page.

The order of the table is the order of offers: what costs no waiting first.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterator
from typing import Any

from ripstop.errors import UsageError
from ripstop.faults.after_expiry import AfterExpiry
from ripstop.faults.before_expiry import BeforeExpiry
from ripstop.faults.client_gone import ClientGone
from ripstop.faults.connection_lost import ConnectionLost
from ripstop.faults.connection_refused import ConnectionRefused
from ripstop.faults.connection_reset import ConnectionReset
from ripstop.faults.declined import Declined
from ripstop.faults.dst import Dst
from ripstop.faults.duplicate_delivery import DuplicateDelivery
from ripstop.faults.empty import Empty
from ripstop.faults.evicted import Evicted
from ripstop.faults.field_duplicate import FieldDuplicate
from ripstop.faults.field_empty import FieldEmpty
from ripstop.faults.field_missing import FieldMissing
from ripstop.faults.field_mistyped import FieldMistyped
from ripstop.faults.field_null import FieldNull
from ripstop.faults.field_out_of_range import FieldOutOfRange
from ripstop.faults.field_too_long import FieldTooLong
from ripstop.faults.hang import Hang
from ripstop.faults.killed import Killed
from ripstop.faults.late_reply import LateReply
from ripstop.faults.leap_day import LeapDay
from ripstop.faults.loading import Loading
from ripstop.faults.malformed import Malformed
from ripstop.faults.missing_field import MissingField
from ripstop.faults.month_end import MonthEnd
from ripstop.faults.next_day import NextDay
from ripstop.faults.no_credentials import NoCredentials
from ripstop.faults.other_credentials import OtherCredentials
from ripstop.faults.out_of_memory import OutOfMemory
from ripstop.faults.params import Informed, checked
from ripstop.faults.paused import Paused
from ripstop.faults.pool_exhausted import PoolExhausted
from ripstop.faults.race import Race
from ripstop.faults.readonly import Readonly
from ripstop.faults.repeated_request import RepeatedRequest
from ripstop.faults.reply_lost import ReplyLost
from ripstop.faults.slow import Slow
from ripstop.faults.sqlstate import Sqlstate
from ripstop.faults.stale_connection import StaleConnection
from ripstop.faults.stall import Stall
from ripstop.faults.status import Status
from ripstop.faults.terminated import Terminated
from ripstop.faults.truncated import Truncated
from ripstop.faults.unknown_id import UnknownId
from ripstop.faults.unreachable import Unreachable
from ripstop.faults.unresolved import Unresolved
from ripstop.faults.wrong_key_type import WrongKeyType
from ripstop.faults.wrong_type import WrongType
from ripstop.model.fault import Facts, Fault, FaultSpec
from ripstop.model.trace import Crossing

_FAULTS: tuple[type[Any], ...] = (
    ReplyLost,
    ConnectionLost,
    ConnectionReset,
    Sqlstate,
    Declined,
    Status,
    Malformed,
    Truncated,
    Empty,
    MissingField,
    WrongType,
    Readonly,
    OutOfMemory,
    Loading,
    Evicted,
    WrongKeyType,
    StaleConnection,
    ConnectionRefused,
    PoolExhausted,
    Unresolved,
    DuplicateDelivery,
    RepeatedRequest,
    ClientGone,
    FieldMissing,
    FieldNull,
    FieldMistyped,
    FieldOutOfRange,
    FieldTooLong,
    FieldEmpty,
    FieldDuplicate,
    UnknownId,
    NoCredentials,
    OtherCredentials,
    Race,
    BeforeExpiry,
    AfterExpiry,
    NextDay,
    MonthEnd,
    LeapDay,
    Dst,
    Killed,
    Terminated,
    Paused,
    Slow,
    LateReply,
    Hang,
    Stall,
    Unreachable,
)
_BY_NAME = {fault.name: fault for fault in _FAULTS}


def names() -> tuple[str, ...]:
    """Every fault's name, in the order of offers."""
    return tuple(_BY_NAME)


def build(spec: FaultSpec, protocol: str, facts: Facts | None = None) -> Fault:
    """The fault a spec describes, for a seam of a protocol.

    With ``facts`` it answers as the seam's own double would (its error bodies, its declines).
    Raises UsageError: ``unknown-fault`` with the nearest name, ``fault-params`` with those that
    are wrong, ``fault-protocol`` where the seam cannot suffer this fault.
    """
    kind = _kind(spec.name)
    if protocol not in kind.protocols:
        raise UsageError(
            "fault-protocol",
            f"{spec.name} cannot happen at a {protocol} seam",
            way_out=f"at {protocol}: {', '.join(_names_at(protocol)) or 'no fault yet'}",
        )
    params = dict(spec.params)
    checked(kind, params)
    fault: Fault = kind(**params)
    return fault.informed(facts) if facts is not None and isinstance(fault, Informed) else fault


def offered(crossing: Crossing, facts: Facts) -> tuple[Fault, ...]:
    """Every fault that can really happen at a recorded crossing, in a fixed order."""
    return tuple(_offers(crossing, facts))


def page(name: str) -> str:
    """A fault's own page, Markdown. Raises UsageError (``unknown-fault``)."""
    return f"# {name}\n\n{inspect.getdoc(_kind(name))}\n"


def _offers(crossing: Crossing, facts: Facts) -> Iterator[Fault]:
    for kind in _FAULTS:
        if crossing.protocol in kind.protocols:
            yield from kind.offers(crossing, facts)


def _kind(name: str) -> type[Any]:
    if name in _BY_NAME:
        return _BY_NAME[name]
    near = difflib.get_close_matches(name, _BY_NAME, n=1)
    raise UsageError(
        "unknown-fault",
        f"there is no fault {name!r}",
        details=[f"did you mean {near[0]!r}?"] if near else [],
        way_out=f"one of: {', '.join(sorted(_BY_NAME))}",
    )


def _names_at(protocol: str) -> list[str]:
    return sorted(name for name, kind in _BY_NAME.items() if protocol in kind.protocols)
