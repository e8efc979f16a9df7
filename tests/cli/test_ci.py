"""``ripstop ci github``: written once, left alone where a person edited."""

from __future__ import annotations

import pytest

from ripstop.cli.main import main
from ripstop.scaffold.github import NIGHTLY, TESTS


@pytest.fixture
def root(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_both_files_are_written_and_a_second_run_changes_nothing(root, capfd):
    assert main(["ci", "github"]) == 0
    assert main(["ci", "github"]) == 0

    assert capfd.readouterr().out == (
        f"{TESTS}: written\n{NIGHTLY}: written\n{TESTS}: as it was\n{NIGHTLY}: as it was\n"
    )


def test_what_a_person_edited_is_left_alone(root, capfd):
    main(["ci", "github"])
    (root / TESTS).write_text("name: mine\n")

    assert main(["ci", "github"]) == 1
    assert (root / TESTS).read_text() == "name: mine\n"
    assert "it was edited" in capfd.readouterr().out
    assert main(["ci", "github", "--force"]) == 0


def test_a_dry_run_writes_nothing(root, capfd):
    assert main(["ci", "github", "--dry-run", "--database", "service"]) == 0

    assert "image: postgres:17" in capfd.readouterr().out
    assert not (root / ".github").exists()
