"""The plugin before Claude Code's own validator, offline, with nothing of this machine's environment."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.agents.installed import tools

from .test_installing import install

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@pytest.fixture(scope="module")
def validator() -> list[str] | None:
    """The command that validates; None, with the reason printed, where the tool cannot be had."""
    folder = tools().get("claude")
    return [str(folder / "claude"), "plugin", "validate"] if folder else None


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    install(tmp_path, "plugin")
    return tmp_path / "plugins" / "ripstop"


def problems(plugin: Path, validator: list[str] | None) -> list[str]:
    """What is wrong with a plugin, by the tool itself or else by what its documentation asks for."""
    if validator is None:
        return list(documented(plugin))
    with tempfile.TemporaryDirectory() as home:
        env = {"PATH": os.defpath, "HOME": home}
        runs = [
            subprocess.run(
                [*validator, *options, str(plugin)],
                env=env,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            for options in (["--strict"], ["--profile", "directory"])
        ]
    return [one.stdout + one.stderr for one in runs if one.returncode]


def documented(plugin: Path) -> Iterator[str]:
    """Claude Code's "Plugins reference": the manifest's fields, front matter of skills and commands."""
    manifest = json.loads((plugin / ".claude-plugin" / "plugin.json").read_text())
    if not _NAME.fullmatch(str(manifest.get("name"))):
        yield "name is to be in kebab-case"
    known = {"name", "version", "description", "author", "license", "keywords", "mcpServers"}
    yield from (f"unknown field {name}" for name in manifest.keys() - known)
    for page in (*plugin.glob("skills/*/SKILL.md"), *plugin.glob("commands/*.md")):
        if not re.match(r'---\n(?:.+\n)*?description: ".+"\n(?:.+\n)*?---\n', page.read_text()):
            yield f"{page.name} of {page.parent.name} has no description"


def test_the_plugin_validates_strictly_and_for_the_directory(
    plugin: Path, validator: list[str] | None
) -> None:
    assert problems(plugin, validator) == []


@pytest.mark.parametrize("strange", ["frontend", "description"])
def test_a_broken_plugin_is_refused(plugin: Path, validator: list[str] | None, strange: str) -> None:
    manifest = plugin / ".claude-plugin" / "plugin.json"
    if strange == "frontend":
        manifest.write_text(manifest.read_text().replace('"license"', '"frontend"'))
    else:
        skill = plugin / "skills" / "ripstop-red-first" / "SKILL.md"
        skill.write_text(skill.read_text().replace("description: ", "said: "))

    assert len(problems(plugin, validator)) >= 1


def test_the_documented_schema_takes_the_plugin_and_refuses_a_broken_one(plugin: Path) -> None:
    assert list(documented(plugin)) == []

    manifest = plugin / ".claude-plugin" / "plugin.json"
    manifest.write_text(manifest.read_text().replace('"name": "ripstop"', '"name": "Rip Stop"'))
    assert list(documented(plugin)) == ["name is to be in kebab-case"]
