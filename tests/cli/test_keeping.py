"""What an exploration leaves for later commands: every cell with its mark and outcome, masked, bounded."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.explore.shop import CHARGE, STEP, Shop, answered, refused

from ripstop.cli import keeping
from ripstop.cli.keeping import Keeper
from ripstop.errors import UsageError
from ripstop.explore.engine import explore
from ripstop.explore.options import Options
from ripstop.model.experiment import Experiment
from ripstop.model.plan import Plan
from ripstop.model.state import Observation

NODEID = "tests/test_shop.py::test_order"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_shop.py").touch()
    return tmp_path


def kept(root: Path, shop: Shop | None = None, options: Options | None = None) -> dict[str, Any]:
    """The workflow's entry after an exploration."""
    keeper = Keeper(root)
    for event in explore([shop or Shop()], options or Options()):
        keeper.handle(event)
    keeper.save()
    document = json.loads((root / ".ripstop" / keeping.FILE).read_text())
    assert document["schema"] == keeping.SCHEMA
    entry: dict[str, Any] = document["workflows"][NODEID]
    return entry


def cell(entry: dict[str, Any], operation: str, fault: str) -> dict[str, Any]:
    """The one cell of a fault at an operation."""
    (found,) = (c for c in entry["cells"] if (c["operation"], c["fault"]) == (operation, fault))
    return dict(found)


def charged_twice(plan: Plan, _nth: int) -> Experiment:
    """Whatever breaks at COMMIT, the retry charges again."""
    run = refused(plan)
    if plan.injections[0].crossing.operation != "COMMIT":
        return run
    twice = (CHARGE, replace(CHARGE, key="k-2"))
    return replace(run, after_retry=replace(run.after_retry or Observation(), effects=twice))


def test_the_baseline_is_told_crossing_by_crossing(root: Path) -> None:
    entry = kept(root)

    assert (entry["workflow"], entry["steps"]) == ("place an order", [STEP])
    told = [(one["seam"], one["protocol"], one["operation"], one["kind"]) for one in entry["crossings"]]
    assert told == [
        ("payments", "http", "POST /v1/charges", "call"),
        ("db", "postgres", "BEGIN", "begin"),
        ("db", "postgres", "INSERT orders", "write"),
        ("db", "postgres", "COMMIT", "commit"),
    ]


def test_what_held_is_told_with_its_answer_and_what_stood(root: Path) -> None:
    found = cell(kept(root), "INSERT orders", "connection_lost")

    assert (found["mark"], found["step"], found["seam"], found["protocol"]) == (
        "held",
        STEP,
        "db",
        "postgres",
    )
    assert found["outcome"]["answer"]["status"] == 503
    assert found["outcome"]["rows"] == {"insert orders": {"expected": 1, "after_call": 0, "after_retry": 1}}
    assert found["outcome"]["retry"]["status"] == 201


def test_what_tore_is_told_with_its_rule_and_the_id_that_runs_it_again(root: Path) -> None:
    shop = Shop(charged_twice, key="body:key")

    entry = kept(root, shop)

    found = cell(entry, "COMMIT", "connection_lost")
    assert found["mark"] == "torn"
    assert found["note"]
    assert found["reason"]
    assert len(found["replay"]) == 10


def test_what_did_not_happen_is_told_with_why(root: Path) -> None:
    entry = kept(root, options=Options(faults=frozenset({"connection_lost"})))

    found = cell(entry, "COMMIT", "reply_lost")
    assert (found["mark"], found["note"], found["outcome"]) == ("not exercised", "filtered", {})


def test_an_exploration_of_less_keeps_what_an_earlier_one_saw(root: Path) -> None:
    kept(root)

    entry = kept(root, Shop(charged_twice, key="body:key"), Options(faults=frozenset({"connection_lost"})))

    assert cell(entry, "COMMIT", "reply_lost")["mark"] == "held"
    assert cell(entry, "COMMIT", "connection_lost")["mark"] == "torn"


def test_secrets_are_masked(root: Path) -> None:
    body = b'{"error": "no", "token": "abcdefghijkl", "url": "postgresql://shop:hunter2@db/x"}'
    shop = Shop(lambda plan, _nth: replace(refused(plan), exchanges=(answered(503, body),)))

    kept(root, shop)

    text = (root / ".ripstop" / keeping.FILE).read_text()
    assert "postgresql://shop:***@db/x" in text
    assert "hunter2" not in text
    assert "abcdefghijkl" not in text


def test_only_the_owner_may_read_it(root: Path) -> None:
    kept(root)

    assert stat.S_IMODE((root / ".ripstop").stat().st_mode) == 0o700
    assert stat.S_IMODE((root / ".ripstop" / keeping.FILE).stat().st_mode) == 0o600
    assert (root / ".ripstop" / ".gitignore").read_text() == "*\n"


def test_workflows_whose_file_is_gone_are_dropped_and_others_stay(root: Path) -> None:
    folder = root / ".ripstop"
    folder.mkdir()
    (root / "tests" / "test_other.py").touch()
    others = {"tests/test_other.py::test_a": {"cells": []}, "tests/test_gone.py::test_b": {"cells": []}}
    document = {"schema": keeping.SCHEMA, "workflows": others}
    (folder / keeping.FILE).write_text(json.dumps(document))

    kept(root)

    known = json.loads((folder / keeping.FILE).read_text())["workflows"]
    assert sorted(known) == ["tests/test_other.py::test_a", NODEID]


@pytest.mark.parametrize(
    "workflows", ["{", "3}", f'{{"{NODEID}": 3}}}}', f'{{"{NODEID}": {{"cells": [3, {{}}]}}}}}}']
)
def test_a_damaged_file_is_replaced(root: Path, workflows: str) -> None:
    (root / ".ripstop").mkdir()
    (root / ".ripstop" / keeping.FILE).write_text(
        f'{{"schema": "ripstop-explored/1", "workflows": {workflows}'
    )

    assert kept(root)["cells"]


def test_a_folder_that_cannot_be_written_is_told(root: Path) -> None:
    (root / ".ripstop").write_text("in the way")

    with pytest.raises(UsageError, match="what was judged cannot be kept") as raised:
        kept(root)

    assert raised.value.slug == "not-kept"
