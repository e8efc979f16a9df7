"""The cases that every route's tests must have, or a reason: what each means for this very route."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ripstop.agents.recipes.route.facts import Facts, Told
from ripstop.agents.recipes.route.words import code, listed, said
from ripstop.model.state import ColumnRule
from ripstop.model.survey import Reach

_MOST = 12
_REFUSALS = {
    "http": ("declined()", "status(503)", "connection_refused()", "hang()"),
    "smtp": ("status(550)", "connection_refused()"),
    "redis": ("connection_refused()", "readonly()"),
}
_UNKNOWN = ("connection_refused()",)


@dataclass(frozen=True, slots=True)
class Case:
    """A case by its title, with lines of what it is here."""

    title: str
    lines: tuple[str, ...]


def cases(facts: Facts) -> tuple[Case, ...]:
    """The mandatory cases, in the order in which they are asked for."""
    return tuple(Case(title, tuple(tell(facts))) for title, tell in _CASES)


def _happy(facts: Facts) -> Iterator[str]:
    if facts.usual:
        yield from facts.usual
    else:
        yield f"rows: {listed([one.operation for one in facts.writes]) if facts.writes else 'none written'}"
        effects = [one.operation for one in facts.outside if one.effect]
        yield f"effects outside: {listed(effects) if effects else 'none'}"
    if facts.workflow.tests:
        yield f"one may be there already: {listed(facts.workflow.tests[:3])}"


def _validation(facts: Facts) -> Iterator[str]:
    yield "after a refusal no row stands and nothing happened outside, whatever the status"
    demands = [line for table in facts.tables for one in facts.schema.of(table) if (line := _demand(one))]
    if demands:
        yield "what its rows demand, where the value is the caller's and not the service's own:"
    yield from demands[:_MOST]
    if len(demands) > _MOST:
        yield f"and {len(demands) - _MOST} more columns: see the rows above"
    if not demands:
        yield "each field missing, null, of another type, empty, too long"


def _demand(rule: ColumnRule) -> str:
    """What to send that breaks a column's rule; empty where it demands nothing but its type of a key."""
    if rule.column == "id":
        return ""
    tries = [*(["missing", "null"] if not rule.nullable else []), f"another type than {said(rule.type)}"]
    tries += [f"{rule.length + 1} characters"] if rule.length is not None else []
    tries += [f"breaking {code(one)}" for one in rule.checks]
    tries += [f"an id that {code(rule.references)} has not"] * bool(rule.references)
    tries += ["a value that is taken"] * rule.unique
    return f"{code(f'{rule.table}.{rule.column}')}: {', '.join(tries)}"


def _refusing(facts: Facts) -> Iterator[str]:
    for reach in facts.outside:
        yield from _broken(facts, reach, _REFUSALS.get(reach.protocol, _UNKNOWN))
        if reach.timeout is False:
            yield "it states no time-out: the hanging one is likely to be red"
    if not facts.outside:
        own = next((one for one in facts.reaches if one.protocol == "postgres"), None)
        if own is None:
            yield "none was read in its code: say so as the reason, if you see none either"
        else:
            yield "it calls nothing but its database:"
            yield _block(facts, own, "connection_refused()", "CONNECT")
    yield "what the caller is told must be true: nothing stands that was refused, no success without its rows"


def _failing(facts: Facts) -> Iterator[str]:
    pairs = list(facts.before_a_write())
    for effect, write in pairs[:3]:
        first, then = code(effect.operation), code(write.operation)
        yield f"{first} ({effect.place}) comes before {then} ({write.place})"
    for write in {one.operation: one for _, one in pairs}.values():
        yield _block(facts, write, "connection_lost()", write.operation)
        yield _block(facts, write, "reply_lost()", "COMMIT" if write.in_transaction else write.operation)
    if pairs:
        yield "then: is the effect taken back, finished by a retry, or lost? Assert which"
    elif len(facts.writes) > 1:
        last = facts.writes[-1]
        yield "no effect outside comes first, but several writes do: none of them may stand alone"
        yield _block(facts, last, "connection_lost()", last.operation)
    else:
        yield "no effect outside was read before a write: that is the reason, if you see none either"


def _repeated(facts: Facts) -> Iterator[str]:
    if facts.key:
        yield f"the key is {code(facts.key)}: the same request twice leaves its rows and effects once"
    else:
        yield "no idempotency key is stated: find out what a client may do after a time-out, and assert that"
    for table in facts.tables:
        for column in facts.schema.unguarded_keys(table):
            yield f"{code(f'{table}.{column}')} is not unique: nothing in the schema keeps a second row out"
    commit = next((one for one in facts.reaches if one.operation == "COMMIT"), None)
    if commit is not None:
        lost = _block(facts, commit, "reply_lost()", "COMMIT")
        yield f"and again after a success that the service never heard of: {lost}"
    yield from _red(one for one in facts.torn() if any(rule in one.note for rule in ("RS205", "RS206")))


def _broken(facts: Facts, reach: Reach, faults: Sequence[str]) -> Iterator[str]:
    for fault in faults:
        yield _block(facts, reach, fault, reach.operation)
    yield from _red(facts.torn(reach.operation))


def _red(torn: Iterable[Told]) -> Iterator[str]:
    """What is known to tear, by rule and crossing: a test of it is red until it is mended."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in torn:
        found[one.note, one.operation].append(one.fault)
    for (note, operation), faults in found.items():
        yield f"red today: {said(note)} at {code(operation)} under {listed(faults)}"


def _block(facts: Facts, reach: Reach, fault: str, at: str) -> str:
    seam = facts.seam(reach) or f"<the {reach.protocol} seam>"
    return code(f'with seams.{seam}.inject(faults.{fault}, at="{at}"):')


_CASES: Sequence[tuple[str, Callable[[Facts], Iterator[str]]]] = (
    ("Happy path", _happy),
    ("Validation", _validation),
    ("A dependency refuses", _refusing),
    ("A write fails after the effect", _failing),
    ("The request is repeated", _repeated),
)
