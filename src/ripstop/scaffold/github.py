"""The jobs that keep a suite honest on GitHub, as two workflow files.

Actions are pinned to commits, for a tag can be moved; permissions are read-only; nothing of an event reaches
a shell but through a variable.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from ripstop.scaffold.project import Project

TESTS, NIGHTLY = ".github/workflows/ripstop.yml", ".github/workflows/ripstop-nightly.yml"
EMBEDDED, SERVICE = "embedded", "service"
_CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"
_PYTHON = "actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0"
_NODE = "actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0"
_UPLOAD = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2"
_OLDEST = "3.11"


@dataclass(frozen=True, slots=True)
class Needs:
    """What a job needs before it can run the tests. ``install`` are shell lines."""

    python: str
    install: tuple[str, ...]
    node: str = ""
    database: str = EMBEDDED
    smoke: str = "workflow"


def needs(project: Project, database: str = EMBEDDED) -> Needs:
    """As the project's own files tell it."""
    node = "22" if project.has("package.json") else ""
    install = [*_python_install(project)]
    if node:
        install.append("npm ci" if project.has("package-lock.json") else "npm install --no-audit --no-fund")
    return Needs(_python(project), tuple(install), node, database)


def _python(project: Project) -> str:
    """The version that is asked for, else the lowest that is allowed and that Ripstop runs on."""
    named = re.match(r"\s*(3\.\d+)", project.text(".python-version"))
    if named:
        return named.group(1)
    try:
        asked = str(
            tomllib.loads(project.text("pyproject.toml")).get("project", {}).get("requires-python", "")
        )
    except tomllib.TOMLDecodeError:
        asked = ""
    lowest = [int(minor) for minor in re.findall(r"(?:>=|~=|==|\^)\s*3\.(\d+)", asked)]
    return f"3.{max([11, *lowest])}" if lowest else _OLDEST


def _python_install(project: Project) -> list[str]:
    if project.has("uv.lock"):
        return [
            "pip install uv",
            "uv sync --all-groups --all-extras",
            'echo "$PWD/.venv/bin" >> "$GITHUB_PATH"',
        ]
    if project.has("poetry.lock"):
        return [
            "pip install poetry",
            "poetry config virtualenvs.in-project true",
            "poetry install --all-groups",
            'echo "$PWD/.venv/bin" >> "$GITHUB_PATH"',
        ]
    files = [name for name in project.files if re.fullmatch(r"requirements(?:[-_/][\w.-]+)?\.txt", name)]
    if files:
        return [f"pip install -r {name}" for name in files] + ["pip install ripstop pytest-cov"]
    if "[dependency-groups]" in project.text("pyproject.toml"):
        return ["pip install --upgrade pip", "pip install --editable . --group dev", "pip install pytest-cov"]
    return ["pip install --editable .", "pip install ripstop pytest-cov"]


def tests(need: Needs) -> str:
    """The jobs of every push and pull request: smoke, the whole suite as a gate, and the guard."""
    return (
        f"""# Written by `ripstop ci github`. Yours to edit: it is not written over.
name: ripstop

on:
  push:
  pull_request:

permissions:
  contents: read

concurrency:
  group: ${{{{ github.workflow }}}}-${{{{ github.ref }}}}
  cancel-in-progress: true

jobs:
  smoke:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    timeout-minutes: 15
{_services(need)}    steps:
{_prepared(need)}      - name: The workflows without faults
        run: python -m pytest -m {need.smoke} --junit-xml=report.xml
{_triaged()}
  comprehensive:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    timeout-minutes: 60
{_services(need)}    steps:
{_prepared(need)}      - name: The whole suite
        run: python -m pytest --junit-xml=report.xml --cov --cov-report=xml --cov-report=term
{_triaged()}      - name: Keep the coverage
        if: always()
        uses: {_UPLOAD}
        with:
          name: coverage
          path: coverage.xml
          if-no-files-found: ignore

  guard:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
"""
        + _prepared(need, history=True)
        + f"""      - name: No test checks less than before
        env:
          BASE: ${{{{ github.event.pull_request.base.sha }}}}
          HEAD: ${{{{ github.event.pull_request.head.sha }}}}
        run: ripstop guard "$BASE...$HEAD" --sarif guard.sarif
      - name: Keep what the guard saw
        if: always()
        uses: {_UPLOAD}
        with:
          name: guard
          path: guard.sarif
          if-no-files-found: ignore
"""
    )


def nightly(need: Needs) -> str:
    """The job that breaks every crossing, at night: it takes minutes, and is no one commit's."""
    return f"""# Written by `ripstop ci github`. Yours to edit: it is not written over.
name: ripstop nightly

on:
  schedule:
    - cron: "17 3 * * *"
  workflow_dispatch:

permissions:
  contents: read

jobs:
  explore:
    runs-on: ubuntu-latest
    timeout-minutes: 120
{_services(need)}    steps:
{_prepared(need)}      - name: Break every crossing of every workflow
        run: ripstop explore --workers 2 --report json:explore.json | tee explore.txt
      - name: Tell it on the run's page
        if: always()
        run: |
          {{ echo '```'; tail -n 60 explore.txt; echo '```'; }} >> "$GITHUB_STEP_SUMMARY"
      - name: Keep the report
        if: always()
        uses: {_UPLOAD}
        with:
          name: explore
          path: explore.json
          if-no-files-found: ignore
"""


def _services(need: Needs) -> str:
    """A database for tests that bring none of their own; Ripstop's seams have theirs either way."""
    if need.database == EMBEDDED:
        return ""
    return """    services:
      postgres:
        image: postgres:17
        env:
          POSTGRES_PASSWORD: postgres
        ports:
          - 5432:5432
        options: >-
          --health-cmd "pg_isready -U postgres" --health-interval 2s --health-timeout 5s --health-retries 20
    env:
      DATABASE_URL: postgresql://postgres:postgres@localhost:5432/postgres
"""


def _prepared(need: Needs, *, history: bool = False) -> str:
    depth = "          fetch-depth: 0\n" if history else ""
    node = (
        f'      - uses: {_NODE}\n        with:\n          node-version: "{need.node}"\n' if need.node else ""
    )
    lines = "".join(f"          {line}\n" for line in need.install)
    return (
        f"      - uses: {_CHECKOUT}\n        with:\n          persist-credentials: false\n{depth}"
        f'      - uses: {_PYTHON}\n        with:\n          python-version: "{need.python}"\n{node}'
        f"      - name: Install\n        run: |\n{lines}"
    )


def _triaged() -> str:
    """Whose fault it is, on the run's page and as a file, where something failed."""
    return f"""      - name: Tell whose fault it is
        if: failure()
        run: |
          ripstop triage report.xml --json triage.json > triage.txt || true
          {{ echo '```'; cat triage.txt; echo '```'; }} >> "$GITHUB_STEP_SUMMARY"
      - name: Keep the triage
        if: failure()
        uses: {_UPLOAD}
        with:
          name: triage-${{{{ github.job }}}}
          path: triage.json
          if-no-files-found: ignore
"""
