"""Where a server's folder goes, and what is copied into it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ripstop.errors import StartError
from ripstop.service import datadir
from ripstop.service.account import Account
from ripstop.service.datadir import access_rules, copy_data, place, plan_home

STRANGER = Account("stranger", 54_321, 54_321)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source" / "base").mkdir(parents=True)
    (tmp_path / "source" / "PG_VERSION").write_text("18")
    (tmp_path / "source" / "base" / "1").write_bytes(os.urandom(300_000))
    (tmp_path / "source" / "base" / "empty").touch()
    return tmp_path / "source"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_copy_is_the_same_byte_for_byte_and_closed_to_others(source: Path, tmp_path: Path) -> None:
    copy_data(source, tmp_path / "copy", None)

    assert contents(tmp_path / "copy") == contents(source)
    assert {path.stat().st_mode & 0o077 for path in [tmp_path / "copy", *(tmp_path / "copy").rglob("*")]} == {
        0
    }


def test_a_copy_to_another_file_system_is_the_same_too(source: Path) -> None:
    home = plan_home("/dev/shm", None)
    home.make(None)
    try:
        copy_data(source, home.data, None)
        assert contents(home.data) == contents(source)
    finally:
        home.remove()
    assert not home.path.exists()


def test_a_source_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(StartError) as caught:
        copy_data(tmp_path / "nothing", tmp_path / "copy", None)

    assert caught.value.slug == "copy-failed"


def test_a_home_with_a_long_name_keeps_its_sockets_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()

    home = plan_home(str(deep), None)
    home.make(None)

    assert (home.path.parent, home.sockets.parent) == (deep, Path("/tmp"))
    home.remove()
    assert [path.exists() for path in (home.path, home.sockets)] == [False, False]


def test_a_data_dir_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError) as caught:
        plan_home(str(tmp_path / "nothing"), None)

    assert caught.value.slug == "no-data-dir"


def test_a_data_dir_the_server_may_not_enter_is_refused_by_name(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(StartError, match=f"stranger, which may not enter {closed}") as caught:
        plan_home(str(closed), STRANGER)

    assert caught.value.slug == "data-dir-out-of-reach"


def test_little_free_memory_sends_the_home_to_the_temporary_folder(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datadir, "MEMORY_FREE_BYTES", 1 << 60)
    monkeypatch.setattr(datadir.tempfile, "gettempdir", lambda: str(open_folder))

    home = plan_home(None, None)

    assert home.path.parent == open_folder


def test_a_small_file_is_for_the_servers_eyes_only(tmp_path: Path) -> None:
    place("secret", tmp_path / "server.key", None)

    assert (tmp_path / "server.key").stat().st_mode & 0o777 == 0o600


def test_only_the_superuser_is_trusted_where_passwords_are_asked_for() -> None:
    rules = access_rules("boss", "scram-sha-256").splitlines()

    assert [rule.split()[-1] for rule in rules if '"boss"' in rule] == ["trust"] * 4
    assert [rule.split()[-1] for rule in rules if '"boss"' not in rule] == ["scram-sha-256"] * 4
