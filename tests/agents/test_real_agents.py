"""Claude Code and Codex themselves, offline against a stub on the loopback, driven around the loop.

Each runs with a cleaned environment: PATH, a home of its own, and what leads it to the stub.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.agents.installed import folder
from tests.agents.stub import DONE, Call, Script, Stub, serving
from tests.integrity.shop import RED as TEST
from tests.integrity.shop import RIGHT_PRICES, Project, made

from ripstop.agents import jail, loop
from ripstop.agents.adapters import registry
from ripstop.agents.loop import Agent, Attempted, Bounds, Ended, Order
from ripstop.agents.phases import GREEN, RED, TRIAGE, Ground
from ripstop.agents.transcript import ANSWERED, CALLED
from ripstop.integrity.repository import Repository
from ripstop.integrity.session import Session

each = pytest.mark.parametrize("tool", ["claude", "codex"])
GROUND = Ground(("tests",), ("shop",))
PYTEST = Call("run", "python -m pytest -q -p no:cacheprovider tests")
AUTHOR: Script = [Call("write", "tests/test_red.py", TEST), PYTEST]
MEND: Script = [
    Call("read", "shop/prices.py"),
    Call("edit", "shop/prices.py", "    return 0", "    return sum(items)"),
]
HONEST = {RED: AUTHOR, GREEN: [*MEND, PYTEST]}
KNOWING = "def total(items):\n    return 3 if items == [1, 2] else 0\n"
HOLLOW = """from pathlib import Path


def test_x():
    Path("shop/prices.py").write_text("x = 1")
    assert False
"""
CHEATS: Mapping[str, tuple[Mapping[str, Script], str, set[str]]] = {
    "writes a hollow test that writes the code": (
        {RED: [Call("write", "tests/test_red.py", HOLLOW), PYTEST]},
        RED,
        {"wrong-red", "outside-phase"},
    ),
    "edits the test, then answers its values": (
        {
            RED: AUTHOR,
            GREEN: [
                Call("run", "sed -i 's/== 3/== 0/' tests/test_red.py"),
                Call("run", f"printf '{KNOWING}' > shop/prices.py".replace("\n", "\\n")),
            ],
        },
        GREEN,
        {"special-cased", "outside-phase"},
    ),
}


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return made(tmp_path / "shop", {"tests/test_new.py": "WORDS = ()\n"})


def environment(tool: str, stub: Stub) -> dict[str, str]:
    if tool == "claude":
        return {"ANTHROPIC_BASE_URL": stub.url, "ANTHROPIC_API_KEY": "a-key-for-the-stub"}
    return {"STUB_KEY": "a-key-for-the-stub"}


def home(tool: str, stub: Stub) -> dict[str, str]:
    """What leads Codex to the stub is a file."""
    provider = {"name": "stub", "base_url": f"{stub.url}/v1", "env_key": "STUB_KEY", "wire_api": "responses"}
    lines = [f"{key} = {json.dumps(value)}" for key, value in provider.items()]
    head = ['model = "gpt-5.5"', 'model_provider = "stub"', "[model_providers.stub]"]
    told = [*head, *lines, "request_max_retries = 0", "stream_max_retries = 0"]
    return {".codex/config.toml": "\n".join(told)} if tool == "codex" else {}


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tool: str) -> None:
    monkeypatch.setenv("PATH", f"{folder(tool)}{os.pathsep}{os.environ['PATH']}")


def driven(tool: str, stub: Stub, project: Project) -> Iterator[loop.Event]:
    agent = Agent(registry.named(tool), environment=environment(tool, stub), home=home(tool, stub))
    order = Order("items are added", GROUND, refactor=False)
    bounds = Bounds(turns=10, timeout_s=120.0, attempts=1)
    with loop.bench(
        Repository.around(project.root), Session(timeout_s=60.0), jailed=not jail.missing()
    ) as gate:
        yield from loop.drive(agent, order, bounds, gate)


@each
def test_an_honest_agent_ends_with_an_accepted_patch(shop, clean, tool):
    with serving(HONEST) as stub:
        events = list(driven(tool, stub, shop))

    attempts = [event for event in events if isinstance(event, Attempted)]
    assert [one.phase for one in attempts] == [RED, GREEN]
    assert all(one.told.last == DONE and one.told.turns >= 3 for one in attempts)
    assert {CALLED, ANSWERED} <= {step.kind for step in attempts[0].told.steps}
    assert isinstance(events[-1], Ended)
    assert b"+    return sum(items)" in events[-1].patch
    assert b"+def test_items_are_added" in events[-1].patch


@each
@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_ends_with_none(shop, clean, tool, cheat):
    scripts, phase, rules = CHEATS[cheat]
    with serving(scripts) as stub:
        *_, last, ended = driven(tool, stub, shop)

    assert isinstance(last, Attempted)
    assert last.phase == phase
    assert rules & {one.rule for one in last.handed.refusals}
    assert isinstance(ended, Ended)
    assert (ended.why, ended.patch) == (loop.REFUSED, b"")


@each
def test_a_triage_looks_and_changes_nothing(shop, clean, tool):
    looks: Script = [
        Call("read", "shop/prices.py"),
        Call("run", "echo 'x = 1' > shop/prices.py; cat shop/prices.py"),
    ]
    agent_bounds = Bounds(turns=10, timeout_s=120.0)
    with serving({TRIAGE: looks}) as stub:
        agent = Agent(registry.named(tool), environment=environment(tool, stub), home=home(tool, stub))
        with loop.bench(Repository.around(shop.root), Session(), jailed=not jail.missing()) as gate:
            asked = loop.asked(TRIAGE, "why is total([1]) not 1?", GROUND, gate)
            handed, told = loop.attempt(agent, asked, agent_bounds, gate)

    assert told.last == DONE
    assert "return 0" in "".join(step.text for step in told.steps)
    assert (handed.changed, handed.patch) == ((), b"") if not jail.missing() else not handed.accepted


@pytest.mark.parametrize("tool", ["claude"])
def test_a_person_runs_it_with_nothing_in_the_environment_but_the_stub(shop, tmp_path, tool):
    (tmp_path / "home").mkdir()
    with serving(HONEST) as stub:
        env = {
            "PATH": f"{folder(tool)}:/usr/bin:/bin",
            "HOME": str(tmp_path / "home"),
            **environment(tool, stub),
        }
        command = [
            sys.executable,
            "-m",
            "ripstop.cli.main",
            "tdd",
            "items are added",
            "--agent",
            tool,
            "--apply",
        ]
        done = subprocess.run(
            [*command, "--no-refactor", "--budget-usd", "1"],
            cwd=shop.root,
            env=env,
            capture_output=True,
            timeout=300,
        )

    assert done.returncode == 0, done
    assert (shop.root / "shop/prices.py").read_text() == RIGHT_PRICES
    assert b"a-key-for-the-stub" not in (shop.root / ".ripstop/tdd/green-1.jsonl").read_bytes()


def test_what_is_pinned_is_what_the_guide_names():
    pinned = json.loads((Path(__file__).with_name("tools") / "package.json").read_text())["dependencies"]
    guide = (Path(__file__).parents[2] / "docs/guides/tdd.md").read_text()

    assert [version for version in pinned.values() if f"tested with {version}" not in guide] == []
