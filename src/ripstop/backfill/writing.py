"""From an exploration's records to test files: candidates, proof, merge, and a report of all of it.

Files are read and written by the caller; this room decides what is in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ripstop.backfill import desired, inbound, merging, module, names, pins
from ripstop.backfill.candidate import FINDING, Candidate, source
from ripstop.backfill.checklist import Kept, Told, checklist
from ripstop.backfill.encode import CannotRender, laid_out, prose
from ripstop.backfill.flow import Flow, flow_of
from ripstop.backfill.merging import Fresh, Standing
from ripstop.backfill.module import Block, Module
from ripstop.backfill.observed import Places
from ripstop.backfill.pins import Dropped
from ripstop.backfill.proving import Item, Proof, Run, prove
from ripstop.backfill.racing import is_race
from ripstop.model.events import WorkflowDone
from ripstop.model.experiment import Experiment
from ripstop.model.verdict import Finding, Severity

Format = Callable[[str], str]
"""Lays a file's text out as the project does."""


@dataclass(frozen=True, slots=True)
class Material:
    """One workflow's outcome. ``records`` are some of its experiments, ``existing`` the text of the
    file that stands at its place, empty where none does; ``file`` is that file's key."""

    file: str
    done: WorkflowDone
    records: tuple[Experiment, ...] = ()
    existing: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one workflow. ``text`` is the whole new file, empty where nothing is to be
    written. ``dropped`` are tests not written and why, ``removed`` tests of an earlier run that no
    longer hold."""

    file: str
    workflow: str
    text: str
    told: tuple[Told, ...]
    kept: tuple[Kept, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    edited: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(slots=True)
class _Draft:
    """A workflow's file in the making."""

    material: Material
    old: Module | None
    state: Standing
    constants: Mapping[str, str]
    flow: Flow
    candidates: list[Candidate] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    untested: list[Kept] = field(default_factory=list)
    theirs: list[Kept] = field(default_factory=list)
    problem: str = ""


def backfill(
    materials: Sequence[Material],
    run: Callable[[Mapping[str, str]], Run],
    layout: Format,
    *,
    red: bool = False,
    alter: inbound.Alter = inbound.unaltered,
) -> list[Written]:
    """The files to write. ``run`` gets the environment that stands in for secrets first; ``alter``
    says what a fault of the caller's side makes of a request."""
    drafts = [_draft(material, alter) for material in materials]
    environment = {name: value for draft in drafts for name, value in draft.flow.secrets.items()}
    items = [item for draft in drafts if not draft.problem for item in _items(draft)]
    by_file = {key: draft for draft in drafts for key in (draft.material.file, _earlier(draft))}

    def texts(asked: Sequence[Item], disarmed: bool) -> Mapping[str, str]:
        files = dict.fromkeys(item.file for item in asked)
        return {f: _trial(by_file[f], [i for i in asked if i.file == f], disarmed) for f in files}

    proof = prove(items, texts, run(environment))
    return [_written(draft, proof, layout, red=red) for draft in drafts]


def file_stem(done: WorkflowDone, taken: Mapping[str, str]) -> str:
    """``test_place_order``; another workflow of the same name gets the digits of its node id."""
    stem = f"test_{names.slug(done.baseline.workflow)}"
    if taken.get(stem, done.baseline.nodeid) == done.baseline.nodeid:
        return stem
    return f"{stem}_{module.short_key(done.baseline.nodeid)[:4]}"


def _draft(material: Material, alter: inbound.Alter = inbound.unaltered) -> _Draft:
    baseline = material.done.baseline
    try:
        old = module.read(material.existing) if material.existing.strip() else None
    except SyntaxError as error:
        problem = f"the file there is no Python (line {error.lineno}) and was left alone"
        return _Draft(material, None, Standing(), {}, Flow(()), problem=problem)
    state = merging.standing(old)
    try:
        records = [*(h.experiment for h in material.done.held), *material.records]
        flow = flow_of(baseline, records, names.slug(baseline.workflow))
        constants = {
            name: f"{name} = {laid_out(value, lead=len(name) + 3)}" for name, value in flow.constants.items()
        }
    except CannotRender as error:
        draft = _Draft(material, old, state, {}, Flow(()))
        draft.dropped.append(Dropped(baseline.workflow, str(error)))
        draft.untested += [_untested(f, str(error), material) for f in material.done.findings if _counts(f)]
        return draft
    draft = _Draft(material, old, state, constants, flow)
    _fill(draft, Places.of(baseline), alter)
    return draft


def _fill(draft: _Draft, places: Places, alter: inbound.Alter) -> None:
    done = draft.material.done
    taken: set[str] = set()
    for finding in done.findings:
        try:
            test = desired.candidate(finding, done.baseline, draft.flow, places, taken, alter)
            draft.candidates.append(test)
        except CannotRender as error:
            if _counts(finding):
                draft.untested.append(_untested(finding, str(error), draft.material))
    quiet = [one for one in done.held if not is_race(one.plan.injections[0])]
    found, dropped = pins.pins(quiet, done.baseline, draft.flow, places, alter)
    draft.dropped += dropped
    for pin in found:
        name = names.unique(pin.name, taken, pin.key)
        taken.add(name)
        draft.candidates.append(replace(pin, name=name))
    draft.theirs = [
        Kept(f"{c.name} (edited by you)", c.rows) for c in draft.candidates if c.name in draft.state.edited
    ]
    allowed = {f.name for f in merging.wanted([_fresh(c, red=False) for c in draft.candidates], draft.state)}
    draft.candidates = [c for c in draft.candidates if c.name in allowed]


