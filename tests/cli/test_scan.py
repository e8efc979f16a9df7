"""`ripstop scan`: what it prints, what it writes, and how it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ripstop.cli import main, scan
from ripstop.scan.survey import Options

from ..report.surveys import SURVEY


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, Options]]:
    """What the reading room was asked; it answers with a made-up survey."""
    calls: list[tuple[Path, Options]] = []

    def survey(root: Path, options: Options) -> Any:
        calls.append((root, options))
        return SURVEY

    monkeypatch.setattr(scan, "survey", survey)
    return calls


@pytest.mark.usefixtures("asked")
def test_it_prints_the_headline_first_and_ends_with_0(capfd: pytest.CaptureFixture[str]) -> None:
    assert main.main(["scan"]) == 0
    assert capfd.readouterr().out.startswith("POST /orders could cost most")


@pytest.mark.usefixtures("asked")
def test_json_to_a_dash_is_all_that_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    assert main.main(["scan", "--json", "-"]) == 0
    assert json.loads(capfd.readouterr().out)["schema"] == "ripstop-survey/1"


@pytest.mark.usefixtures("asked")
def test_pages_are_written_beside_the_table_and_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page, data = tmp_path / "out" / "risk.html", tmp_path / "risk.json"

    assert main.main(["scan", "--html", str(page), "--json", str(data)]) == 0
    assert page.read_text().startswith("<!doctype html>")
    assert json.loads(data.read_text())["workflows"]
    assert f"written: {page}" in capfd.readouterr().out


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(("options", "number"), [(["--top", "1"], 1), (["--top", "0"], 0), (["--all"], 2)])
def test_so_many_are_told_in_full(options: list[str], number: int, capfd: pytest.CaptureFixture[str]) -> None:
    main.main(["scan", *options])

    assert capfd.readouterr().out.count("  tests     ") == number


def test_the_reading_room_is_told_where_whether_to_import_and_by_what(
    asked: list[tuple[Path, Options]], tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.touch()

    main.main(["scan", str(tmp_path), "--no-import", "--python", str(python)])

    root, options = asked[0]
    assert (root, options.importing, options.python) == (tmp_path, False, python)


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        (["--python", "/no/such/python"], "no-such-python"),
        (["--html", "/dev/null/x.html"], "survey-not-written"),
        (["--json", "/dev/null/x.json"], "survey-not-written"),
    ],
)
def test_what_cannot_be_done_is_a_usage_error(
    arguments: list[str], slug: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main.main(["scan", *arguments]) == 2
    assert f"[{slug}]" in capfd.readouterr().err


def test_a_number_that_is_none_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(["scan", "--top", "few"])

    assert ended.value.code == 2
    assert "'few' is no number of workflows" in capfd.readouterr().err


ROOT = Path(__file__).parents[2]


def test_the_dangerous_order_of_the_example_is_told_first_with_its_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "orders"
    shutil.copytree(ROOT / "examples" / "orders", project, ignore=shutil.ignore_patterns(".ripstop"))

    assert main.main(["scan", str(project), "--no-import", "--json", "-"]) == 0
    found = json.loads(capfd.readouterr().out)
    first = found["workflows"][0]["hazards"][0]
    assert found["headline"].startswith("POST /orders could cost most: POST /v1/charges")
    assert (first["slug"], first["place"]["path"]) == ("effect-then-write", "orders/app.py")
    assert [one["route"]["operation"] for one in found["left_out"]] == ["GET /health"]


@pytest.mark.parametrize(
    ("files", "slug"),
    [({}, "no-code"), ({"sums.py": "def add(a, b):\n    return a + b\n"}, "no-service")],
    ids=["empty", "no service"],
)
def test_a_folder_with_nothing_to_rank_is_a_usage_error(
    files: dict[str, str], slug: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    assert main.main(["scan", str(tmp_path), "--no-import"]) == 2
    assert f"[{slug}]" in capfd.readouterr().err


def test_a_folder_that_is_not_there_is_a_usage_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main.main(["scan", str(tmp_path / "gone")]) == 2
    assert "[no-such-folder]" in capfd.readouterr().err


@pytest.mark.usefixtures("asked")
def test_what_to_do_next_is_init_until_the_project_says_how_it_starts(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    main.main(["scan", str(tmp_path)])
    (tmp_path / "ripstop.toml").write_text('[service]\ncommand = "python app.py"\n')
    main.main(["scan", str(tmp_path)])

    before, after = capfd.readouterr().out.split("POST /orders could cost most")[1:]
    assert "next      ripstop init" in before
    assert "next      ripstop backfill" in after
