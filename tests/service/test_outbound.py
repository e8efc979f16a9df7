"""The table the shims read: its order, what may stand in it, and that it goes however we end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ripstop.errors import UsageError
from ripstop.service.certificates import Authority
from ripstop.service.environment import service_env
from ripstop.service.outbound import Interception, Refused, address


@pytest.fixture
def authority() -> Iterator[Authority]:
    one = Authority.create()
    yield one
    one.close()


def hosts(authority: Authority) -> list[list[str]]:
    lines = (authority.folder / "table").read_text().splitlines()
    return [line.split("\t")[1:] for line in lines if line.startswith("host\t")]


def test_the_most_particular_pattern_comes_first(authority: Authority) -> None:
    Interception.begin({"*.aws.example": 1, "*.s3.aws.example": 2, "B.example.": 3}, authority)

    assert hosts(authority) == [
        ["b.example", "127.77.0.1", "3"],
        ["*.s3.aws.example", "127.77.0.2", "2"],
        ["*.aws.example", "127.77.0.3", "1"],
    ]


def test_every_pattern_has_an_address_of_its_own() -> None:
    assert len({address(number) for number in range(1, 10_000)}) == 9_999
    assert (address(1), address(300)) == ("127.77.0.1", "127.77.1.44")


@pytest.mark.parametrize(
    "pattern",
    ["", "https://a.example", "a.example:443", "a.example/v1", "*", "*.*.example", "a b", "127.0.0.1", "::1",
     "localhost", "a\tb", "b\n"],
)  # fmt: skip
def test_what_is_no_host_is_a_usage_error(authority: Authority, pattern: str) -> None:
    with pytest.raises(UsageError) as caught:
        Interception.begin({pattern: 1}, authority)

    assert caught.value.slug == "bad-host"
    assert caught.value.way_out


def test_a_report_that_something_else_wrote_into_is_read_as_far_as_it_goes(authority: Authority) -> None:
    interception = Interception.begin({}, authority)
    report = authority.folder / "report"
    report.write_bytes(
        b"refused\ta.example\t443\thttpx\t7\nnonsense\n\xff\t\t\t\t\nrefused\tb.example\tx\t\t7\nrefused\tc"
    )

    assert interception.refused() == (Refused("a.example", 443, 1, "httpx"),)


def test_a_new_interception_begins_with_an_empty_report_and_nothing_in_the_dark(authority: Authority) -> None:
    before = Interception.begin({"a.example": 1}, authority)
    before.darken(["a.example"])
    (authority.folder / "report").write_text("refused\ta.example\t1\t\t1\n")

    assert Interception.begin({"a.example": 1}, authority).refused() == ()
    assert not (authority.folder / "dark").exists()


def test_the_shims_come_with_the_table_also_for_a_setup_command(authority: Authority) -> None:
    env = service_env(Interception.begin({}, authority).environment())

    assert "shims/python" in env["PYTHONPATH"]
    assert "shims/node/outbound.cjs" in env["NODE_OPTIONS"]
    assert "NODE_OPTIONS" not in service_env({}, shims=True)


def test_nothing_is_left_of_it_when_we_are_killed(tmp_path: Path, eventually: Callable[..., None]) -> None:
    code = (
        "import os, signal\nfrom ripstop.service.certificates import Authority\n"
        "from ripstop.service.outbound import Interception\n"
        "Interception.begin({'a.example': 1}, Authority.create())\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)})

    assert done.returncode == -signal.SIGKILL
    eventually(lambda: not list(tmp_path.iterdir()))
