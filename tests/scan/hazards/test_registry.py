"""All reasons together: each with its page, asked in order."""

from __future__ import annotations

import re

import pytest

from ripstop.errors import UsageError
from ripstop.scan.hazards import registry
from ripstop.scan.hazards.subject import Reason

from .reading import charge, subject, write


@pytest.mark.parametrize("reason", registry.REASONS, ids=lambda one: one.slug)
def test_every_reason_has_a_whole_page(reason: Reason) -> None:
    headings = re.findall(r"^## (.+)$", reason.page, re.MULTILINE)

    assert headings == ["What it checks", "Why it matters", "Example", "What to do instead"]
    assert registry.page(reason.slug.upper()).startswith(f"# {reason.slug}: {reason.title}\n")


def test_charge_then_insert_weighs_most() -> None:
    found = registry.hazards(subject(charge(10, timeout=False, key=False), write(20, "orders")))

    assert [one.slug for one in found] == ["effect-then-write", "money", "no-idempotency-key", "no-timeout"]
    assert max(found, key=lambda one: one.weight).slug == "effect-then-write"
    assert max(reason.weight for reason in registry.REASONS) == found[0].weight


def test_the_same_line_is_told_once_for_the_same_reason() -> None:
    again = registry.hazards(subject(charge(10, timeout=False), charge(10, timeout=False)))

    assert [one.slug for one in again].count("no-timeout") == 1


def test_an_unknown_reason_is_told_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="no-timeout: external call without a time-out") as raised:
        registry.reason("slow")

    assert raised.value.slug == "unknown-reason"
