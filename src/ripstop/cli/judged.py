"""What ``red`` and ``green`` share: which code they judge, where the red set is, how pytest is run."""

from __future__ import annotations

import argparse
from pathlib import Path

from ripstop.integrity.checkout import WORK_TREE
from ripstop.integrity.frozen import FILE
from ripstop.integrity.judging import Judge
from ripstop.integrity.repository import Repository
from ripstop.integrity.session import Session


def add_judging(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--on", metavar="REVISION", default=WORK_TREE, help="a commit, or BASE..HEAD (default: the work tree)"
    )
    parser.add_argument("--frozen", metavar="FILE", default=FILE, help=f"the red set (default: {FILE})")
    parser.add_argument(
        "--bring",
        action="append",
        default=[],
        metavar="PATH",
        help="an ignored file or folder that the fresh checkout needs, as node_modules",
    )
    parser.add_argument("--timeout", type=float, default=900.0, metavar="S", help="how long pytest may take")
    parser.add_argument("--json", action="store_true", help="print JSON instead")


def judge_of(given: argparse.Namespace) -> Judge:
    """The judge a command line asks for. Raises UsageError outside a repository."""
    return Judge(Repository.around(Path.cwd()), Session(timeout_s=given.timeout), tuple(given.bring))


def target_of(given: argparse.Namespace) -> str:
    """The revision that is judged: of a range, its end."""
    return str(given.on).rpartition("..")[2] or ("HEAD" if ".." in given.on else WORK_TREE)
