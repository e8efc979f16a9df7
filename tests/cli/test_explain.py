"""The pages behind the names that reports print."""

from __future__ import annotations

import pytest

from ripstop.cli.explain import listing, page
from ripstop.errors import UsageError
from ripstop.faults import catalogue
from ripstop.integrity.guard.rules import registry as weakenings
from ripstop.oracles import registry
from ripstop.scan.hazards.registry import REASONS

NAMES = [
    *(rule.code for rule in registry.RULES),
    *(rule.slug for rule in registry.RULES),
    *catalogue.names(),
    *(reason.slug for reason in REASONS),
    *(kind.slug for kind in weakenings.RULES),
]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_has_a_page_with_its_heading(name: str) -> None:
    heading, _, text = page(name).partition("\n")

    assert heading.startswith("# ")
    assert name in heading
    assert len(text) > 100


def test_a_risk_or_a_weakening_shares_its_name_with_nothing_else() -> None:
    assert [one.slug for one in (*REASONS, *weakenings.RULES) if NAMES.count(one.slug) > 1] == []


def test_all_of_them_are_listed() -> None:
    assert [name for name in NAMES if name not in listing()] == []


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean no-timeout") as raised:
        page("no-timout")

    assert raised.value.slug == "no-such-page"
