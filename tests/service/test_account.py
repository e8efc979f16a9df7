"""Which account servers run under, and which folders it may pass."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ripstop.errors import StartError
from ripstop.service import account
from ripstop.service.account import Account, barrier, unprivileged

STRANGER = Account("stranger", 54_321, 54_321)


def test_root_drops_to_an_account_that_is_not_root_and_others_stay() -> None:
    found = unprivileged()

    assert (found is not None) == (os.geteuid() == 0)
    assert found is None or found.uid != 0


def test_root_without_any_such_account_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "CANDIDATES", ("no-such-account", "root"))

    with pytest.raises(StartError, match="no-such-account, root") as caught:
        unprivileged()

    assert caught.value.slug == "no-account"


def test_the_first_folder_that_may_not_be_entered_is_named(open_folder: Path) -> None:
    closed = open_folder / "closed"
    (closed / "inner").mkdir(parents=True)
    closed.chmod(0o700)

    assert barrier(closed / "inner", STRANGER) == closed
    assert barrier(open_folder, STRANGER) is None


def test_the_owner_and_the_group_pass_by_their_own_bits(open_folder: Path) -> None:
    status = open_folder.stat()
    open_folder.chmod(0o710)

    assert barrier(open_folder, Account("owner", status.st_uid, 54_321)) is None
    assert barrier(open_folder, Account("member", 54_321, status.st_gid)) is None
    assert barrier(open_folder, STRANGER) == open_folder


def test_a_folder_that_is_not_there_is_in_the_way(open_folder: Path) -> None:
    assert barrier(open_folder / "nothing", STRANGER) == open_folder / "nothing"


def test_nothing_is_in_the_way_of_ourselves(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    assert barrier(tmp_path, None) is None
