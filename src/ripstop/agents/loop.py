"""The loop: author red, freeze, implement, tidy up, each step through the gate, each bounded.

It yields events and knows no reader. It works in a copy of the work tree, where each accepted patch is
committed, and ends with one patch of all of it, or none.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ripstop.agents import prompts
from ripstop.agents.adapters.adapter import Adapter, Ask
from ripstop.agents.gate import PLAIN, Gate, Handed, Task, committed
from ripstop.agents.phases import GREEN, RED, REFACTOR, Ground
from ripstop.agents.transcript import Told
from ripstop.integrity import repository
from ripstop.integrity.checkout import fresh
from ripstop.integrity.frozen import Frozen
from ripstop.integrity.process import Watch
from ripstop.integrity.repository import Repository
from ripstop.integrity.session import Session

ACCEPTED, REFUSED, FAILED, SPENT = "accepted", "refused", "agent-failed", "budget-spent"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far an agent may go: ``turns`` and ``timeout_s`` in an attempt, budgets in all (None: no end)."""

    turns: int = 60
    timeout_s: float = 900.0
    attempts: int = 3
    budget_usd: float | None = None
    budget_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """Who does it: an adapter, and what of our machine it is given.

    ``passed`` names variables, ``environment`` sets them, ``home`` are files its home directory starts with.
    """

    adapter: Adapter
    model: str = ""
    passed: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    home: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: ``about`` a behaviour; with ``red``, tests that are there and frozen already.

    ``base`` is the bench's commit that the patch is told from, where it is not HEAD.
    """

    about: str
    ground: Ground
    red: Frozen | None = None
    refactor: bool = True
    base: str = "HEAD"


@dataclass(frozen=True, slots=True)
class Began:
    """An attempt at a step, the first being 1."""

    phase: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Attempted:
    """What came of one: what was asked, what the agent did, and the gate's word on it."""

    phase: str
    attempt: int
    prompt: str
    told: Told
    handed: Handed
    seconds: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The end. ``why`` is ACCEPTED, or what was in the way; the patch is of all accepted steps, red ones too.

    ``cost_usd`` None: the agent reports none.
    """

    why: str
    patch: bytes = b""
    red: Frozen | None = None
    changed: tuple[str, ...] = ()
    cost_usd: float | None = None
    tokens: int = 0

    @property
    def accepted(self) -> bool:
        return self.why == ACCEPTED


Event = Began | Attempted | Ended


@dataclass(slots=True)
class Spent:
    """What an agent has used up so far; money None while it reports none."""

    cost_usd: float | None = None
    tokens: int = 0

    def take(self, told: Told) -> None:
        self.tokens += told.tokens
        if told.cost_usd is not None:
            self.cost_usd = (self.cost_usd or 0.0) + told.cost_usd

    def left_usd(self, bounds: Bounds) -> float | None:
        return None if bounds.budget_usd is None else bounds.budget_usd - (self.cost_usd or 0.0)

    def is_over(self, bounds: Bounds) -> bool:
        left = self.left_usd(bounds)
        out_of_tokens = bounds.budget_tokens is not None and self.tokens >= bounds.budget_tokens
        return out_of_tokens or (left is not None and left <= 0)


@contextlib.contextmanager
def bench(
    repo: Repository,
    session: Session,
    *,
    jailed: bool,
    bring: tuple[str, ...] = (),
    passed: tuple[str, ...] = (),
) -> Iterator[Gate]:
    """A gate on a copy of a work tree as it stands: its HEAD is where a drive starts."""
    with fresh(repo, bring=bring) as project:
        committed(project, "as it stands")
        yield Gate(Repository.around(project), jailed, session, bring, repo.project, passed)


def drive(agent: Agent, order: Order, bounds: Bounds, gate: Gate) -> Iterator[Event]:
    """Once around the loop on a bench; the last event is an Ended. Raises UsageError, StartError."""
    spent, inside, red = Spent(), gate.repository, order.red
    base = inside.revision(order.base)
    steps = [RED] * (red is None) + [GREEN] + [REFACTOR] * order.refactor
    for phase in steps:
        if spent.is_over(bounds):
            if phase == REFACTOR:
                break
            yield Ended(SPENT, b"", red, (), spent.cost_usd, spent.tokens)
            return
        about = order.about if red is None else named(red, order.about)
        ask = asked(phase, about, order.ground, gate)
        last = yield from _step(agent, ask, bounds, gate, red, spent)
        red = last.handed.red or red
        if last.handed.accepted:
            take(last.handed.patch, inside, phase)
        elif phase != REFACTOR:
            yield Ended(_why(last, bounds, spent), b"", red, (), spent.cost_usd, spent.tokens)
            return
    patch = inside.ask("diff", "--binary", *PLAIN, base, "HEAD")
    names = inside.ask("diff", "--name-only", "-z", base, "HEAD").decode(errors="surrogateescape")
    changed = tuple(name for name in names.split("\0") if name)
    yield Ended(ACCEPTED, patch, red, changed, spent.cost_usd, spent.tokens)


def _step(
    agent: Agent, ask: Ask, bounds: Bounds, gate: Gate, red: Frozen | None, spent: Spent
) -> Generator[Event, None, Attempted]:
    """Attempt a step until it is accepted or bounds are met; the last attempt."""
    prompt = ask.prompt
    draft: Mapping[str, bytes | None] = {}
    number = 0
    while True:
        number += 1
        yield Began(ask.phase, number)
        began = time.monotonic()
        this = replace(ask, prompt=prompt, budget_usd=spent.left_usd(bounds))
        handed, told = attempt(agent, this, bounds, gate, red, draft)
        spent.take(told)
        done = Attempted(ask.phase, number, prompt, told, handed, time.monotonic() - began)
        yield done
        if handed.accepted or number >= bounds.attempts or gave_up(done) or spent.is_over(bounds):
            return done
        draft = handed.draft
        prompt = prompts.again(ask.prompt, handed.refusals, kept=bool(draft))


def asked(phase: str, about: str, ground: Ground, gate: Gate) -> Ask:
    """A request in our words: what a step asks, about this."""
    return Ask(phase, prompts.ask(phase, about, ground, jailed=gate.jailed), ground)


def attempt(
    agent: Agent,
    ask: Ask,
    bounds: Bounds,
    gate: Gate,
    red: Frozen | None = None,
    draft: Mapping[str, bytes | None] | None = None,
) -> tuple[Handed, Told]:
    """One request to an agent, through the gate. Raises UsageError, StartError."""
    ask = replace(ask, turns=bounds.turns, jailed=gate.jailed, model=agent.model)
    call = agent.adapter.call(ask)
    task = Task(
        ask.phase,
        call.command,
        ask.ground,
        red,
        bounds.timeout_s,
        passed=agent.passed,
        environment={**call.environment, **agent.environment},
        home={**call.home, **agent.home},
        visible=call.visible,
        draft=draft or {},
        watch=_turns(agent.adapter, bounds.turns),
    )
    handed = gate.run(task)
    return handed, agent.adapter.read(handed.said)


def gave_up(done: Attempted) -> bool:
    """Whether the agent's own tool failed, as for want of a login, before anything was done."""
    return bool(done.told.problem) and not done.handed.changed


def named(red: Frozen, about: str) -> str:
    """A frozen set as the steps after it are told of it."""
    return "\n".join([*sorted(red.tests), *(["", about] if about else [])])


def take(patch: bytes, inside: Repository, message: str) -> None:
    """Lay an accepted patch over a bench, as a commit."""
    if patch:
        with tempfile.NamedTemporaryFile(suffix=".patch") as kept:
            kept.write(patch)
            kept.flush()
            repository.ask(inside.top, "apply", "--whitespace=nowarn", kept.name)
    committed(inside.project, message)


def _why(last: Attempted, bounds: Bounds, spent: Spent) -> str:
    if gave_up(last):
        return FAILED
    return SPENT if spent.is_over(bounds) else REFUSED


def _turns(adapter: Adapter, limit: int) -> Watch:
    """Ends a tool that keeps no count of its turns once it has had them all."""
    had = 0

    def watch(line: bytes) -> str:
        nonlocal had
        had += adapter.is_turn(line)
        return f"{limit} turns" if had > limit else ""

    return watch
