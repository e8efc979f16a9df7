"""One experiment told crossing by crossing, for ``ripstop replay``: plain text, encoded for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ripstop.model.experiment import Baseline, Experiment
from ripstop.model.http import Exchange
from ripstop.model.secrets import mask_body, mask_json, mask_text
from ripstop.model.state import Change, Effect, Observation
from ripstop.model.trace import Crossing, Phase
from ripstop.model.verdict import Status, Verdict
from ripstop.report.columns import interleaving, shown_in
from ripstop.report.text import clean, count

_CROSSINGS = 200
_ITEMS = 20
_LOG_LINES = 15
_TITLES = {
    Phase.SETUP: "set-up",
    Phase.CALL: "call",
    Phase.RIVAL: "rival",
    Phase.RETRY: "retry",
    Phase.RECOVERY: "recovery",
}


def narrate(experiment: Experiment, baseline: Baseline, verdicts: Sequence[Verdict] = ()) -> str:
    """The experiment from its plan to its verdicts, a line for each crossing. Ends with a newline."""
    return "\n".join(_all(experiment, baseline, verdicts)) + "\n"


def _all(experiment: Experiment, baseline: Baseline, verdicts: Sequence[Verdict]) -> Iterator[str]:
    yield clean(baseline.workflow)
    yield from _broken(experiment)
    yield from interleaving(experiment)
    yield from _crossings(experiment)
    yield ""
    for exchange in experiment.exchanges:
        yield f"  caller    {_exchange(exchange)}"
    yield from _orders(experiment)
    if experiment.died:
        yield f"  died      {clean(mask_text(experiment.died))}"
    yield from _observed("stood", experiment.after_call)
    yield from _again(experiment)
    if experiment.after_retry is not None:
        yield from _observed("then", experiment.after_retry)
    yield from _aftermath(experiment)
    for verdict in verdicts:
        if verdict.status is not Status.HELD:
            yield f"  {verdict.status:<9} {verdict.rule.code}  {clean(mask_text(verdict.summary))}"
    if verdicts and all(verdict.status is Status.HELD for verdict in verdicts):
        yield f"  held      by {count(len(verdicts), 'oracle')}"


def _broken(experiment: Experiment) -> Iterator[str]:
    for injection in experiment.plan.injections:
        fired = "" if injection in experiment.fired else "   (never fired)"
        yield f"  breaking  {clean(injection)}, in {clean(injection.crossing.step)}{fired}"
    if not experiment.plan.injections:
        yield "  breaking  nothing: a control"
    if experiment.moved is not None:
        yield f"  clock     moved to {clean(experiment.moved.to)}"


def _again(experiment: Experiment) -> Iterator[str]:
    """The broken request sent once more: as it was, or with a wrong credential."""
    if experiment.retry is not None:
        yield f"  retry     {_exchange(experiment.retry)}"
    if experiment.spoilt is not None:
        yield f"  wrong     {_exchange(experiment.spoilt)}: with another value for what has expired"


def _crossings(experiment: Experiment) -> Iterator[str]:
    phase: Phase | None = None
    told = shown_in(experiment)
    shown = [c for c in experiment.trace if c.phase is not Phase.SETUP and c not in told]
    for crossing in shown[:_CROSSINGS]:
        if crossing.phase is not phase:
            phase = crossing.phase
            yield ""
            yield f"  {_TITLES[phase]}"
        yield _crossing(crossing)
    if len(shown) > _CROSSINGS:
        yield f"    ... and {len(shown) - _CROSSINGS} more"


def _orders(experiment: Experiment) -> Iterator[str]:
    """The other racer's answer, and what both are told one after the other."""
    race = experiment.race
    if race is None:
        return
    if race.rival is not None:
        yield f"  second    {_exchange(race.rival)}"
    if race.note:
        yield f"  no race   {clean(race.note)}"
    for order in (one for one in race.serial if one.order != "instead"):
        told = [str(e.answer.status or e.answer.failure) for e in (order.first, order.rival) if e]
        names = "first, then second" if order.order == "after" else "second, then first"
        yield f"  in order  {names}: the first is told {told[0]}, the second {told[-1]}"


def _crossing(crossing: Crossing) -> str:
    late = "  (after the answer)" if crossing.after_answer else ""
    fault = f"  <- {clean(crossing.fault)}" if crossing.fault else ""
    times = f" #{crossing.id.nth}" if crossing.id.nth > 1 else ""
    operation = f"{clean(crossing.id.operation, 60)}{times}"
    return (
        f"  {crossing.at_ms:>9.1f} ms  {clean(crossing.id.seam, 16):<10} {operation:<32} "
        f"{clean(crossing.outcome, 24)}{fault}{late}"
    ).rstrip()


def _exchange(exchange: Exchange) -> str:
    answer = exchange.answer
    if answer.failure:
        told = (
            "no answer within the budget" if answer.failure == "timeout" else f"no answer: {answer.failure}"
        )
    else:
        told = f"{answer.status} {clean(mask_body(answer.body), 160)}".rstrip()
    return f"{clean(exchange.step, 60)}  {told}  ({answer.duration_ms:.0f} ms)"


def _observed(label: str, seen: Observation) -> Iterator[str]:
    items = [*map(_change, seen.changes), *map(_effect, seen.effects)]
    if not items:
        yield f"  {label:<9} nothing: no row changed, no effect"
    for number, item in enumerate(items[:_ITEMS]):
        yield f"  {label if not number else '':<9} {item}"
    if len(items) > _ITEMS:
        yield f"  {'':<9} ... and {len(items) - _ITEMS} more"


def _change(change: Change) -> str:
    image = mask_json(dict(change.new or change.old or {}))
    values = ", ".join(f"{name}={'NULL' if value is None else value}" for name, value in image.items())
    return f"{change.kind} {clean(change.table, 40)} {clean(values, 120)}  (transaction {change.transaction})"


def _effect(effect: Effect) -> str:
    data = ", ".join(f"{name}={value}" for name, value in mask_json(dict(effect.data)).items())
    return f"{clean(effect.seam, 20)}: {clean(effect.kind, 40)} {clean(data, 120)}".rstrip()


def _aftermath(experiment: Experiment) -> Iterator[str]:
    if experiment.probe is not None and experiment.probe.failure:
        yield f"  probe     an unrelated request meanwhile: {clean(experiment.probe.failure)}"
    if experiment.probe_kept:
        yield "  probe     an unrelated request meanwhile: answered only once this one was"
    for transaction in experiment.open_transactions[:5]:
        yield f"  left open {clean(mask_text(transaction), 160)}"
    if experiment.recovery is not None:
        told = "green" if experiment.recovery else f"red: {clean(mask_text(experiment.recovery_error), 160)}"
        yield f"  recovery  a fresh run without faults: {told}"
    if experiment.source is not None:
        yield f"  source    {clean(experiment.source)}  {clean(experiment.source.text.strip(), 100)}".rstrip()
    if experiment.dirty:
        yield f"  unknown   {clean(mask_text(experiment.dirty))}"
    for number, line in enumerate(experiment.log[-_LOG_LINES:]):
        yield f"  {'' if number else 'log':<9} {clean(mask_text(line), 160)}"
