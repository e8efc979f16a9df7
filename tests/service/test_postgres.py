"""An embedded server: started, used as both of its roles, renewed, damaged, killed."""

from __future__ import annotations

import os
import resource
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pg8000.native
import pytest
import trustme

from ripstop.errors import StartError, UsageError
from ripstop.model.address import PostgresAddress
from ripstop.service import postgres
from ripstop.service.ports import taken
from ripstop.service.postgres import PostgresServer

SCRIPT = """
import sys, time
from ripstop.service.postgres import PostgresServer
from ripstop.service.process import ServiceProcess
server = PostgresServer.start()
service = ServiceProcess.start(f"{sys.executable} -c 'import time; time.sleep(600)'")
print(server.admin.port, server.admin.socket_dir, service._announced.parent, flush=True)
time.sleep(600)
"""


def connect(address: PostgresAddress, **options: object) -> pg8000.native.Connection:
    return pg8000.native.Connection(
        address.user, host=address.host, port=address.port, database=address.database, **options
    )


def ask(address: PostgresAddress, sql: str, **options: object) -> list[object]:
    with connect(address, **options) as connection:
        rows = connection.run(sql)
        return list(rows[0]) if rows else []


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of this test's own."""
    server = PostgresServer.start()
    yield server
    server.stop()


@pytest.fixture
def small_disk(open_folder: Path) -> Iterator[Path]:
    """A folder with room for 8 MB: a mount of its own, or where that is forbidden, short files."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(open_folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        open_folder.chmod(0o755)
        yield open_folder
        subprocess.run(["umount", str(open_folder)], check=True)
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8 << 20, hard))
    yield open_folder
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_the_service_owns_its_database_and_is_no_superuser(postgres_server: PostgresServer) -> None:
    facts = ask(
        postgres_server.service,
        "SELECT rolsuper, pg_get_userbyid(datdba) = current_user"
        " FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()",
    )

    assert facts == [False, True]


def test_the_admin_is_superuser_of_the_services_database(postgres_server: PostgresServer) -> None:
    facts = ask(
        postgres_server.admin, "SELECT rolsuper, current_database() FROM pg_roles WHERE rolname = user"
    )

    assert facts == [True, "service"]


def test_the_server_answers_on_its_socket_too(postgres_server: PostgresServer) -> None:
    admin = postgres_server.admin
    socket_path = f"{admin.socket_dir}/.s.PGSQL.{admin.port}"

    with pg8000.native.Connection(admin.user, unix_sock=socket_path, database=admin.database) as connection:
        assert [list(row) for row in connection.run("SELECT 1")] == [[1]]


def test_changes_of_a_fresh_database_can_be_decoded(database: PostgresAddress) -> None:
    facts = ask(database, "SELECT count(*) FROM pg_create_logical_replication_slot('mine', 'test_decoding')")

    assert facts == [1]


def test_the_server_runs_under_an_ordinary_account_and_on_loopback_only(
    postgres_server: PostgresServer,
) -> None:
    assert Path(f"/proc/{postgres_server.pid}").stat().st_uid != 0
    assert ask(postgres_server.admin, "SHOW listen_addresses") == ["127.0.0.1"]


def test_the_settings_are_the_ones_that_make_it_fast_and_its_changes_readable(
    postgres_server: PostgresServer,
) -> None:
    names = ("fsync", "full_page_writes", "synchronous_commit", "wal_level", "TimeZone")
    values = [ask(postgres_server.admin, f"SHOW {name}")[0] for name in names]

    assert values == ["off", "off", "on", "logical", "UTC"]


def test_the_version_is_the_servers_own(postgres_server: PostgresServer) -> None:
    assert str(ask(postgres_server.admin, "SHOW server_version")[0]).startswith(postgres_server.version)


def test_a_fresh_start_forgets_everything_and_keeps_the_address(server: PostgresServer) -> None:
    before = server.admin
    ask(server.service, "CREATE TABLE left_over ()")

    server.fresh()

    assert server.admin == before
    assert ask(server.service, "SELECT to_regclass('left_over')") == [None]


def test_a_fresh_start_follows_a_crash(server: PostgresServer) -> None:
    assert server.pid
    segment = (
        Path(server.admin.socket_dir or "", "data", "postmaster.pid").read_text().splitlines()[6].split()[1]
    )
    os.kill(server.pid, 9)

    server.fresh()

    assert segment not in {line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()}

    assert (server.alive, ask(server.admin, "SELECT 1")) == (True, [1])


def test_a_stop_leaves_no_process_no_port_and_no_folder(
    server: PostgresServer, running: Callable[[int], bool]
) -> None:
    pid, home, port = server.pid or 0, Path(server.admin.socket_dir or ""), server.admin.port
    assert home.exists()

    server.stop()
    server.stop()

    assert (running(pid), home.exists(), taken(port), server.alive) == (False, False, False, False)


@pytest.mark.parametrize("number", [9, 15, 2])
def test_nothing_is_left_two_seconds_after_ripstop_is_killed(
    number: int,
    family: Callable[[int], set[int]],
    running: Callable[[int], bool],
    eventually: Callable[..., None],
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout
        port, *folders = parent.stdout.readline().split()
        pids = family(parent.pid)
        assert len(pids) > 6

        parent.send_signal(number)

        eventually(lambda: not any(map(running, pids)), limit_s=2.0)
        eventually(lambda: not any(Path(folder).exists() for folder in folders), limit_s=1.0)
    assert not taken(int(port))


def test_more_settings_reach_the_server() -> None:
    server = PostgresServer.start(settings={"max_connections": "33"})
    try:
        assert ask(server.admin, "SHOW max_connections") == ["33"]
    finally:
        server.stop()


def test_a_setting_the_server_refuses_is_told_with_its_own_words() -> None:
    with pytest.raises(StartError) as caught:
        PostgresServer.start(settings={"no_such_setting": "1"})

    assert caught.value.slug == "postgres-died"
    assert any(
        'unrecognized configuration parameter "no_such_setting"' in line for line in caught.value.details
    )


def test_passwords_are_asked_for_where_the_settings_say_so() -> None:
    server = PostgresServer.start(settings={"auth": "scram-sha-256"})
    try:
        assert ask(server.service, "SELECT 1", password="service") == [1]
        assert ask(server.admin, "SELECT 1") == [1]
        with pytest.raises(pg8000.exceptions.DatabaseError, match="password authentication failed"):
            ask(server.service, "SELECT 1", password="wrong")
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("options", "slug"),
    [
        ({"settings": {"auth": "peer"}}, "unknown-auth"),
        ({"user": "ripstop"}, "reserved-user"),
        ({"database": ""}, "bad-name"),
        ({"user": "a\nb"}, "bad-name"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(options: dict[str, object], slug: str) -> None:
    with pytest.raises(UsageError) as caught:
        PostgresServer.start(**options)  # type: ignore[arg-type]

    assert caught.value.slug == slug


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path, ssl.SSLContext]:
    """A certificate's file, its key's file, and a client's context that trusts it."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    (tmp_path / "cert").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(str(tmp_path / "key"))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return tmp_path / "cert", tmp_path / "key", context


