"""The server before the kit's own client: in memory, tools over a small project, errors with a way out."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.records.made_up import EXPLORED, NODEID
from tests.report.surveys import SURVEY

from mcp import Client
from ripstop import config
from ripstop.cli.explain import page
from ripstop.errors import UsageError
from ripstop.integrity.frozen import Frozen
from ripstop.integrity.paths import digest
from ripstop.mcp.server import server
from ripstop.mcp.telling import Knowledge

SETUP = """
import os, pg8000.native
db = pg8000.native.Connection("service", password="service", database="service", host=os.environ["PGH"],
                              port=int(os.environ["PGP"]), ssl_context=False)
db.run("CREATE TABLE orders (id bigint PRIMARY KEY, key text UNIQUE, amount int NOT NULL CHECK (amount > 0))")
db.run("CREATE TABLE lines (order_id bigint REFERENCES orders, at timestamptz DEFAULT now())")
db.run("INSERT INTO orders VALUES (1, 'k', 42)")
"""
PYPROJECT = """
[tool.ripstop.service]
command = "python app.py"
setup = "python setup_db.py"
env = {PGH = "{seams.db.host}", PGP = "{seams.db.port}"}
[tool.ripstop.seams.db]
protocol = "postgres"
[tool.ripstop.seams.cards]
protocol = "http"
double = "tests.nowhere:cards"
"""
TESTS = """
def test_right():
    assert True

def test_wrong():
    assert 1 + 1 == 3
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "setup_db.py").write_text(SETUP)
    (tmp_path / "test_sums.py").write_text(TESTS)
    (tmp_path / ".ripstop").mkdir()
    return tmp_path


def knowledge(root: Path) -> Knowledge:
    def kept(name: str) -> dict[str, Any]:
        return EXPLORED if name == "explored.json" else {}

    return Knowledge(root, lambda: config.load(root), lambda: SURVEY, kept, page, ("false",))


def asked(known: Knowledge, ask: Callable[[Client], Awaitable[Any]]) -> Any:
    """What a client gets that is connected to a server over this project."""

    async def connected() -> Any:
        async with Client(server(known)) as client:
            return await ask(client)

    return anyio.run(connected)


def called(known: Knowledge, tool: str, told: list[tuple[Any, ...]] | None = None, **arguments: Any) -> Any:
    """One tool's answer."""

    async def hear(*progress: Any) -> None:
        if told is not None:
            told.append(progress)

    return asked(known, lambda client: client.call_tool(tool, arguments, progress_callback=hear))


def test_each_tool_says_what_it_does_and_what_it_answers(project: Path) -> None:
    tools = asked(knowledge(project), lambda client: client.list_tools()).tools

    running = {one.name for one in tools if not one.annotations.read_only_hint}
    assert running == {"run_test", "replay"}
    assert {one.name for one in tools} - running == {
        "list_workflows", "list_risks", "schema", "query", "findings", "gate_status", "explain",
    }  # fmt: skip
    assert [one.name for one in tools if not (one.description and one.output_schema)] == []


def test_workflows_come_riskiest_first_with_what_no_test_covers(project: Path) -> None:
    told: list[tuple[Any, ...]] = []

    found = called(knowledge(project), "list_workflows", told).structured_content

    first = found["workflows"][0]
    assert (first["operation"], first["risk"], first["untested"], first["failure_modes"]) == (
        "POST /orders",
        95,
        2,
        3,
    )
    assert first["place"] == "orders/app.py:27"
    assert found["left_out"] == ["GET /health: reaches no seam"]
    assert told[-1] == (1, 1, "2 workflows")


def test_risks_are_of_one_operation_and_heaviest_first(project: Path) -> None:
    known = knowledge(project)

    found = called(known, "list_risks", operation="POST /orders").structured_content
    assert [one["slug"] for one in found["risks"]] == ["effect-then-write", "no-timeout"]
    assert called(known, "list_risks", most=1).structured_content["more"] == 2
    refused = called(known, "list_risks", operation="POST /nowhere")
    assert (refused.is_error, "no-such-route" in refused.content[0].text) == (True, True)


def test_findings_are_what_tore_with_their_rules(project: Path) -> None:
    found = called(knowledge(project), "findings").structured_content

    (one,) = found["findings"]
    assert (one["rules"], one["fault"], one["at"]) == ("RS205", "reply_lost", "POST /orders > db: COMMIT")
    assert one["nodeid"] == NODEID
    assert called(knowledge(project), "findings", workflow="another").structured_content["findings"] == []


def test_a_rule_is_explained_and_an_unknown_one_leads_to_the_nearest(project: Path) -> None:
    assert "duplicate-write" in called(knowledge(project), "explain", name="RS205").structured_content["page"]
    assert "did you mean" in called(knowledge(project), "explain", name="RS25").content[0].text