def _counts(finding: Finding) -> bool:
    return finding.severity is not Severity.ADVICE


def _untested(finding: Finding, why: str, material: Material) -> Kept:
    rows = desired.finding_rows(finding, material.done.baseline)
    return Kept(why, rows, finding.rule.code)


def _fresh(test: Candidate, *, red: bool, disarmed: bool = False) -> Fresh:
    return Fresh(test.name, test.kind, test.key, source(test, red=red, disarmed=disarmed))


def _items(draft: _Draft) -> list[Item]:
    file = draft.material.file
    items = [Item(file, c.name, c.kind, candidate=c) for c in draft.candidates]
    old = draft.state.carried.items()
    items += [Item(_earlier(draft), name, entry.kind, carried=text) for name, (entry, text) in old]
    return items


def _earlier(draft: _Draft) -> str:
    """The trial of tests from an earlier run, kept apart: a fresh test may have the same name."""
    return f"{draft.material.file}_earlier"


def _trial(draft: _Draft, asked: Sequence[Item], disarmed: bool) -> str:
    """A file that holds only what is to be proved, and what of a person's it may need."""
    fresh = [_fresh(i.candidate, red=True, disarmed=disarmed) for i in asked if i.candidate]
    helpers = tuple(b for b in draft.state.kept if b.kind != module.TEST)
    old = replace(draft.old, blocks=(*helpers, *_carried(draft))) if draft.old else None
    state = replace(draft.state, kept=helpers)
    names_ = [item.name for item in asked if not item.candidate]
    return module.write(merging.merged(old, state, fresh, names_, draft.constants, ""))


def _carried(draft: _Draft) -> tuple[Block, ...]:
    return tuple(Block(module.TEST, name, text) for name, (_, text) in draft.state.carried.items())


def _written(draft: _Draft, proof: Proof, layout: Format, *, red: bool) -> Written:
    material, done = draft.material, draft.material.done
    places = (material.file, _earlier(draft))
    mine = _settled(draft, [item for item in proof.items if item.file in places])
    lost = [(item, why) for item, why in proof.lost if item.file in places]
    tests = [_fresh(item.candidate, red=red) for item in mine if item.candidate]
    carried = [item.name for item in mine if not item.candidate]
    kept = [_kept(item, draft) for item in mine]
    dropped = [*draft.dropped, *(Dropped(*_said(i, why), i.candidate.rows) for i, why in lost if i.candidate)]
    untested = [
        *draft.untested,
        *(_lost_finding(i, why) for i, why in lost if i.kind == FINDING and _gone(i, mine)),
    ]
    text = ""
    if not draft.problem and (tests or carried or draft.old):
        head = _head(done.baseline.workflow, draft.flow)
        text = layout(
            module.write(merging.merged(draft.old, draft.state, tests, carried, draft.constants, head))
        )
        compile(text, material.file, "exec")
    return Written(
        material.file,
        done.baseline.workflow,
        text,
        checklist(done, [*kept, *draft.theirs], untested, dropped),
        tuple(kept),
        tuple(dropped),
        tuple((i.name, why) for i, why in lost if not i.candidate and i.name not in {m.name for m in mine}),
        draft.state.edited,
        draft.state.deleted,
        draft.flow.secrets,
        draft.problem,
    )


def _said(item: Item, why: str) -> tuple[str, str]:
    faults = ", ".join(str(fault) for fault in item.candidate.faults) if item.candidate else ""
    return f"{item.name} [{faults}]", why


def _gone(item: Item, left: Sequence[Item]) -> bool:
    return item.candidate is not None and all(other.name != item.name for other in left)


def _lost_finding(item: Item, why: str) -> Kept:
    assert item.candidate is not None
    return Kept(why, item.candidate.rows, item.candidate.reason.partition(" ")[0])


def _settled(draft: _Draft, items: Sequence[Item]) -> list[Item]:
    """Of a fresh test and an earlier one of the same place and outcome, the one that tries more faults."""
    fresh = {module.short_key(i.candidate.key): i for i in items if i.candidate}
    names_ = {i.name: i for i in items if i.candidate}
    given_up: set[int] = set()
    for item in items:
        if item.candidate is None:
            entry, text = draft.state.carried[item.name]
            rival = fresh.get(entry.key) or names_.get(item.name)
            if rival is None or rival.candidate is None:
                continue
            broader = rival is fresh.get(entry.key) and text.count("faults.") > len(rival.candidate.faults)
            given_up.add(id(rival if broader else item))
    return [item for item in items if id(item) not in given_up]


def _kept(item: Item, draft: _Draft) -> Kept:
    if item.candidate is None:
        key = draft.state.carried[item.name][0].key
        rival = next((c for c in draft.candidates if module.short_key(c.key) == key), None)
        code = rival.reason.partition(" ")[0] if rival else "earlier"
        return Kept(item.name, rival.rows if rival else (), code if item.kind == FINDING else "")
    code = item.candidate.reason.partition(" ")[0] if item.kind == FINDING else ""
    return Kept(item.name, item.candidate.rows, code)


def _head(workflow: str, flow: Flow) -> str:
    title = prose(workflow) or "A workflow"
    lines = [f'"""{title[0].upper()}{title[1:]}: what holds, and what tears, when a seam breaks.', ""]
    lines += ["Written by `ripstop backfill` from what it saw. Edit freely: a test that was edited or"]
    lines += ["deleted here is left alone by the next run."]
    if flow.secrets:
        lines += ["", f"Secrets are not written down; set {', '.join(flow.secrets)} before running."]
    return "\n".join([*lines, '"""'])
