"""``ripstop record SEAM --to FILE``: runs the workflows against a real server, and keeps its answers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ripstop import config as configuration
from ripstop.cli import passing
from ripstop.cli.parting import parted
from ripstop.cli.sharing import write_shared
from ripstop.cli.stdout import own_stdout
from ripstop.config import Config, SeamConfig
from ripstop.doubles.cassette import tape
from ripstop.doubles.cassette.tape import Interaction
from ripstop.doubles.double import Double, Heard
from ripstop.doubles.loading import load
from ripstop.errors import BaselineError, UsageError

HELP = "run the workflows against a real or sandbox server, and keep its answers as a cassette"


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="ripstop record", description=HELP, epilog="everything after -- is handed to pytest"
    )
    parser.add_argument("seam", help="the seam whose calls are passed on")
    parser.add_argument("--to", required=True, metavar="FILE", help="the cassette to write")
    parser.add_argument(
        "--upstream", metavar="URL", help="the server's base URL (default: the configured one)"
    )
    own, pytest_arguments = parted(arguments)
    given = parser.parse_args(own)
    config = configuration.load(Path.cwd())
    seam = passing.http_seam(config, given.seam)
    url = passing.upstream(seam, given.upstream)
    target = _target(Path(given.to))
    ran = passing.ran(_passing_on(config, seam.name, url), [seam.name], pytest_arguments, counting=False)
    heard = ran.heard[seam.name]
    _must_have(heard, seam.name)
    write_shared(target, tape.text_of(_named(heard, seam, config), upstream=url), "cassette")
    with own_stdout() as stream:
        stream.write(f"{len(heard)} calls of {seam.name} to {url} recorded in {given.to}, secrets masked\n")
        stream.write(f'now configure: [tool.ripstop.seams.{seam.name}] double = "cassette:{given.to}"\n')
        for failure in ran.failed:
            stream.write(f"an assertion failed meanwhile, as no effects are counted: {failure}\n")
    return 0


def _named(heard: Sequence[Heard], seam: SeamConfig, config: Config) -> Iterator[Interaction]:
    """The calls with their effects named as the seam's double named them so far, if it has one."""
    double = load(seam.double, config.root) if seam.double else Double(seam.name)
    for one in heard:
        yield Interaction(one.request, one.reply, double.effect_of(one.request))


def _passing_on(config: Config, name: str, url: str) -> Config:
    """The configuration with the server itself in the double's place."""
    seam = replace(config.seams[name], double=f"upstream:{url}")
    return replace(config, seams={**config.seams, name: seam})


def _target(path: Path) -> Path:
    if not path.parent.is_dir():
        raise UsageError("no-folder", f"{path.parent} is no folder", way_out="make it first")
    return path


def _must_have(heard: Sequence[Heard], name: str) -> None:
    if not heard:
        raise BaselineError(
            "nothing-recorded",
            f"no call of {name} was answered while the workflows ran",
            way_out="does the service call this seam in these workflows?",
        )