def test_the_live_schema_and_questions_come_through_the_role_that_can_only_select(project: Path) -> None:
    told: list[tuple[Any, ...]] = []

    async def ask(client: Client) -> Any:
        async def hear(*progress: Any) -> None:
            told.append(progress)

        schema = await client.call_tool("schema", {"table": "orders"}, progress_callback=hear)
        every = await client.call_tool("schema", {})
        rows = await client.call_tool("query", {"sql": "SELECT key, amount FROM orders"})
        write = await client.call_tool("query", {"sql": "INSERT INTO orders VALUES (2, 'l', 1)"})
        missing = await client.call_tool("schema", {"table": "nothing"})
        return schema, every, rows, write, missing

    schema, every, rows, write, missing = asked(knowledge(project), ask)

    (orders,) = schema.structured_content["tables"]
    assert schema.structured_content["role"] == "ripstop_reader"
    assert orders["columns"][2] == {"name": "amount", "type": "integer", "nullable": False, "default": ""}
    assert "orders_key_key: UNIQUE (key)" in orders["constraints"]
    assert "orders_amount_check: CHECK ((amount > 0))" in orders["constraints"]
    assert any("CREATE UNIQUE INDEX orders_pkey" in one for one in orders["indexes"])
    lines = every.structured_content["tables"][0]
    assert lines["constraints"] == ["lines_order_id_fkey: FOREIGN KEY (order_id) REFERENCES orders(id)"]
    assert lines["columns"][1]["default"] == "now()"
    assert rows.structured_content["rows"] == [["k", 42]]
    assert (write.is_error, "syntax error" in write.content[0].text) == (True, True)
    assert "no-such-table" in missing.content[0].text
    assert [one[:2] for one in told] == [(0, 2), (1, 2), (2, 2)]


def test_without_a_configuration_the_schema_is_refused_with_what_to_write(tmp_path: Path) -> None:
    refused = called(knowledge(tmp_path), "schema")

    assert refused.is_error
    assert "no-config" in refused.content[0].text


def test_a_test_is_run_and_each_outcome_told_as_it_comes(project: Path) -> None:
    told: list[tuple[Any, ...]] = []

    found = called(knowledge(project), "run_test", told, nodeid="test_sums.py").structured_content

    assert found["passed"] is False
    assert [(one["outcome"], one["place"]) for one in found["tests"]] == [
        ("passed", ""),
        ("failed", "test_sums.py:6"),
    ]
    assert "AssertionError" in found["tests"][1]["error"]
    assert told[-1] == (2, 2, "test_sums.py::test_wrong: failed")


def test_one_node_is_run_alone_and_passes(project: Path) -> None:
    found = called(knowledge(project), "run_test", nodeid="test_sums.py::test_right").structured_content

    assert (found["passed"], len(found["tests"])) == (True, 1)


@pytest.mark.parametrize(
    "nodeid", ["-x", "--collect-only", "../other/test_a.py", "/etc/passwd", "test_gone.py", ""]
)
def test_nothing_but_a_test_of_the_project_is_run(project: Path, nodeid: str) -> None:
    refused = called(knowledge(project), "run_test", nodeid=nodeid)

    assert (refused.is_error, "no-such-test" in refused.content[0].text) == (True, True)


def test_a_test_that_takes_too_long_is_ended_with_all_it_started(project: Path) -> None:
    (project / "test_slow.py").write_text(
        "import os, pathlib, subprocess\n\ndef test_slow():\n"
        "    child = subprocess.Popen(['sleep', '60'])\n"
        "    pathlib.Path('pids').write_text(str(child.pid))\n    child.wait()\n"
    )

    refused = called(knowledge(project), "run_test", nodeid="test_slow.py", timeout_s=12)

    assert "out-of-time" in refused.content[0].text
    assert not _runs(int((project / "pids").read_text()))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_replay_tells_what_its_run_printed(project: Path) -> None:
    (project / "ripstop.py").write_text("import sys\nprint('narrated', *sys.argv[1:])\nsys.exit(1)\n")
    known = replace(knowledge(project), ripstop=("python3", "ripstop.py"))

    found = called(known, "replay", id="6c976b59b4").structured_content
    assert found == {"replay": "6c976b59b4", "status": "torn", "narration": "narrated replay 6c976b59b4\n"}
    assert "no-such-replay" in called(known, "replay", id="--help").content[0].text


def test_the_gate_tells_what_is_frozen_and_what_was_bent(project: Path) -> None:
    known = knowledge(project)
    assert called(known, "gate_status").structured_content["next"].endswith("ripstop red FILE")
    test = project / "test_sums.py"
    red = Frozen("base", {"test_sums.py::test_wrong": "assertion"}, ("test_sums.py",),
                 {"test_sums.py": digest(test)}, {}, "", {}, (), {}, (), ())  # fmt: skip
    (project / ".ripstop" / "red.json").write_text(red.text)
    (project / ".ripstop" / "gate.patch").write_text("diff --git a/app.py b/app.py\n--- a/app.py\n")

    now = called(known, "gate_status").structured_content
    assert (now["red"], now["frozen_but_changed"], now["patch_touches"]) == (red.digest, [], ["app.py"])
    test.write_text("def test_wrong(): ...\n")
    assert called(known, "gate_status").structured_content["frozen_but_changed"] == ["test_sums.py"]


def test_a_damaged_red_set_is_told_and_not_taken_for_none(project: Path) -> None:
    (project / ".ripstop" / "red.json").write_text(json.dumps({"schema": "another"}))

    assert "bad-red-set" in called(knowledge(project), "gate_status").content[0].text


def test_what_reading_the_code_refuses_reaches_the_agent_whole(project: Path) -> None:
    def refuse() -> Any:
        raise UsageError("no-service", "no route here", way_out="name the service's folder")

    text = called(replace(knowledge(project), survey=refuse), "list_workflows").content[0].text

    assert "no route here [no-service]" in text
    assert "way out: name the service's folder" in text
