"""`ripstop mcp` as an agent starts it: over standard input and output, which carry the protocol alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client.stdio import StdioServerParameters

from mcp import Client
from ripstop.cli import main

ORDERS = Path(__file__).parents[2] / "examples" / "orders"
TWO = "SELECT 1) AS x; DROP TABLE orders; SELECT * FROM (SELECT 1"
"""Good SQL as it is sent, and two statements."""
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    },
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "orders"
    shutil.copytree(ORDERS, root, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    setup = root / "orders" / "schema.py"
    setup.write_text(setup.read_text() + '    print("a set-up command may print")\n')
    return root


def test_a_client_is_served_over_standard_streams(project: Path) -> None:
    async def talk() -> tuple[Any, ...]:
        command = StdioServerParameters(
            command=sys.executable, args=["-m", "ripstop.cli.main", "mcp", str(project), "--no-import"]
        )
        async with Client(command, read_timeout_seconds=60) as client:
            workflows = await client.call_tool("list_workflows", {})
            schema = await client.call_tool("schema", {})
            write = await client.call_tool("query", {"sql": TWO})
            return workflows, schema, write

    workflows, schema, write = anyio.run(talk)

    assert workflows.structured_content["workflows"][0]["operation"] == "POST /orders"
    assert [one["name"] for one in schema.structured_content["tables"]] == ["orders"]
    assert "cannot insert multiple commands" in write.content[0].text


def test_standard_output_carries_the_protocol_alone_and_its_end_ends_the_server(project: Path) -> None:
    ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    ask = {
        "jsonrpc": "2.0",
        "id": 2,
        "method": "tools/call",
        "params": {"name": "gate_status", "arguments": {}},
    }
    lines = "".join(f"{json.dumps(one)}\n" for one in (HELLO, ready, ask))
    process = subprocess.Popen(
        [sys.executable, "-m", "ripstop.cli.main", "mcp", str(project)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(lines)
    process.stdin.flush()

    said = [json.loads(process.stdout.readline()) for _ in range(2)]
    rest, _ = process.communicate(timeout=30)

    assert [one["id"] for one in said] == [1, 2]
    assert (rest, process.returncode) == ("", 0)


def test_without_the_extra_the_command_that_installs_it_is_named(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in [one for one in sys.modules if one.startswith("ripstop.mcp")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)

    assert main.main(["mcp"]) == 2
    told = capfd.readouterr()
    assert "way out: pip install 'ripstop[mcp]'" in told.err
    assert told.out == ""


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main.main(["mcp", str(tmp_path / "gone")]) == 2
    assert "no-such-folder" in capfd.readouterr().err
