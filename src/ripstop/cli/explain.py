"""``ripstop explain RS204``: prints a rule's page, or a fault's."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence

from ripstop.errors import UsageError
from ripstop.faults import catalogue
from ripstop.oracles import registry

HELP = "print the page of a rule (RS204) or of a fault (reply_lost)"


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="ripstop explain", description=HELP)
    parser.add_argument("name", nargs="?", help="a code, a slug or a fault's name; none lists them all")
    name = parser.parse_args(arguments).name
    sys.stdout.write((page(name) if name else listing()) + "\n")
    return 0


def page(name: str) -> str:
    """The page of a rule or fault. Raises UsageError (``no-such-page``) with the nearest name."""
    for rule in registry.RULES:
        if name.lower() in (rule.code.lower(), rule.slug):
            return (
                f"# {rule.code} {rule.slug}: {rule.title}\n\nseverity: {rule.severity}\n\n{rule.page.strip()}"
            )
    if name in catalogue.names():
        return f"# fault {name}\n\n{catalogue.page(name).strip()}"
    known = [*(r.code for r in registry.RULES), *(r.slug for r in registry.RULES), *catalogue.names()]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]}? " if near else ""
    raise UsageError(
        "no-such-page", f"no rule or fault {name!r}", way_out=f"{hint}`ripstop explain` lists all"
    )


def listing() -> str:
    """Every rule and fault, a line each."""
    rules = [f"  {rule.code}  {rule.slug:<22} {rule.title}" for rule in registry.RULES]
    return "\n".join(["rules:", *rules, "", "faults:", *(f"  {name}" for name in catalogue.names())])