def test_a_server_presents_the_certificate_it_is_given_or_says_that_it_cannot(
    certificate: tuple[Path, Path, ssl.SSLContext],
) -> None:
    cert, key, context = certificate
    local = [str(path) for path in Path("/usr/lib/postgresql").glob("*/bin")]

    with pytest.raises(StartError) as caught:
        PostgresServer.start(ssl_cert=cert, ssl_key=key)
    assert caught.value.slug == "no-ssl"

    for bindir in local:
        server = PostgresServer.start(bindir=bindir, ssl_cert=cert, ssl_key=key)
        sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        assert ask(server.service, sql, ssl_context=context) == [True]
        server.stop()


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(small_disk: Path) -> None:
    with pytest.raises(StartError) as caught:
        PostgresServer.start(data_dir=str(small_disk))

    assert (caught.value.slug, caught.value.exit_code) == ("disk-full", 3)
    assert list(small_disk.iterdir()) == []


def test_a_port_taken_at_the_last_moment_is_tried_again(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = iter([postgres_server.admin.port, postgres_server.admin.port])
    fresh = postgres.free_port
    monkeypatch.setattr(postgres, "free_port", lambda: next(ports, None) or fresh())

    server = PostgresServer.start()
    try:
        assert server.admin.port != postgres_server.admin.port
        assert next(ports, None) is None
    finally:
        server.stop()


def test_a_prepared_directory_damaged_within_is_prepared_anew(own_cache: Path) -> None:
    first = PostgresServer.start()
    control = first._cluster.data / "global" / "pg_control"
    first.stop()
    control.write_bytes(b"\0" * control.stat().st_size)

    server = PostgresServer.start()
    try:
        assert ask(server.admin, "SELECT 1") == [1]
        assert any(control.read_bytes())
    finally:
        server.stop()


def test_a_log_line_of_the_server_can_be_read(
    server: PostgresServer, eventually: Callable[..., None]
) -> None:
    with pytest.raises(pg8000.exceptions.DatabaseError):
        ask(server.service, "SELECT no_such_column")

    eventually(lambda: any("no_such_column" in line for line in server.log_tail()))


def test_a_warm_start_is_quick(postgres_server: PostgresServer) -> None:
    began = time.monotonic()
    PostgresServer.start().stop()

    assert time.monotonic() - began < 5
