"""The loop's bounds, with an agent that is an adapter of this file: a script, and what it says it cost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.integrity.shop import RED as TEST
from tests.integrity.shop import Project, made

from ripstop.agents import jail, loop
from ripstop.agents.adapters.adapter import Adapter, Ask, Call
from ripstop.agents.loop import Agent, Attempted, Bounds, Ended, Event, Order
from ripstop.agents.phases import GREEN, RED, Ground
from ripstop.agents.transcript import Told
from ripstop.integrity.repository import Repository
from ripstop.integrity.session import Session

GROUND = Ground(("tests",), ("shop",))
WRITE = f"cat > tests/test_red.py <<'END'\n{TEST}END"
MEND = "sed -i 's/return 0/return sum(items)/' shop/prices.py"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return made(tmp_path / "shop", {"tests/test_new.py": "WORDS = ()\n"})


def driven(
    project: Project, scripts: Sequence[str], bounds: Bounds, told: Told | None = None
) -> tuple[list[Attempted], Ended, list[Ask]]:
    """What came of an agent that runs one script after another, each time telling the same of itself."""
    asked: list[Ask] = []

    def call(ask: Ask) -> Call:
        asked.append(ask)
        return Call(("sh", "-c", scripts[min(len(asked), len(scripts)) - 1]))

    agent = Agent(Adapter("scripted", call, lambda _: told or Told(), tells_cost=True))
    order = Order("items are added", GROUND, refactor=False)
    with loop.bench(
        Repository.around(project.root), Session(timeout_s=60.0), jailed=not jail.missing()
    ) as gate:
        events: list[Event] = list(loop.drive(agent, order, bounds, gate))
    assert isinstance(events[-1], Ended)
    return [one for one in events if isinstance(one, Attempted)], events[-1], asked


def test_a_step_is_tried_as_often_as_it_may_be_and_told_why_not(shop):
    attempts, ended, asked = driven(shop, ["true"], Bounds(attempts=2))

    assert [(one.phase, one.attempt) for one in attempts] == [(RED, 1), (RED, 2)]
    assert ended.why == loop.REFUSED
    assert "nothing-red: no test was written" in asked[1].prompt
    assert "way out: add a test file" in asked[1].prompt
    assert "begin anew" in asked[1].prompt


def test_what_may_stay_of_a_refused_attempt_stays(shop):
    attempts, _, asked = driven(shop, [f"echo > tests/pytest.ini; {WRITE}", "ls tests"], Bounds(attempts=2))

    assert [one.rule for one in attempts[0].handed.refusals] == ["frozen-path"]
    assert attempts[1].handed.accepted
    assert "Your files are as you left them" in asked[1].prompt


@pytest.mark.parametrize(
    "bounds", [Bounds(budget_usd=0.05), Bounds(budget_tokens=100)], ids=["usd", "tokens"]
)
def test_money_and_tokens_end_it_before_the_next_attempt(shop, bounds):
    attempts, ended, _ = driven(shop, ["true"], bounds, Told(cost_usd=0.05, tokens=100))

    assert len(attempts) == 1
    assert (ended.why, ended.patch, ended.cost_usd, ended.tokens) == (loop.SPENT, b"", 0.05, 100)


def test_each_attempt_may_spend_what_is_left(shop):
    _, ended, asked = driven(shop, [WRITE, MEND], Bounds(budget_usd=1.0), Told(cost_usd=0.25))

    assert [(one.phase, one.budget_usd) for one in asked] == [(RED, 1.0), (GREEN, 0.75)]
    assert (ended.why, ended.cost_usd) == (loop.ACCEPTED, 0.5)
    assert ended.changed == ("shop/prices.py", "tests/test_red.py")


def test_a_budget_spent_on_red_leaves_nothing(shop):
    _, ended, asked = driven(shop, [WRITE, MEND], Bounds(budget_usd=0.2), Told(cost_usd=0.25))

    assert [one.phase for one in asked] == [RED]
    assert (ended.why, ended.patch) == (loop.SPENT, b"")


def test_a_tool_that_gave_up_is_not_asked_again(shop):
    attempts, ended, _ = driven(shop, ["exit 1"], Bounds(), Told(problem="not logged in"))

    assert len(attempts) == 1
    assert ended.why == loop.FAILED


def test_the_work_tree_itself_stays_as_it_is(shop):
    (shop.root / "shop/prices.py").write_text("def total(items):\n    return 0  # being written\n")
    _, ended, _ = driven(shop, [WRITE, MEND], Bounds())

    assert b"return sum(items)  # being written" in ended.patch
    assert shop.git("status", "--porcelain") == " M shop/prices.py\n"
