"""All kinds of weakening, in the order in which their pages are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ripstop.integrity.guard.change import Change
from ripstop.integrity.guard.rules import (
    assertion_loosened,
    assertion_removed,
    cases_removed,
    expected_value_changed,
    patience_raised,
    raises_widened,
    report_altered,
    settings_loosened,
    skip_added,
    subject_patched,
    test_deleted,
    test_uncollected,
    tolerance_widened,
)
from ripstop.model.weakening import Kind, Weakening

Ask = Callable[[Change], Iterator[Weakening]]

_ASKED: tuple[tuple[Kind, Ask], ...] = (
    (assertion_removed.RULE, assertion_removed.weakenings),
    (assertion_loosened.RULE, assertion_loosened.weakenings),
    (expected_value_changed.RULE, expected_value_changed.weakenings),
    (tolerance_widened.RULE, tolerance_widened.weakenings),
    (raises_widened.RULE, raises_widened.weakenings),
    (skip_added.RULE, skip_added.weakenings),
    (cases_removed.RULE, cases_removed.weakenings),
    (test_deleted.RULE, test_deleted.weakenings),
    (test_uncollected.RULE, test_uncollected.weakenings),
    (subject_patched.RULE, subject_patched.weakenings),
    (patience_raised.RULE, patience_raised.weakenings),
    (settings_loosened.RULE, settings_loosened.weakenings),
    (report_altered.RULE, report_altered.weakenings),
)

CHECKS: tuple[Ask, ...] = tuple(ask for _, ask in _ASKED)
RULES: tuple[Kind, ...] = tuple(rule for rule, _ in _ASKED)


def page(slug: str) -> str:
    """A kind's own page as Markdown, with its heading. Raises KeyError for one that is not there."""
    rule = {one.slug: one for one in RULES}[slug]
    return f"# {rule.slug}: {rule.title}\n\n{rule.page.strip()}\n"
