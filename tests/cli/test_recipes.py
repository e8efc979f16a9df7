"""`ripstop recipes`: writing them down, holding them current, and filling one in for a real route."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.report.surveys import SURVEY

from ripstop.cli import main, routing
from ripstop.errors import UsageError

ORDERS = Path(__file__).parents[2] / "examples" / "orders"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example as its repository has it, with what an exploration left."""
    root = tmp_path / "orders"
    shutil.copytree(ORDERS, root, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    (root / ".ripstop").mkdir()
    shutil.copyfile(Path(__file__).with_name("orders_explored.json"), root / ".ripstop" / "explored.json")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_they_are_written_once_and_then_current(empty: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main.main(["recipes", "install"]) == 0
    assert "written    .claude/commands/test-route.md" in capfd.readouterr().out
    assert main.main(["recipes", "check"]) == 0
    assert "recipes current" in capfd.readouterr().out
    main.main(["recipes", "install"])
    assert "written" not in capfd.readouterr().out


def test_an_edited_one_is_told_and_left(empty: Path, capfd: pytest.CaptureFixture[str]) -> None:
    main.main(["recipes", "install", "--only", "cursor"])
    path = empty / ".cursor/commands/ripstop-red-first.md"
    path.write_text(path.read_text().replace("code", "prose", 1))

    assert main.main(["recipes", "install", "--only", "cursor"]) == 1
    assert "edited     .cursor/commands/ripstop-red-first.md" in capfd.readouterr().out
    assert main.main(["recipes", "check"]) == 0
    assert main.main(["recipes", "install", "--only", "cursor", "--force"]) == 0
    assert "prose" not in path.read_text()


def test_a_missing_one_fails_the_check(empty: Path, capfd: pytest.CaptureFixture[str]) -> None:
    main.main(["recipes", "install"])
    (empty / ".agents/skills/ripstop-find-risk/SKILL.md").unlink()

    assert main.main(["recipes", "check"]) == 1
    assert "missing: .agents/skills/ripstop-find-risk/SKILL.md" in capfd.readouterr().out


def test_they_are_listed_with_what_they_are_told(capfd: pytest.CaptureFixture[str]) -> None:
    assert main.main(["recipes", "list"]) == 0
    assert "ripstop-test-route <METHOD /path>\n" in capfd.readouterr().out


@pytest.mark.usefixtures("project")
def test_a_route_is_filled_from_code_live_schema_and_experiments(capfd: pytest.CaptureFixture[str]) -> None:
    assert main.main(["recipes", "route", "post", "/orders", "--no-import"]) == 0

    told = capfd.readouterr().out
    assert "handler `orders.app.place_order` at orders/app.py:" in told
    assert "As the live schema has them:" in told
    assert "`id` bigint, not null, unique" in told
    assert "seam `payments`" in told
    assert "tore: RS205" in told
    assert "`orders.idempotency_key` is not unique" in told
    assert "the key is `body:idempotencyKey`" in told


def test_without_servers_the_code_says_what_its_columns_demand(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main.main(["recipes", "route", "/orders", "--no-import", "--no-servers"]) == 0
    told = capfd.readouterr().out
    assert (
        "As the code declares them (nothing is known of uniqueness and checks); no server was started:"
        in told
    )
    assert "  - `idempotency_key` str\n" in told
    assert "is not unique" not in told


def test_where_the_servers_do_not_start_it_says_why_and_goes_on(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = project / "pyproject.toml"
    settings.write_text(
        settings.read_text().replace('"python -m orders.schema"', '"python -m nowhere.at.all"')
    )

    assert main.main(["recipes", "route", "/orders", "--no-import"]) == 0
    assert "the live schema cannot be had (the setup command ended with status 1)" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("asked", "operation"),
    [
        ("POST /orders", "POST /orders"),
        ("post /orders/", "POST /orders"),
        ("GET /orders/17", "GET /orders/{id}"),
        ("/health", "GET /health"),
    ],
)
def test_a_route_is_found_as_people_write_it(asked: str, operation: str) -> None:
    assert routing.chosen(SURVEY, asked).route.operation == operation


def test_a_route_that_is_not_there_names_the_near_ones() -> None:
    with pytest.raises(UsageError) as refused:
        routing.chosen(SURVEY, "POST /order")

    assert refused.value.slug == "no-such-route"
    assert refused.value.details[0] == "near it: POST /orders"
