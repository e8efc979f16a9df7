"""``ripstop record``: a cassette of a local stand-in, without secrets, that replays with the server gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .charging import Project, Real, project, real_server


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Any, str]:
    """The project, its cassette, and what was printed. The server is gone by then."""
    shop = project(tmp_path_factory.mktemp("record"))
    shop.configure(None, effects=0)
    with real_server(Real()) as server:
        done = shop.ripstop("record", "payments", "--to", "tape.json", "--upstream", server.url)
    assert done.returncode == 0, done.stdout + done.stderr
    return shop, json.loads((shop.folder / "tape.json").read_text()), done.stdout


def test_a_cassette_holds_the_calls_in_their_order(recorded: tuple[Project, Any, str]) -> None:
    calls = [(one["request"]["method"], one["reply"]["status"]) for one in recorded[1]["interactions"]]
    assert calls == [("POST", 201), ("GET", 200), ("GET", 200)]
    assert recorded[1]["interactions"][0]["effect"] == "POST /v1/charges"
    assert "3 calls of payments" in recorded[2]


def test_no_secret_is_in_it(recorded: tuple[Project, Any, str]) -> None:
    text = (recorded[0].folder / "tape.json").read_text()
    assert "verysecret" not in text
    assert recorded[1]["interactions"][0]["request"]["headers"]["authorization"] == "***"
    assert recorded[1]["interactions"][0]["reply"]["json"]["client_secret"] == "***"


def test_it_is_sorted_and_ends_in_a_line(recorded: tuple[Project, Any, str]) -> None:
    text = (recorded[0].folder / "tape.json").read_text()
    assert text == json.dumps(recorded[1], indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert [path.name for path in recorded[0].folder.glob(".tape*")] == []


def test_it_replays_with_the_server_gone(recorded: tuple[Project, Any, str]) -> None:
    recorded[0].configure("cassette:tape.json", effects=1)
    done = recorded[0].pytest()
    assert done.returncode == 0, done.stdout


def test_effects_keep_the_names_a_double_gave_them_and_failing_to_count_them_is_told(tmp_path: Path) -> None:
    shop = project(tmp_path)
    shop.configure("doubles:payments", effects=1)
    with real_server(Real()) as server:
        done = shop.ripstop("record", "payments", "--to", "tape.json", "--upstream", server.url)
    assert done.returncode == 0, done.stderr
    assert (
        "an assertion failed meanwhile, as no effects are counted: test_order.py::test_order" in done.stdout
    )
    tape = json.loads((tmp_path / "tape.json").read_text())
    assert [one.get("effect") for one in tape["interactions"]] == ["charge", None, None]


def test_a_red_workflow_records_nothing(tmp_path: Path) -> None:
    shop = project(tmp_path)
    shop.configure(None, effects=0)
    with real_server(Real(status=402)) as server:
        done = shop.ripstop("record", "payments", "--to", "tape.json", "--upstream", server.url)
    assert (done.returncode, "[workflow-red]" in done.stderr) == (4, True)
    assert not (tmp_path / "tape.json").exists()


def test_a_server_nobody_reaches_is_told(tmp_path: Path) -> None:
    shop = project(tmp_path)
    shop.configure(None, effects=0)
    done = shop.ripstop("record", "payments", "--to", "tape.json", "--upstream", "http://127.0.0.1:9")
    assert done.returncode == 4
    assert "127.0.0.1:9 gave no answer to POST /v1/charges" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        (("payments", "--to", "t.json"), "no-upstream"),
        (("payment", "--to", "t.json", "--upstream", "http://x.example"), "unknown-seam"),
        (("payments", "--to", "no/t.json", "--upstream", "http://x.example"), "no-folder"),
        (("payments", "--to", "t.json", "--upstream", "x.example"), "no-upstream"),
    ],
)
def test_what_is_missing_is_told_before_anything_starts(
    tmp_path: Path, arguments: tuple[str, ...], slug: str
) -> None:
    shop = project(tmp_path)
    shop.configure(None)
    code, error = shop.here("record", *arguments)
    assert (code, f"[{slug}]" in error) == (2, True)
