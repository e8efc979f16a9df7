"""What a finding's test asserts: the behaviour that is wanted, one small function a code.

A test of a finding is red today, by an assertion. A code nobody wrote a function for asserts the
baseline's final state after a repetition of the request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ripstop.backfill import inbound, names, racing, timing
from ripstop.backfill.candidate import FINDING, Candidate
from ripstop.backfill.encode import CannotRender, identifier, statement, string
from ripstop.backfill.flow import Flow, Step
from ripstop.backfill.leaves import dumped
from ripstop.backfill.observed import (
    Places,
    count_lines,
    effect_counts,
    effect_lines,
    row_lines,
    standing,
)
from ripstop.backfill.rows import WAITING, alters, rows_of
from ripstop.backfill.words import singular
from ripstop.model.experiment import Baseline, Moved
from ripstop.model.plan import Injection
from ripstop.model.secrets import MASK, mask_text
from ripstop.model.state import Observation
from ripstop.model.trace import CLIENT
from ripstop.model.verdict import Finding, Severity

MOST_FAULTS = 4
MOST_WAITING_FAULTS = 1
_REPEATED = "repeated_request"
_BLAMES = (400, 404, 409, 422)
_OF_THE_ANSWER = frozenset({"RS101", "RS102", "RS104", "RS501", "RS502"})
_SECOND = "field_duplicate"
_NO = (401, 403, 404)
_NO_TEST = {
    "RS304": "it is advice on the code, which no fault brings out",
    "RS901": "nothing was seen to tear",
    "RS902": "it did not repeat",
}
_REASON_CHARS = 200
_EXCERPT_CHARS = 60


@dataclass(frozen=True, slots=True)
class Case:
    """A finding with what its test is made of."""

    finding: Finding
    injection: Injection
    baseline: Baseline
    flow: Flow
    step: Step
    places: Places

    @property
    def usual(self) -> Observation:
        """What stands once the step is done, once."""
        return self.baseline.until(self.step.name)

    @property
    def before(self) -> Observation:
        """What stands before the step."""
        found = Observation()
        for one in self.baseline.steps:
            if one.name == self.step.name:
                break
            found = self.baseline.until(one.name)
        return found

    @property
    def evidence(self) -> Mapping[str, Any]:
        return self.finding.evidence

    @property
    def retry(self) -> list[str]:
        return ["", statement("retry = ", self.step.call)]


@dataclass(frozen=True, slots=True)
class Wish:
    """``outcome`` is the name's verb phrase, ``lines`` the assertions; ``counts`` needs ``broken``."""

    outcome: str
    lines: list[str]
    counts: bool = False


def candidate(
    finding: Finding,
    baseline: Baseline,
    flow: Flow,
    places: Places,
    taken: set[str],
    alter: inbound.Alter = inbound.unaltered,
) -> Candidate:
    """The test of one finding. Raises CannotRender where none can be written."""
    code = finding.rule.code
    if code in _NO_TEST or finding.severity is Severity.ADVICE:
        raise CannotRender(_NO_TEST.get(code, "it is advice, not a finding"))
    if len(finding.plan.injections) != 1:
        raise CannotRender("it takes two faults at once")
    raced = racing.is_race(finding.plan.injections[0])
    injection = _writable(finding)
    if injection.fault.name == "client_gone" and not baseline.idempotency_key:
        raise CannotRender("no test can hang up in the middle of a request")
    step = flow.step(injection.crossing.step)
    case = Case(finding, injection, baseline, flow, step, places)
    if alters(injection.fault) and code not in _OF_THE_ANSWER:
        raise CannotRender("it is about what comes after a broken request")
    wish = _WISHES.get(code, _final_state)(case)
    made = inbound.broken(injection, baseline, flow, alter) if alters(injection.fault) else None
    faults = [f for f in finding.faults if f.name != _REPEATED or injection.crossing.seam == CLIENT]
    quick = [f for f in faults if f.name not in WAITING][:MOST_FAULTS]
    slow = [f for f in faults if f.name in WAITING][:MOST_WAITING_FAULTS]
    passes = timing.move(injection, _moved(finding)) if timing.moves(injection) else None
    kept = (injection.fault,) if made or raced or passes else (*quick, *slow) or (injection.fault,)
    after = names.effect_before(baseline, injection)
    field = [finding.evidence["field"]] if finding.evidence.get("field") else []
    key = dumped([code, step.name, injection.crossing.seam, injection.crossing.operation, *field])
    name = names.unique(names.sentence(baseline.workflow, wish.outcome, injection, kept, after), taken, key)
    taken.add(name)
    return Candidate(
        name=name,
        kind=FINDING,
        workflow=baseline.workflow,
        injection=injection,
        faults=kept,
        before=made.before if made else tuple(flow.before(step.name)),
        call=racing.held(step.call) if raced else made.step.call if made else step.call,
        after=tuple(wish.lines),
        counts=wish.counts,
        reason=reason(finding),
        rows=finding_rows(finding, baseline),
        key=key,
        waits=any(f.name in WAITING for f in kept),
        fixtures=made.fixtures if made else (),
        second=racing.second(step, injection, baseline) if raced else None,
        clock=passes,
    )


