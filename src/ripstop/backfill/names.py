"""Names that read as sentences: what the service does, when what breaks, after which effect.

A stable scheme: the same workflow, place and outcome give the same name in every run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ripstop.backfill.encode import identifier
from ripstop.backfill.words import path_noun, singular
from ripstop.model.experiment import Baseline
from ripstop.model.fault import FaultSpec
from ripstop.model.plan import Injection
from ripstop.model.trace import CLIENT, CONNECT, Crossing, Phase

LONGEST = 108
_WORKFLOW_CHARS = 40
_SMALL = frozenset({"a", "an", "the"})
_STATEMENTS = {"INSERT": "insert", "UPDATE": "update", "DELETE": "delete", "SELECT": "read", "MERGE": "merge"}
_ENDS = {"COMMIT": "the_commit", "BEGIN": "the_begin", "ROLLBACK": "the_rollback"}
_HAPPENS = {
    "connection_lost": "loses_its_connection",
    "connection_refused": "is_refused",
    "connection_reset": "is_reset",
    "declined": "is_declined",
    "duplicate_delivery": "is_delivered_twice",
    "empty": "is_answered_with_nothing",
    "hang": "hangs",
    "late_reply": "is_answered_too_late",
    "malformed": "is_answered_with_garbage",
    "missing_field": "is_answered_in_part",
    "pool_exhausted": "finds_no_connection",
    "race": "is_raced",
    "reply_lost": "loses_its_reply",
    "slow": "is_slow",
    "stale_connection": "meets_a_stale_connection",
    "stall": "stalls",
    "truncated": "is_answered_in_part",
    "unreachable": "goes_nowhere",
    "unresolved": "finds_no_host",
    "wrong_type": "is_answered_wrongly",
}
_PASSES = {
    "before_expiry": "just_before_something_expires",
    "after_expiry": "when_something_has_expired",
    "next_day": "a_day_later",
    "month_end": "on_the_last_of_a_month",
    "leap_day": "on_a_leap_day",
    "dst": "when_the_clocks_change",
}
_SENT = {
    "repeated_request": "the_request_is_repeated",
    "client_gone": "the_client_is_gone",
    "field_missing": "{what}_is_missing",
    "field_null": "{what}_is_null",
    "field_empty": "{what}_is_empty",
    "field_mistyped": "{what}_has_another_type",
    "field_out_of_range": "{what}_is_out_of_range",
    "field_too_long": "{what}_is_too_long",
    "field_duplicate": "{what}_is_taken",
    "unknown_id": "{what}_is_unknown",
    "no_credentials": "nobody_says_who_asks",
    "other_credentials": "somebody_else_asks",
}


def slug(workflow: str) -> str:
    """A workflow's name as part of file and test names.

    >>> slug("Place an order"), slug("../../etc")
    ('place_order', 'etc')
    """
    words = [word for word in identifier(workflow, "workflow").split("_") if word not in _SMALL]
    return cut("_".join(words) or "workflow", _WORKFLOW_CHARS)


def sentence(
    workflow: str, outcome: str, injection: Injection, faults: Sequence[FaultSpec], after: str
) -> str:
    """``test_place_order_keeps_one_charge_when_the_order_insert_loses_its_connection_after_the_charge``."""
    head = f"test_{slug(workflow)}_{outcome}"
    if injection.crossing.seam == CLIENT:
        return cut(f"{head}_when_{sent(injection.fault)}", LONGEST)
    if injection.fault.name in _PASSES:
        return cut(f"{head}_{_PASSES[injection.fault.name]}", LONGEST)
    when = f"when_{thing(injection)}_{happens(faults)}"
    every = "" if injection.tries or injection.crossing.operation == CONNECT else "_every_time"
    tail = f"_after_the_{after}" if after else ""
    for whole in (f"{head}_{when}{every}{tail}", f"{head}_{when}{every}", f"{head}_{when}"):
        if len(whole) <= LONGEST:
            return whole
    return cut(f"{head}_{when}", LONGEST)


def sent(fault: FaultSpec) -> str:
    """What the caller does: ``sku_is_missing``, ``nobody_says_who_asks``."""
    params = dict(fault.params)
    place = str(params.get("field", ""))
    what = identifier(place.rpartition("/")[2], "it") if place.startswith("/") else "its_id"
    return _SENT.get(fault.name, "{what}_is_wrong").format(what=what)


def thing(injection: Injection) -> str:
    """What breaks, as a noun: ``the_order_insert``, ``the_commit``, ``the_charge``."""
    verb, _, rest = injection.crossing.operation.partition(" ")
    if injection.crossing.operation == CONNECT:
        return f"a_connection_to_{identifier(injection.crossing.seam, 'it')}"
    if rest.startswith("/"):
        named = path_noun(rest)
        return f"the_{named}" if verb == "POST" else f"the_{named}_{verb.lower()}"
    if verb in _ENDS:
        return _ENDS[verb]
    table = singular(identifier(rest.split(" ")[0].rpartition(".")[2], "")) if rest else ""
    what = _STATEMENTS.get(verb, identifier(verb, "statement"))
    number = f"_{injection.crossing.nth}" if injection.crossing.nth > 1 else ""
    return f"the_{table}_{what}{number}" if table else f"the_{what}{number}"


def happens(faults: Sequence[FaultSpec]) -> str:
    """What happens to it; several different faults together are a failure."""
    names = {fault.name for fault in faults}
    if len(names) > 1:
        waiting = names <= {"hang", "stall", "late_reply", "slow", "unreachable"}
        return "keeps_it_waiting" if waiting else "fails"
    (name,) = names
    params = dict(faults[0].params)
    if name == "status" and len(faults) == 1:
        return f"answers_{params.get('code')}"
    if name == "sqlstate" and len(faults) == 1:
        return f"fails_with_{str(params.get('code')).lower()}"
    return _HAPPENS.get(name, "fails")


def effect_before(baseline: Baseline, injection: Injection) -> str:
    """The kind of the last effect that happened before a crossing; empty where none did."""
    place = injection.crossing
    calls: list[Crossing] = []
    for crossing in (c for c in baseline.trace if c.phase is Phase.CALL):
        here = crossing.id.step == place.step and crossing.id.seam == place.seam
        if crossing.id == place or (here and place.operation == CONNECT):
            break
        if crossing.protocol == "http":
            calls.append(crossing)
    else:
        return ""
    kinds = {effect.seam: effect.kind for effect in baseline.until(place.step).effects}
    return next((identifier(kinds[c.id.seam], "effect") for c in reversed(calls) if c.id.seam in kinds), "")


def unique(wanted: str, taken: set[str], key: str) -> str:
    """The name, or, where another test has it, the name with four hex digits of its key."""
    if wanted not in taken:
        return wanted
    return f"{cut(wanted, LONGEST - 5)}_{hashlib.sha256(key.encode()).hexdigest()[:4]}"


def cut(name: str, limit: int) -> str:
    """A name shortened at a word's end."""
    if len(name) <= limit:
        return name
    shorter = name[: limit + 1].rpartition("_")[0]
    return shorter[:limit] or name[:limit]
