"""``ripstop explain RS204``: prints the page of a rule, a fault, a risk or a kind of weakening."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence

from ripstop.errors import UsageError
from ripstop.faults import catalogue
from ripstop.integrity.guard.rules import registry as weakenings
from ripstop.oracles import registry
from ripstop.scan.hazards import registry as reasons

HELP = (
    "print the page of a rule (RS204), a fault (reply_lost), a risk (no-timeout) or a weakening (skip-added)"
)


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="ripstop explain", description=HELP)
    parser.add_argument("name", nargs="?", help="a code, a slug or a name; none lists them all")
    name = parser.parse_args(arguments).name
    sys.stdout.write((page(name) if name else listing()) + "\n")
    return 0


def page(name: str) -> str:
    """The page behind a name. Raises UsageError (``no-such-page``) with the nearest one."""
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
    kinds = [kind.slug for kind in weakenings.RULES]
    if name.lower() in kinds:
        return weakenings.page(name.lower()).strip()
    rules = [part for rule in registry.RULES for part in (rule.code, rule.slug)]
    known = [*rules, *catalogue.names(), *risks, *kinds]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]}? " if near else ""
    raise UsageError(
        "no-such-page",
        f"no rule, fault, risk or weakening {name!r}",
        way_out=f"{hint}`ripstop explain` lists all",
    )


def listing() -> str:
    """Every rule, fault, risk and weakening, a line each."""
    rules = [f"  {rule.code}  {rule.slug:<22} {rule.title}" for rule in registry.RULES]
    faults = [f"  {name}" for name in catalogue.names()]
    risks = [f"  {one.slug:<29} {one.title}" for one in reasons.REASONS]
    kinds = [f"  {one.slug:<29} {one.title}" for one in weakenings.RULES]
    parts = {
        "rules": rules,
        "faults": faults,
        "risks of `ripstop scan`": risks,
        "weakenings of `ripstop guard`": kinds,
    }
    return "\n\n".join("\n".join([f"{title}:", *lines]) for title, lines in parts.items())
