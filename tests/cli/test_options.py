"""What of the options is refused before anything is started."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from ripstop.cli import options
from ripstop.config import Config, SeamConfig, ServiceConfig
from ripstop.errors import UsageError
from ripstop.explore.options import Options


def asked(*words: str, port: int = 0, seam_port: int = 0) -> Options:
    parser = argparse.ArgumentParser()
    options.add_exploring(parser)
    seams = {"db": SeamConfig("db", "postgres", port=seam_port)}
    config = Config(Path(), ServiceConfig("run", port=port), seams)
    return options.exploring(parser.parse_args(words), config)


@pytest.mark.parametrize(
    ("port", "seam_port", "told"), [(8000, 0, "service.port = 8000"), (0, 5432, "seams.db.port = 5432")]
)
def test_set_ups_side_by_side_cannot_share_a_fixed_port(port: int, seam_port: int, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        asked("--workers", "2", port=port, seam_port=seam_port)

    assert (caught.value.slug, caught.value.details) == ("fixed-port", (told,))


def test_one_set_up_may_have_fixed_ports_and_several_the_kernel_s() -> None:
    assert asked(port=8000, seam_port=5432) == asked("--workers", "2")


def test_racing_requests_are_held_once_and_on_request_twice() -> None:
    assert (asked().preemptions, asked("--preemptions", "2").preemptions) == (1, 2)


def test_they_are_not_held_three_times(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        asked("--preemptions", "3")

    assert "invalid choice" in capsys.readouterr().err
