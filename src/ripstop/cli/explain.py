"""``ripstop explain RS204``: prints a rule's page, a fault's, or that of a reason why a workflow is risky."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence

from ripstop.errors import UsageError
from ripstop.faults import catalogue
from ripstop.oracles import registry
from ripstop.scan.hazards import registry as reasons

HELP = "print the page of a rule (RS204), of a fault (reply_lost) or of a risk (no-timeout)"


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="ripstop explain", description=HELP)
    parser.add_argument("name", nargs="?", help="a code, a slug or a name; none lists them all")
    name = parser.parse_args(arguments).name
    sys.stdout.write((page(name) if name else listing()) + "\n")
    return 0


def page(name: str) -> str:
    """The page of a rule, a fault or a risk. Raises UsageError (``no-such-page``) with the nearest name."""
    for rule in registry.RULES:
        if name.lower() in (rule.code.lower(), rule.slug):
            return (
                f"# {rule.code} {rule.slug}: {rule.title}\n\nseverity: {rule.severity}\n\n{rule.page.strip()}"
            )
    if name in catalogue.names():
        return f"# fault {name}\n\n{catalogue.page(name).strip()}"
    risks = [reason.slug for reason in reasons.REASONS]
    if name.lower() in risks:
        return reasons.page(name).strip()
    rules = [part for rule in registry.RULES for part in (rule.code, rule.slug)]
    known = [*rules, *catalogue.names(), *risks]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]}? " if near else ""
    raise UsageError(
        "no-such-page", f"no rule, fault or risk {name!r}", way_out=f"{hint}`ripstop explain` lists all"
    )


def listing() -> str:
    """Every rule, fault and risk, a line each."""
    rules = [f"  {rule.code}  {rule.slug:<22} {rule.title}" for rule in registry.RULES]
    faults = [f"  {name}" for name in catalogue.names()]
    risks = [f"  {one.slug:<29} {one.title}" for one in reasons.REASONS]
    return "\n".join(["rules:", *rules, "", "faults:", *faults, "", "risks of `ripstop scan`:", *risks])