def _moved(finding: Finding) -> Moved | None:
    told = finding.evidence.get("moved")
    return Moved(float(told["ahead_s"]), str(told["to"])) if told else None


def _writable(finding: Finding) -> Injection:
    """The injection to write; of several broken requests one that a single request can show."""
    first = finding.plan.injections[0]
    if first.fault.name != _SECOND:
        return first
    others = (fault for fault in finding.faults if alters(fault) and fault.name != _SECOND)
    return replace(first, fault=next(others, first.fault))


def reason(finding: Finding) -> str:
    """``RS205 duplicate-write: 2 rows in orders where the baseline has 1; replay 0123456789``."""
    title = " ".join(mask_text(finding.title).split())[:_REASON_CHARS]
    return f"{finding.rule.code} {finding.rule.slug}: {title}; replay {finding.replay}"


def finding_rows(finding: Finding, baseline: Baseline) -> tuple[str, ...]:
    """The checklist rows a finding tears."""
    repeats = finding.rule.code in ("RS204", "RS205", "RS206")
    found: dict[str, None] = {}
    for injection in finding.plan.injections[-1:]:
        for fault in finding.faults:
            found.update(dict.fromkeys(rows_of(baseline, injection, fault, repeats=repeats)))
    return tuple(found)


def _own_words(case: Case) -> Wish:
    """RS101: an answer that some code of the service chose."""
    told = case.evidence.get("answer") or {}
    if told.get("status") not in (None, 500):
        return Wish("answers_in_its_own_words", ['    assert "Traceback" not in response.text'])
    return Wish("answers_in_its_own_words", ["    assert response.status_code != 500"])


def _in_time(case: Case) -> Wish:  # noqa: ARG001
    """RS102: an answer within the budget; the client raises NoAnswer, an AssertionError, where none comes."""
    return Wish("answers_in_time", ["    assert response.status_code != 500"])


def _honest(case: Case) -> Wish:
    """RS103: no blame on the caller, no success without its result."""
    told = case.evidence.get("answer") or {}
    if told.get("status") in _BLAMES:
        return Wish("does_not_blame_the_caller", [f"    assert response.status_code not in {_BLAMES}"])
    return Wish("admits_the_failure", ["    assert response.status_code >= 500"])


def _tight(case: Case) -> Wish:
    """RS104: none of what leaked is in the answer."""
    leaks = case.evidence.get("leaks") or {}
    texts = [" ".join(str(text).split("\n")[0].split())[:_EXCERPT_CHARS] for text in leaks.values()]
    shown = [text for text in texts if text and MASK not in text]
    if not shown:
        raise CannotRender("what leaked is secret and is not written down")
    return Wish(
        "keeps_its_inside_to_itself", [f"    assert {string(text)} not in response.text" for text in shown]
    )


def _whole(case: Case) -> Wish:
    """RS201: nothing of the step stands after an error answer."""
    lines = row_lines(case.before, case.usual, case.baseline, case.places)
    return Wish("leaves_nothing_half_done", _some(lines))


def _true(case: Case) -> Wish:
    """RS202: rows and effects stand exactly when the answer says so."""
    lines = []
    new = standing(case.usual.changes, case.baseline) - standing(case.before.changes, case.baseline)
    for table, columns in new:
        found = count_lines(table, columns, 0, case.places)
        lines += [*found[:-1], *_as_told(found[-1])] if found else []
    (kinds,) = effect_counts(case.usual)
    for (seam, kind), count in sorted(kinds.items()) if case.evidence.get("missing_effects") else ():
        if count and seam.isidentifier():
            lines.append(f"    assert bool(seams.{seam}.effects({string(kind)})) == response.is_success")
    return Wish("tells_the_truth", _some(lines))


def _as_told(none: str) -> list[str]:
    """``assert X == []`` turned into: X is there exactly where the answer is a success."""
    what = none.strip().removeprefix("assert ").removesuffix(" == []")
    return [f"    assert bool({what}) == response.is_success"]


def _owned(case: Case) -> Wish:
    """RS203: after a repetition the effect has its rows."""
    effect = names.effect_before(case.baseline, case.injection)
    what = f"leaves_no_{effect}_without_its_row" if effect else "leaves_no_effect_without_its_row"
    return Wish(what, [*case.retry, *_state(case)])


