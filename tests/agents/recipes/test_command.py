"""`/test-route POST /orders` in Claude Code itself, offline: what reaches the model is the filled recipe."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.agents.installed import folder
from tests.agents.stub import serving

from .test_installing import install

ORDERS = Path(__file__).parents[3] / "examples" / "orders"
OPTIONS = (
    "--output-format",
    "json",
    "--max-turns",
    "1",
    "--permission-mode",
    "dontAsk",
    "--strict-mcp-config",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "orders"
    shutil.copytree(ORDERS, root, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    install(root, "claude")
    return root


def typed(prompt: str, project: Path) -> tuple[str, str]:
    """What the tool sends to the model where a person types this, and what it tells the person."""
    own = Path(sys.executable).parent
    with serving({}) as stub:
        env = {
            "PATH": os.pathsep.join([str(own), os.defpath]),
            "HOME": str(project.parent),
            "ANTHROPIC_BASE_URL": stub.url,
            "ANTHROPIC_API_KEY": "dummy",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
        }
        done = subprocess.run(
            [str(folder("claude") / "claude"), "-p", prompt, *OPTIONS], cwd=project, env=env,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return "".join(json.dumps(body.get("messages")) for body in stub.bodies), done.stdout + done.stderr


def test_the_command_is_filled_in_from_the_route_before_the_model_reads_it(project: Path) -> None:
    sent, _ = typed("/test-route POST /orders", project)

    assert "handler `orders.app.place_order` at orders/app.py:" in sent
    assert "As the live schema has them:" in sent
    assert "- [ ] **A write fails after the effect**" in sent
    assert "$ARGUMENTS" not in sent


@pytest.mark.parametrize("hostile", ["$(touch taken)", 'POST /orders"; touch taken; echo "'])
def test_what_is_typed_after_the_command_runs_nothing_of_its_own(project: Path, hostile: str) -> None:
    sent, told = typed(f"/test-route {hostile}", project)

    assert not (project / "taken").exists()
    assert sent == ""
    assert "permission" in told
