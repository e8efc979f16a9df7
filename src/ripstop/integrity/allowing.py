"""Allowances: weakenings that somebody wanted, with the reason in a commit's trailer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ripstop.errors import UsageError
from ripstop.integrity.guard.rules import registry
from ripstop.model.weakening import Allowance, Allowed, Weakening

TRAILER = "Ripstop-Allow"
_KINDS = tuple(rule.slug for rule in registry.RULES)


def line(rule: str, target: str, reason: str) -> str:
    """The trailer for an allowance. Raises UsageError for an unknown kind, no target or no reason."""
    if rule not in _KINDS:
        raise UsageError(
            "unknown-kind", f"no kind of weakening {rule!r}", details=_KINDS, way_out="name one of these"
        )
    told = " ".join(reason.split())
    if not told:
        raise UsageError(
            "no-reason",
            "an allowance needs a reason",
            way_out='say why, as in --reason "the total moved to the till"',
        )
    if not target.strip() or any(character.isspace() for character in target):
        raise UsageError(
            "no-target", "an allowance names a test or a file", way_out="as in RULE@tests/test_a.py::test_b"
        )
    return f"{TRAILER}: {rule} {target}: {told}"


def allowances(messages: Iterable[tuple[str, str]]) -> tuple[list[Allowance], list[str]]:
    """The allowances in some commits' messages, and why others are refused."""
    found, refused = [], []
    for commit, text in messages:
        for value in _trailers(text):
            about, _, reason = value.partition(": ")
            rule, _, target = about.partition(" ")
            try:
                line(rule, target.rstrip(":"), reason)
            except UsageError as error:
                refused.append(f"refused in {commit[:12]}: {value}: {error.message}")
                continue
            found.append(Allowance(rule, target, reason.strip(), commit))
    return found, refused


def _trailers(text: str) -> Iterator[str]:
    """The values in a message's last paragraph, with lines that continue one (git-interpret-trailers)."""
    told = ""
    for one in [*text.strip().rpartition("\n\n")[2].splitlines(), ""]:
        if told and one[:1] in (" ", "\t") and one.strip():
            told += f" {one.strip()}"
            continue
        if told:
            yield told
        name, _, value = one.partition(":")
        told = value.strip() if name.strip().lower() == TRAILER.lower() else ""


def weigh(
    found: Sequence[Weakening], given: Sequence[Allowance]
) -> tuple[list[Weakening], list[Allowed], list[Allowance]]:
    """What is not allowed, what is and by which, and the allowances that cover nothing."""
    rest, allowed, used = [], [], set()
    for one in found:
        by = next((allowance for allowance in given if allowance.covers(one)), None)
        if by is None:
            rest.append(one)
        else:
            used.add(by)
            allowed.append(Allowed(one, by))
    return rest, allowed, [one for one in given if one not in used]
