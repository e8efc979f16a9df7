"""The adapter of the Agent Client Protocol, against an agent written with the protocol's own library."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.agents.stub import PHRASES
from tests.integrity.shop import RED as TEST
from tests.integrity.shop import RIGHT_PRICES, Project, made

from ripstop.agents import jail, loop
from ripstop.agents.adapters import registry
from ripstop.agents.loop import Agent, Attempted, Bounds, Event, Order
from ripstop.agents.phases import GREEN, RED, Ground
from ripstop.agents.transcript import DENIED
from ripstop.integrity.repository import Repository
from ripstop.integrity.session import Session

AGENT = Path(__file__).with_name("acp_agent.py")
Steps = Sequence[tuple[str, str, str]]
WRITES: Steps = [("client", "tests/test_red.py", TEST)]


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return made(tmp_path / "shop", {"tests/test_new.py": "WORDS = ()\n"})


def driven(project: Project, scripts: Mapping[str, Steps], attempts: int = 1) -> list[Event]:
    """Everything it needs lies in the project: that is what it sees, jailed or not."""
    (project.root / "shop/agent.json").write_text(
        json.dumps({PHRASES[phase]: s for phase, s in scripts.items()})
    )
    (project.root / "shop/agent.py").write_text(AGENT.read_text())
    project.commit()
    agent = Agent(registry.named(f"acp:{sys.executable} shop/agent.py shop/agent.json"))
    order = Order("items are added", Ground(("tests",), ("shop",)), refactor=False)
    repo = Repository.around(project.root)
    with loop.bench(repo, Session(timeout_s=60.0), jailed=not jail.missing()) as gate:
        return list(loop.drive(agent, order, Bounds(timeout_s=60.0, attempts=attempts), gate))


def test_an_honest_agent_is_permitted_what_its_step_writes(shop):
    events = driven(shop, {RED: WRITES, GREEN: [("itself", "shop/prices.py", RIGHT_PRICES)]})
    red, green = (one for one in events if isinstance(one, Attempted))

    assert red.handed.accepted
    assert green.handed.accepted
    assert (red.told.last, red.told.tokens, red.told.problem) == ("That is all.", 42, "")
    assert [(step.kind, step.name) for step in green.told.steps][:1] == [("called", "itself shop/prices.py")]
    assert b"+    return sum(items)" in events[-1].patch


def test_a_write_elsewhere_is_denied_and_forcing_it_comes_to_nothing(shop):
    eased = TEST.replace("== 3", "== 0")
    cheat = [(how, "tests/test_red.py", eased) for how in ("client", "force")]
    events = driven(shop, {RED: WRITES, GREEN: cheat})
    green = [one for one in events if isinstance(one, Attempted)][-1]

    assert [step.kind for step in green.told.steps].count(DENIED) == 2
    assert {one.rule for one in green.handed.refusals} <= {"not-green", "outside-phase"}
    assert (events[-1].why, events[-1].patch) == (loop.REFUSED, b"")


def test_an_agent_that_does_not_speak_it_has_failed(shop):
    agent = Agent(registry.named("acp:false"))
    order = Order("items are added", Ground(("tests",), ("shop",)))
    with loop.bench(Repository.around(shop.root), Session(), jailed=not jail.missing()) as gate:
        events = list(loop.drive(agent, order, Bounds(timeout_s=30.0), gate))

    assert len([one for one in events if isinstance(one, Attempted)]) == 1
    assert events[-1].why == loop.FAILED