def _one_effect(case: Case) -> Wish:
    """RS204: each effect once, however often the request is sent."""
    extra = {(e.get("seam"), e.get("kind")) for e in case.evidence.get("extra") or ()}
    (counts,) = effect_counts(case.usual)
    mine = {place: count for place, count in counts.items() if place in extra} or dict(counts)
    kind = next(iter(sorted(mine)), ("", "effect"))[1]
    lines = [*case.retry, *_some(effect_lines(mine))]
    return Wish(f"keeps_one_{identifier(kind, 'effect')}", lines)


def _one_row(case: Case) -> Wish:
    """RS205: the rows of one request, however often it is sent."""
    extra = case.evidence.get("extra_rows") or {}
    lines: list[str] = []
    table = "row"
    for (name, columns), count in standing(case.usual.changes, case.baseline).items():
        if not extra or name in extra:
            table = name
            lines += count_lines(name, columns, count, case.places)
    return Wish(f"writes_one_{singular(identifier(table, 'row'))}", [*case.retry, *_some(lines)])


def _final_state(case: Case) -> Wish:
    """RS206, and codes that came later: a repetition ends where the baseline ends."""
    check = [f"    assert retry.status_code == {case.step.status}"]
    return Wish("ends_well_when_repeated", [*case.retry, *check, *_state(case)])


def _works_again(case: Case) -> Wish:
    """RS301: once the fault is gone, a fresh run works and nothing is left open."""
    rest = [f"    seams.{name}.settle()" for name in case.places.databases]
    again = [*case.flow.before(case.step.name), statement("again = ", case.step.call)]
    return Wish("works_again", ["", *rest, *again, f"    assert again.status_code == {case.step.status}"])


def _refused(case: Case) -> Wish:
    """RS501: a request that cannot be right is the caller's to mend, and changes nothing."""
    lines = ["    assert 400 <= response.status_code < 500"]
    return Wish("changes_nothing", [*lines, *_nothing(case)])


def _shut(case: Case) -> Wish:
    """RS502: the wrong caller is told no, and changes nothing."""
    return Wish("lets_nobody_in", [f"    assert response.status_code in {_NO}", *_nothing(case)])


def _expired(case: Case) -> Wish:  # noqa: ARG001
    """RS503: what has expired opens nothing."""
    return Wish("lets_nobody_in", [f"    assert response.status_code in {_NO}"])


def _serial(case: Case) -> Wish:
    """RS401: what stands is what an order of the two leaves."""
    lines = racing.outcome(case.finding, case.baseline, case.step.name, case.places)
    return Wish("ends_as_one_after_the_other", lines)


def _both_told(case: Case) -> Wish:
    """RS402: no racer is told what nobody chose; a success has its rows."""
    if str(case.evidence.get("cause", "")).startswith("missing"):
        return _serial(case)
    return Wish("answers_both_in_its_own_words", racing.answers())


def _nothing(case: Case) -> list[str]:
    return inbound.unchanged(case.before, case.usual, case.baseline, case.places)


def _few_attempts(case: Case) -> Wish:
    """RS302: no more attempts than the cap."""
    attempts, usual = case.evidence.get("attempts"), case.evidence.get("baseline")
    if not isinstance(attempts, int) or not isinstance(usual, int):
        raise CannotRender("how often it was tried is not known")
    most = usual + case.baseline.retry_cap
    if attempts <= most or case.evidence.get("operation") != case.injection.crossing.operation:
        raise CannotRender("it is about the pause between attempts, which no assertion on state can tell")
    return Wish("does_not_storm", [f"    assert broken.attempts <= {most}"], counts=True)


def _no_more(case: Case) -> Wish:
    """RS303: what was refused for good is not sent again."""
    place = case.injection.crossing
    if case.evidence.get("operation") != place.operation:
        raise CannotRender("another operation than the broken one was sent again")
    usual = sum(
        (c.id.step, c.id.seam, c.id.operation) == (place.step, place.seam, place.operation)
        for c in case.baseline.trace
    )
    return Wish("takes_no_for_an_answer", [f"    assert broken.attempts == {max(usual, 1)}"], counts=True)


def _state(case: Case) -> list[str]:
    lines = row_lines(case.usual, case.usual, case.baseline, case.places)
    (counts,) = effect_counts(case.usual)
    return _some([*lines, *effect_lines(counts)])


def _some(lines: list[str]) -> list[str]:
    if not lines:
        raise CannotRender("it left nothing that an assertion could name")
    return lines


_WISHES: Mapping[str, Callable[[Case], Wish]] = {
    "RS101": _own_words,
    "RS102": _in_time,
    "RS103": _honest,
    "RS104": _tight,
    "RS201": _whole,
    "RS202": _true,
    "RS203": _owned,
    "RS204": _one_effect,
    "RS205": _one_row,
    "RS206": _final_state,
    "RS301": _works_again,
    "RS302": _few_attempts,
    "RS303": _no_more,
    "RS401": _serial,
    "RS402": _both_told,
    "RS501": _refused,
    "RS502": _shut,
    "RS503": _expired,
}
