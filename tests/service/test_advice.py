"""What a person is told of refused hosts and of processes that interception cannot hold."""

from __future__ import annotations

import _ctypes
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ripstop.service.advice import escapes, lines_for, unseen
from ripstop.service.certificates import Authority
from ripstop.service.environment import service_env
from ripstop.service.outbound import Interception, Refused

WAIT = "import sys; print('on', flush=True); sys.stdin.read()"


@pytest.fixture
def interception() -> Iterator[Interception]:
    authority = Authority.create()
    yield Interception.begin({"api.stripe.com": 9}, authority)
    authority.close()


@pytest.mark.parametrize(
    ("host", "port", "name", "expected"),
    [
        (
            "telemetry.acme.com",
            443,
            "acme",
            {"hosts": ["telemetry.acme.com"], "double": "tests.doubles:acme"},
        ),
        ("api.shop.co.uk", 8443, "shop", {"hosts": ["api.shop.co.uk"], "double": "tests.doubles:shop"}),
        ("billing", 80, "billing", {"hosts": ["billing"], "double": "tests.doubles:billing"}),
        ("files.stripe.com", 443, "stripe", {"hosts": ["files.stripe.com"], "double": "stripe"}),
        ("b.s3.amazonaws.com", 443, "amazonaws", {"hosts": ["*.amazonaws.com"], "double": "s3"}),
        ("4-ever.example", 0, "provider", {"hosts": ["4-ever.example"], "double": "tests.doubles:provider"}),
    ],
)
def test_a_refused_host_is_given_lines_that_intercept_it(
    host: str, port: int, name: str, expected: dict[str, object]
) -> None:
    seams = tomllib.loads("\n".join(lines_for(Refused(host, port, 1))))["tool"]["ripstop"]["seams"]

    assert seams == {name: {"protocol": "http", **expected}}


@pytest.mark.parametrize(
    ("host", "port", "name", "protocol", "variable"),
    [
        ("smtp.sendgrid.net", 587, "mail", "smtp", {"MAIL_HOST": "{seams.mail.host}"}),
        ("redis.internal", 6379, "cache", "redis", {"CACHE_URL": "{seams.cache.url}"}),
        ("10.1.2.3", 443, "provider", "http", {"PROVIDER_URL": "{seams.provider.url}"}),
    ],
)
def test_what_cannot_be_intercepted_by_name_is_pointed_at(
    host: str, port: int, name: str, protocol: str, variable: dict[str, str]
) -> None:
    table = tomllib.loads("\n".join(lines_for(Refused(host, port, 1))))["tool"]["ripstop"]

    assert table["seams"][name]["protocol"] == protocol
    assert "hosts" not in table["seams"][name]
    assert table["service"]["env"] == variable


def test_a_name_that_is_taken_is_not_given_again() -> None:
    assert lines_for(Refused("api.acme.com", 443, 1), taken={"acme"})[0] == "[tool.ripstop.seams.acme_2]"


def told(interception: Interception, argv: list[str], *options: str) -> list[str]:
    """What is said of a process that waits."""
    env = service_env(interception.environment(), shims=True)
    with subprocess.Popen(
        [*argv, *options], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdin
        process.stdin.write(b"on\n")
        process.stdin.flush()
        process.stdout.readline()
        found = [one.reason for one in escapes(interception, [process.pid])]
        process.stdin.close()
    return found


def test_a_process_held_by_its_shim_is_not_spoken_of(interception: Interception) -> None:
    node = str(Path(sys.executable).with_name("node"))

    assert told(interception, [sys.executable, "-c", WAIT]) == []
    assert told(interception, ["sh", "-c", f'{sys.executable} -c "{WAIT}"; true']) == []
    assert told(interception, [node, "-e", "console.log('on'); process.stdin.resume()"]) == []


def test_a_python_without_the_shim_is_told_of(interception: Interception) -> None:
    (reason,) = told(interception, [sys.executable, "-I", "-c", WAIT])

    assert "start-up shim" in reason
    assert "PYTHONPATH" in reason


def test_another_language_is_told_of_also_behind_a_shell(interception: Interception, tmp_path: Path) -> None:
    program = tmp_path / "orders"
    shutil.copy("/bin/cat", program)

    (reason,) = told(interception, ["sh", "-c", f"{program}; true"])

    assert "neither Python nor Node" in reason


def test_a_library_that_connects_in_c_is_told_of(interception: Interception, tmp_path: Path) -> None:
    library = tmp_path / "pycurl.so"
    shutil.copy(_ctypes.__file__, library)
    load = f"import ctypes, sys; ctypes.CDLL({str(library)!r}); print('on', flush=True); sys.stdin.read()"

    assert told(interception, [sys.executable, "-c", load]) == ["has pycurl loaded, which connects in C"]


def test_a_quiet_seam_is_explained_with_a_way_out(interception: Interception) -> None:
    with subprocess.Popen([sys.executable, "-I", "-c", WAIT], stdin=subprocess.PIPE) as process:
        lines = unseen(interception, "payments", ["api.stripe.com"], [process.pid])
        assert process.stdin
        process.stdin.close()

    assert "api.stripe.com" in lines[0]
    assert f"process {process.pid}" in lines[1]
    assert 'PAYMENTS_URL = "{seams.payments.url}"' in lines[-1]
    assert unseen(interception, "payments", ["api.stripe.com"], []) == ()
