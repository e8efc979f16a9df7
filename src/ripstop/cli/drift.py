"""``ripstop drift``: asks the real or sandbox server what the doubles are asked, and compares the shapes."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ripstop import config as configuration
from ripstop.cli import passing
from ripstop.cli.parting import parted
from ripstop.cli.stdout import own_stdout
from ripstop.config import Config, SeamConfig
from ripstop.doubles import asking
from ripstop.doubles.asking import Asked
from ripstop.doubles.cassette.tape import masked
from ripstop.doubles.double import Double, Heard
from ripstop.doubles.loading import load
from ripstop.doubles.upstream import asking as asking_server
from ripstop.errors import UsageError
from ripstop.model.http import Headers, Request
from ripstop.model.secrets import MASK, mask_text

HELP = "see whether the real or sandbox server still answers in the shape of the doubles"
_EPILOG = """everything after -- is handed to pytest; workflows run only for doubles that know no
request of their own. Exit codes: 0 no drift, 1 drift, 2 usage or nothing to compare, 3 a server that does
not answer"""


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found of one seam."""

    seam: str
    url: str
    asked: tuple[Asked, ...]

    @property
    def sent(self) -> tuple[Asked, ...]:
        return tuple(one for one in self.asked if not one.left_out)

    @property
    def drifted(self) -> tuple[Asked, ...]:
        return tuple(one for one in self.sent if any(d.drift for d in one.differences))


def run(arguments: Sequence[str]) -> int:
    own, pytest_arguments = parted(arguments)
    given = _parser().parse_args(own)
    config = configuration.load(Path.cwd())
    wanted = _wanted(config, given.seam, given.upstream)
    headers = tuple(_header(text) for text in given.header)
    told = _heard(config, tuple(wanted), pytest_arguments)
    compared = []
    for name, url in wanted.items():
        double, heard = told[name]
        unsafe = given.unsafe or config.seams[name].sandbox
        compared.append(_compare(double, heard, url, headers, unsafe=unsafe))
    with own_stdout() as stream:
        stream.write("".join(f"{line}\n" for one in compared for line in _lines(one, strict=given.strict)))
    if not any(one.sent for one in compared):
        raise UsageError(
            "nothing-compared",
            "no request could be sent, so nothing was compared",
            way_out="every one may change something: name a sandbox and pass --unsafe",
        )
    strictly = given.strict and any(one.differences for c in compared for one in c.sent)
    return 1 if strictly or any(one.drifted for one in compared) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ripstop drift", description=HELP, epilog=_EPILOG)
    parser.add_argument("seam", nargs="*", help="seams to check (default: those with an upstream)")
    parser.add_argument(
        "--upstream",
        action="append",
        default=[],
        metavar="[SEAM=]URL",
        help="the server's base URL; repeatable",
    )
    parser.add_argument(
        "--header", action="append", default=[], metavar="'NAME: VALUE'", help="sent with each request"
    )
    parser.add_argument(
        "--unsafe", action="store_true", help="send requests that may change something, too: a sandbox's only"
    )
    parser.add_argument(
        "--strict", action="store_true", help="fields that the double does not know are drift, too"
    )
    return parser


def _wanted(config: Config, seams: Sequence[str], given: Sequence[str]) -> dict[str, str]:
    """The server of each seam to check. Raises UsageError where one is missing or meant for nobody."""
    named, bare = {}, None
    for text in given:
        name, separator, url = text.partition("=")
        if separator and "/" not in name:
            named[passing.http_seam(config, name).name] = url
        else:
            bare = text
    every = [seam.name for seam in config.seams.values() if seam.protocol == "http"]
    if not seams:
        seams = [one for one in every if one in named or config.seams[one].upstream]
        seams = seams or (every if len(every) == 1 else ())
    if bare and len(seams) != 1:
        raise UsageError(
            "which-upstream",
            f"--upstream {bare}: whose is it?",
            way_out=f"write --upstream SEAM=URL; seams: {', '.join(every)}",
        )
    if not seams:
        raise UsageError("no-upstream", "no seam has an upstream", way_out="give --upstream SEAM=URL")
    return {name: passing.upstream(passing.http_seam(config, name), named.get(name, bare)) for name in seams}


def _header(text: str) -> tuple[str, str]:
    name, separator, value = text.partition(":")
    if not separator or not name.strip():
        raise UsageError(
            "bad-header", f"--header {mask_text(text)!r}", way_out="write --header 'NAME: VALUE'"
        )
    return name.strip(), value.strip()


def _heard(
    config: Config, seams: Sequence[str], pytest_arguments: Sequence[str]
) -> Mapping[str, tuple[Double, list[Heard]]]:
    """For each seam its double, and calls to it: its own samples, or what the workflows make of it."""
    doubles = {name: _load(config.seams[name], config) for name in seams}
    found = {name: asking.sampled(double) for name, double in doubles.items()}
    silent = [name for name, heard in found.items() if not heard]
    if silent:
        for name, heard in passing.ran(config, silent, pytest_arguments).heard.items():
            found[name] = asking.accepted(doubles[name], heard)
    return {name: (doubles[name], found[name]) for name in seams}


def _load(seam: SeamConfig, config: Config) -> Double:
    if seam.double is None:
        raise UsageError("no-double", f"the seam {seam.name!r} has no double to compare with")
    return load(seam.double, config.root, name=seam.name)


def _compare(double: Double, heard: Sequence[Heard], url: str, headers: Headers, *, unsafe: bool) -> Compared:
    with asking_server(url, headers) as ask:
        conversation = asking.Conversation(
            double, lambda request: ask(_bare(request)), unsafe=unsafe, unsendable=_unsendable
        )
        return Compared(double.name, url, tuple(conversation.over(heard)))


def _bare(request: Request) -> Request:
    """Without headers whose secrets were masked when they were recorded."""
    kept = tuple((name, value) for name, value in request.headers if MASK not in value)
    return Request(request.method, request.target, kept, request.body)


def _unsendable(request: Request) -> str:
    return "its secrets were masked when it was recorded" if masked(request) else ""


def _lines(compared: Compared, *, strict: bool) -> list[str]:
    drifted = len(compared.drifted)
    what = "no drift" if not drifted else f"{drifted} differ{'s' if drifted == 1 else ''}"
    many = len(compared.sent)
    lines = [f"{compared.seam} at {compared.url}: {many} request{'' if many == 1 else 's'} compared, {what}"]
    for one in compared.sent:
        told = [d for d in one.differences if d.drift or strict]
        if told:
            lines.append(f"  {one.operation}")
            lines += [f"    {difference.text}" for difference in told]
    lines += [f"  not asked: {one.operation}: {one.left_out}" for one in compared.asked if one.left_out]
    quiet = sum(1 for one in compared.sent for d in one.differences if not d.drift)
    if quiet and not strict:
        lines.append(f"  {quiet} differences that are no drift are left out; --strict tells them")
    return [mask_text(line) for line in lines]
