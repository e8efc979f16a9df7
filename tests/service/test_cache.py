"""What the cache keeps is whole, ours alone, and built once."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from ripstop.errors import StartError
from ripstop.service import cache
from ripstop.service.account import Account

STRANGER = Account("stranger", 54_321, 54_321)


def builder(calls: list[Path], *, text: str = "text") -> Callable[[Path], dict[str, str]]:
    def build(content: Path) -> dict[str, str]:
        calls.append(content)
        (content / "deep").mkdir()
        (content / "deep" / "file").write_text(text)
        return {"version": "1"}

    return build


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "thing"


def test_an_entry_is_built_once_and_found_again(kept: Path) -> None:
    calls: list[Path] = []

    first = cache.entry(kept, builder(calls), account=None)
    second = cache.entry(kept, builder(calls), account=None)

    assert first == second == (kept, {"version": "1"})
    assert len(calls) == 1


@pytest.mark.parametrize("damage", ["content/deep/file", "complete.json"])
def test_an_entry_with_a_missing_file_is_built_anew(kept: Path, damage: str) -> None:
    calls: list[Path] = []
    cache.entry(kept, builder(calls), account=None)
    (kept / damage).unlink()

    cache.entry(kept, builder(calls), account=None)

    assert (len(calls), (kept / "content/deep/file").read_text()) == (2, "text")


def test_an_entry_with_a_cut_file_is_built_anew(kept: Path) -> None:
    calls: list[Path] = []
    cache.entry(kept, builder(calls), account=None)
    (kept / "content/deep/file").write_text("te")

    cache.entry(kept, builder(calls), account=None)

    assert len(calls) == 2


def test_a_changed_byte_is_seen_when_every_byte_is_asked_for(kept: Path) -> None:
    cache.entry(kept, builder([]), account=None)
    sound = cache.intact(kept)
    (kept / "content/deep/file").write_text("tex!")

    assert (sound, cache.intact(kept)) == (True, False)


def test_a_build_that_fails_leaves_nothing(kept: Path) -> None:
    def build(content: Path) -> dict[str, str]:
        (content / "half").touch()
        raise StartError("disk-full", "no room")

    with pytest.raises(StartError):
        cache.entry(kept, build, account=None)

    assert [path.name for path in kept.parent.iterdir()] == ["thing.lock"]


def test_a_cache_without_room_is_one_clear_error(kept: Path) -> None:
    def build(content: Path) -> dict[str, str]:
        raise OSError(errno.ENOSPC, "No space left on device", str(content))

    with pytest.raises(StartError, match="no room in the cache") as caught:
        cache.entry(kept, build, account=None)

    assert caught.value.slug == "disk-full"
    assert [path.name for path in kept.parent.iterdir()] == ["thing.lock"]


def test_what_a_killed_build_left_is_cleared_by_the_next(kept: Path) -> None:
    (kept.parent / "thing.building-dead" / "content").mkdir(parents=True)

    cache.entry(kept, builder([]), account=None)

    assert {path.name for path in kept.parent.iterdir()} == {"thing", "thing.lock"}


def test_an_entry_long_unused_goes_when_another_is_built(kept: Path) -> None:
    old = kept.with_name("old")
    cache.entry(old, builder([]), account=None)
    cache.entry(kept.with_name("used"), builder([]), account=None)
    os.utime(old / "complete.json", (0, 0))

    cache.entry(kept, builder([]), account=None)

    assert (old.exists(), kept.with_name("used").exists()) == (False, True)


def test_two_at_once_build_one(kept: Path) -> None:
    calls: list[Path] = []
    both_build = threading.Barrier(2)

    def build(content: Path) -> dict[str, str]:
        with suppress(threading.BrokenBarrierError):
            both_build.wait(0.3)
        return builder(calls)(content)

    racers = [
        threading.Thread(target=cache.entry, args=(kept, build), kwargs={"account": None}) for _ in "ab"
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(10)

    assert (len(calls), both_build.broken) == (1, True)


def test_the_folder_named_in_the_environment_is_taken(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIPSTOP_CACHE", str(open_folder / "mine"))

    assert cache.folder(None) == open_folder / "mine"


def test_the_users_cache_folder_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RIPSTOP_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert cache.folder(None) == tmp_path / "ripstop"
    assert (tmp_path / "ripstop").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("mode", [0o777, 0o775])
def test_a_folder_others_may_write_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    tmp_path.chmod(mode)
    monkeypatch.setenv("RIPSTOP_CACHE", str(tmp_path))

    with pytest.raises(StartError, match="not a folder of ours alone") as caught:
        cache.folder(None)

    assert caught.value.slug == "cache-unusable"


def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "target").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "target")
    monkeypatch.setenv("RIPSTOP_CACHE", str(tmp_path / "link"))

    with pytest.raises(StartError, match="not a folder of ours alone"):
        cache.folder(None)


def test_a_folder_the_server_may_not_enter_is_refused_by_name(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setenv("RIPSTOP_CACHE", str(closed / "mine"))

    with pytest.raises(StartError, match=f"stranger may not enter {closed}"):
        cache.folder(STRANGER)


def test_an_unusable_home_gives_way_to_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv("RIPSTOP_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    found = cache.folder(None)

    assert found.name.startswith("ripstop-")
    with suppress(OSError):
        found.rmdir()
