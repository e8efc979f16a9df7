"""The catalogue of faults: a file a fault; a fault answers each hook with commands as data.

Each name below makes a spec for ``inject``: ``faults.reply_lost()``, ``faults.status(503)``.
"""

from ripstop.faults.after_expiry import after_expiry
from ripstop.faults.before_expiry import before_expiry
from ripstop.faults.client_gone import client_gone
from ripstop.faults.connection_lost import connection_lost
from ripstop.faults.connection_refused import connection_refused
from ripstop.faults.connection_reset import connection_reset
from ripstop.faults.declined import declined
from ripstop.faults.dst import dst
from ripstop.faults.duplicate_delivery import duplicate_delivery
from ripstop.faults.empty import empty
from ripstop.faults.evicted import evicted
from ripstop.faults.field_duplicate import field_duplicate
from ripstop.faults.field_empty import field_empty
from ripstop.faults.field_missing import field_missing
from ripstop.faults.field_mistyped import field_mistyped
from ripstop.faults.field_null import field_null
from ripstop.faults.field_out_of_range import field_out_of_range
from ripstop.faults.field_too_long import field_too_long
from ripstop.faults.hang import hang
from ripstop.faults.killed import killed
from ripstop.faults.late_reply import late_reply
from ripstop.faults.leap_day import leap_day
from ripstop.faults.loading import loading
from ripstop.faults.malformed import malformed
from ripstop.faults.missing_field import missing_field
from ripstop.faults.month_end import month_end
from ripstop.faults.next_day import next_day
from ripstop.faults.no_credentials import no_credentials
from ripstop.faults.other_credentials import other_credentials
from ripstop.faults.out_of_memory import out_of_memory
from ripstop.faults.paused import paused
from ripstop.faults.pool_exhausted import pool_exhausted
from ripstop.faults.race import race
from ripstop.faults.readonly import readonly
from ripstop.faults.repeated_request import repeated_request
from ripstop.faults.reply_lost import reply_lost
from ripstop.faults.slow import slow
from ripstop.faults.sqlstate import sqlstate
from ripstop.faults.stale_connection import stale_connection
from ripstop.faults.stall import stall
from ripstop.faults.status import status
from ripstop.faults.terminated import terminated
from ripstop.faults.truncated import truncated
from ripstop.faults.unknown_id import unknown_id
from ripstop.faults.unreachable import unreachable
from ripstop.faults.unresolved import unresolved
from ripstop.faults.wrong_key_type import wrong_key_type
from ripstop.faults.wrong_type import wrong_type

__all__ = [
    "after_expiry",
    "before_expiry",
    "client_gone",
    "connection_lost",
    "connection_refused",
    "connection_reset",
    "declined",
    "dst",
    "duplicate_delivery",
    "empty",
    "evicted",
    "field_duplicate",
    "field_empty",
    "field_missing",
    "field_mistyped",
    "field_null",
    "field_out_of_range",
    "field_too_long",
    "hang",
    "killed",
    "late_reply",
    "leap_day",
    "loading",
    "malformed",
    "missing_field",
    "month_end",
    "next_day",
    "no_credentials",
    "other_credentials",
    "out_of_memory",
    "paused",
    "pool_exhausted",
    "race",
    "readonly",
    "repeated_request",
    "reply_lost",
    "slow",
    "sqlstate",
    "stale_connection",
    "stall",
    "status",
    "terminated",
    "truncated",
    "unknown_id",
    "unreachable",
    "unresolved",
    "wrong_key_type",
    "wrong_type",
]
