"""Options that several verbs share, and names checked before anything is started."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Iterable
from dataclasses import replace

from ripstop.config import Config
from ripstop.errors import UsageError
from ripstop.explore.options import Options
from ripstop.faults import catalogue
from ripstop.model.trace import CLIENT

_LISTED = 12


def add_exploring(parser: argparse.ArgumentParser) -> None:
    """The options of every verb that explores."""
    parser.add_argument(
        "--max-time", type=float, default=0.0, metavar="SECONDS", help="stop planning after this long"
    )
    parser.add_argument(
        "--seam",
        action="append",
        default=[],
        metavar="NAME",
        help="break this seam only (client: the caller's own side); repeatable",
    )
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME", help="this fault only; repeatable"
    )
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="set-ups side by side (default 1)"
    )
    parser.add_argument(
        "--budget", type=float, metavar="SECONDS", help="how long an answer may take (default 5)"
    )
    parser.add_argument(
        "--preemptions",
        type=int,
        choices=(1, 2),
        default=1,
        help="how often racing requests are held (default 1)",
    )
    parser.add_argument(
        "--reduce",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="leave out experiments whose outcome is known",
    )


def exploring(given: argparse.Namespace, config: Config) -> Options:
    """What was asked, checked against what there is. Raises UsageError."""
    _known("seam", given.seam, (*config.seams, CLIENT))
    _known("fault", given.fault, catalogue.names())
    if given.workers < 1:
        raise UsageError("wrong-workers", f"--workers {given.workers}: at least one is needed")
    if given.workers > 1:
        _unfixed(config)
    return replace(
        defaults(config),
        seams=frozenset(given.seam),
        faults=frozenset(given.fault),
        max_time_s=given.max_time,
        reduce=given.reduce,
        preemptions=given.preemptions,
    )


def defaults(config: Config) -> Options:
    """What a configuration alone says."""
    return Options(
        budget_ms=int(config.budget_s * 1_000),
        journal=frozenset(table for seam in config.seams.values() for table in seam.journal),
        retry_cap=min((s.retry_cap for s in config.seams.values() if s.protocol == "http"), default=4),
        clock=next((s.name for s in config.seams.values() if s.protocol == "clock"), ""),
    )


def _unfixed(config: Config) -> None:
    """Set-ups side by side cannot all have the same port."""
    named = {"service": config.service.port, **{f"seams.{s.name}": s.port for s in config.seams.values()}}
    if fixed := [f"{place}.port = {port}" for place, port in named.items() if port]:
        raise UsageError(
            "fixed-port",
            "set-ups side by side cannot share a fixed port",
            details=fixed,
            way_out="leave --workers out, or the ports, and say {port} or {seams.NAME.port} instead",
        )


def _known(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    known = list(known)
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]!r}? " if near else ""
            listed = f"known: {', '.join(known)}" if len(known) <= _LISTED else "`ripstop explain` lists all"
            raise UsageError(f"unknown-{what}", f"no {what} {name!r}", way_out=f"{hint}{listed}")
