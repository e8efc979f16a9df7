"""Revisions of real repositories, and what a hostile one cannot make us run."""

from __future__ import annotations

from pathlib import Path

import pytest

from ripstop.errors import UsageError
from ripstop.integrity import revisions
from ripstop.integrity.guarding import guarded
from ripstop.integrity.repository import Repository

from .repositories import Made, made

TEST = "def test_a():\n    assert f() == 1\n    assert g() == 2\n"
LESS = "def test_a():\n    assert f() == 1\n"


@pytest.fixture
def repo(tmp_path: Path) -> Made:
    return made(tmp_path / "repo", {"tests/test_a.py": TEST})


def slug(repo: Made, text: str) -> str:
    with pytest.raises(UsageError) as raised:
        revisions.parse(Repository.around(repo.root), text)
    return raised.value.slug


def test_two_commits_are_held_side_by_side(repo: Made) -> None:
    repo.commit("less", {"tests/test_a.py": LESS})
    opened = Repository.around(repo.root)
    told = guarded(opened, revisions.parse(opened, "HEAD~1..HEAD"))

    assert [one.rule for one in told.failing] == ["assertion-removed"]
    assert (told.files, told.tests) == (1, 1)


def test_one_commit_is_held_beside_the_working_tree_with_new_files(repo: Made) -> None:
    repo.write({"tests/test_a.py": None, "tests/test_b.py": LESS})
    opened = Repository.around(repo.root)
    told = guarded(opened, revisions.parse(opened, "HEAD"))

    assert [(one.rule, one.before.path) for one in told.failing] == [("assertion-removed", "tests/test_a.py")]


def test_three_dots_begin_where_the_two_parted(repo: Made) -> None:
    base = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-q", "-b", "work")
    repo.commit("mine", {"tests/test_b.py": TEST})
    repo.git("checkout", "-q", "main")
    repo.commit("theirs", {"tests/test_c.py": TEST})

    assert revisions.parse(Repository.around(repo.root), "main...work").base == base


@pytest.mark.parametrize("text", ["nowhere..HEAD", "HEAD..nowhere", "--output=x..HEAD", "HEAD:tests..HEAD"])
def test_a_revision_that_is_not_there_is_said(repo: Made, text: str) -> None:
    assert slug(repo, text) == "unknown-revision"


def test_a_folder_without_a_repository_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        Repository.around(tmp_path)

    assert raised.value.slug == "no-repository"


def test_a_shallow_clone_without_the_base_is_said(repo: Made, tmp_path: Path) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.commit("second", {"tests/test_a.py": LESS})
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(tmp_path / "shallow"))

    assert slug(Made(tmp_path / "shallow"), f"{first}..HEAD") == "shallow-clone"


def test_histories_without_a_common_commit_are_said(repo: Made) -> None:
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit("other", {"x.py": ""})

    assert slug(repo, "main...other") == "nothing-in-common"


def test_binary_large_and_linked_files_are_passed_over(repo: Made) -> None:
    repo.write({"tests/big.py": "x = 1\n" * 400_000, "tests/raw.py": "\0"})
    (repo.root / "tests" / "link.py").symlink_to("/etc/passwd")
    repo.commit("more", {})
    found = revisions.files(Repository.around(repo.root), repo.git("rev-parse", "HEAD"))

    assert [path for path in found if found.get(path) is not None] == ["tests/test_a.py"]


def test_nothing_that_a_repository_configures_is_run(repo: Made, tmp_path: Path) -> None:
    trap, seen = tmp_path / "trap.sh", tmp_path / "seen"
    trap.write_text(f"#!/bin/sh\necho $0 $@ >> {seen}\ncat\n")
    trap.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "diff.x.textconv",
        "filter.x.clean",
        "filter.x.smudge",
    ):
        repo.git("config", key, str(trap))
    repo.git("config", "gpg.program", str(trap))
    repo.git("config", "log.showSignature", "true")
    (repo.root / ".git" / "hooks").mkdir(exist_ok=True)
    for hook in ("post-index-change", "reference-transaction", "post-rewrite"):
        (repo.root / ".git" / "hooks" / hook).symlink_to(trap)
    repo.write({".gitattributes": "*.py diff=x filter=x\n", "tests/test_a.py": LESS})
    opened = Repository.around(repo.root)

    assert guarded(opened, revisions.parse(opened, "HEAD")).failing
    assert revisions.amend(opened, "Ripstop-Allow: skip-added x: y")
    assert not seen.exists()


def test_a_file_that_neither_side_parses_is_noted(repo: Made) -> None:
    repo.commit("broken", {"tests/test_b.py": "def test_b(:\n"})
    repo.commit("broken still", {"tests/test_b.py": "def test_b(:\n    pass\n"})
    opened = Repository.around(repo.root)
    told = guarded(opened, revisions.parse(opened, "HEAD~1..HEAD"))

    assert told.failing == ()
    assert "tests/test_b.py does not parse" in told.notes[0]


def test_amending_changes_the_message_alone(repo: Made) -> None:
    opened = Repository(repo.root)
    before = repo.git("cat-file", "commit", "HEAD")
    revisions.amend(opened, "Ripstop-Allow: skip-added a: b")
    revisions.amend(opened, "Ripstop-Allow: skip-added c: d")

    after = repo.git("cat-file", "commit", "HEAD")
    assert after == f"{before}\n\nRipstop-Allow: skip-added a: b\nRipstop-Allow: skip-added c: d"
    assert repo.git("status", "--short") == ""
