"""The jail by itself: what a command finds in it, and what it does not, each tried in a real one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ripstop.agents import jail, places
from ripstop.agents.jail import Jail
from ripstop.service.cache import entry

in_a_jail = pytest.mark.parametrize("cell", [] if jail.missing() else ["bubblewrap"])
pytestmark = in_a_jail


@pytest.fixture
def person(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a person who keeps a word in a place that nobody knows of."""
    home = elsewhere / "ann"
    (home / ".unheard-of").mkdir(parents=True)
    (home / ".unheard-of" / "key").write_text("hidden-word")
    monkeypatch.setenv("HOME", str(home))
    return home


def said(script: str, place: Path, *, network: bool = False, visible: tuple[Path, ...] = ()) -> str:
    """What a script prints in a jail, errors too."""
    for name in ("project", "own"):
        (place / name).mkdir(exist_ok=True)
    cell = Jail(place / "project", place / "own", (), network, (), (*places.tools(), *visible))
    env = jail.environment(place / "own")
    done = subprocess.run(
        cell.command(["sh", "-c", script]), env=env, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr


def test_a_home_is_empty_whatever_is_kept_there(person, tmp_path, cell):
    told = said(f"cat {person}/.unheard-of/key; ls -A {person}; ls -A ~root /home; echo done", tmp_path)

    assert "hidden-word" not in told
    assert "done\n" in told


def test_what_is_shown_of_a_home_is_there_without_its_secrets(person, tmp_path, cell):
    (person / ".cargo").mkdir()
    (person / ".cargo" / "credentials.toml").write_text("hidden-word")
    (person / ".cargo" / "config.toml").write_text("plain-word")
    told = said(
        f"cat {person}/.cargo/*; cat {person}/.unheard-of/key", tmp_path, visible=(person / ".cargo",)
    )

    assert "plain-word" in told
    assert "hidden-word" not in told


def test_what_is_shown_does_not_show_what_is_hidden_in_it(elsewhere, tmp_path, cell):
    (elsewhere / "shop").mkdir()
    (elsewhere / "shop" / "prices.py").write_text("hidden-word")
    for name in ("project", "own"):
        (tmp_path / name).mkdir()
    inside = Jail(tmp_path / "project", tmp_path / "own", hidden=(elsewhere / "shop",), visible=(elsewhere,))
    command = inside.command(["cat", str(elsewhere / "shop" / "prices.py")])

    assert "hidden-word" not in subprocess.run(command, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("network", [True, False])
def test_a_socket_of_the_host_answers_nobody(elsewhere, tmp_path, network, cell):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(elsewhere / "s"))
        server.listen()
        ask = f"import socket; socket.socket(socket.AF_UNIX).connect({str(elsewhere / 's')!r}); print('in')"
        told = said(
            f'python3 -c "{ask}"; find /run /var/run/ -type s -o -type f; echo done',
            tmp_path,
            network=network,
        )

    assert "refused" in told
    assert "in\n" not in told


def test_where_names_are_looked_up_is_still_known(tmp_path, cell):
    assert said("test -r /etc/resolv.conf && echo known", tmp_path, network=True) == "known\n"


@pytest.mark.parametrize("named", [True, False])
def test_a_prepared_server_is_found_and_cannot_be_poisoned(person, tmp_path, monkeypatch, named, cell):
    cache = person / "kept" if named else person / "xdg" / "ripstop"
    monkeypatch.setenv("RIPSTOP_CACHE" if named else "XDG_CACHE_HOME", str(cache if named else cache.parent))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    cache.mkdir(parents=True)
    entry(cache / "pg-1", lambda content: {"made": str((content / "f").write_text("outside"))}, account=None)
    ask = (
        "from ripstop.service.cache import *; base = folder(None)\n"
        "print(entry(base / 'pg-1', lambda content: 1 / 0, account=None)[1])\n"
        "print(entry(base / 'pg-2', lambda content: {'own': 'inside'}, account=None)[1])"
    )
    told = said(f'{sys.executable} -c "{ask}"; echo x > "$RIPSTOP_CACHE/pg-1/content/f"', tmp_path)

    assert told.startswith("{'made': '7'}\n{'own': 'inside'}\n")
    assert "Read-only" in told
    assert sorted(one.name for one in cache.iterdir() if one.is_dir()) == ["pg-1"]


def test_a_folder_beside_the_project_can_be_read_and_not_written(tmp_path, cell):
    (tmp_path / "top" / "project").mkdir(parents=True)
    (tmp_path / "top" / "beside.txt").write_text("beside-word\n")
    own = tmp_path / "own"
    own.mkdir()
    inside = Jail(tmp_path / "top" / "project", own, (".",), False, top=tmp_path / "top")
    script = "cat ../beside.txt; echo x > own.txt && cat own.txt; echo x > ../beside.txt"
    done = subprocess.run(inside.command(["sh", "-c", script]), capture_output=True, text=True, check=False)

    assert done.stdout == "beside-word\nx\n"
    assert "Read-only" in done.stderr


def test_what_only_root_reads_of_the_machine_is_covered(tmp_path, cell):
    told = said(
        "cat /etc/shadow | wc -c; ls -A /etc/ssh /mnt /media /srv 2>&1 | grep -v :; echo done", tmp_path
    )

    assert told.split("\n", 1)[0] == "0" or told.startswith("cat: ")
    assert [line for line in told.split("\n")[1:] if line and "cat: " not in line] == ["done"]


def test_whatever_account_a_server_runs_under_gets_to_what_is_shown(person, tmp_path, monkeypatch, cell):
    (person / "tools" / "deep").mkdir(parents=True)
    (person / "kept" / "pg-1").mkdir(parents=True)
    (person / "kept" / "pg-1" / "complete.json").touch()
    monkeypatch.setenv("RIPSTOP_CACHE", str(person / "kept"))
    told = said(f'stat -c %a {person}/tools "$RIPSTOP_CACHE"', tmp_path, visible=(person / "tools" / "deep",))

    assert told == "755\n755\n"
