"""Allowances: what a commit's trailer lets pass, and what it does not."""

from __future__ import annotations

import pytest

from ripstop.errors import UsageError
from ripstop.integrity.allowing import allowances, line, weigh
from ripstop.model.weakening import Allowance, Spot, Sure, Weakening

HEAD = "Move the total\n\nIt is the till's now.\n\n"
NODE = "tests/test_cart.py::TestCart::test_total"


def found(rule: str = "assertion-removed", node: str = NODE) -> Weakening:
    return Weakening(rule, node, Spot(node.partition("::")[0], 4, "assert x"), Spot("", 0), Sure.SURE, "")


def test_a_trailer_is_read_with_its_reason_and_its_commit() -> None:
    text = f"{HEAD}Signed-off-by: Ann\nRipstop-Allow: skip-added {NODE}: no till\n  on this machine\n"

    assert allowances([("c1", text)]) == (
        [Allowance("skip-added", NODE, "no till on this machine", "c1")],
        [],
    )


@pytest.mark.parametrize(
    "value",
    [
        f"skip-added {NODE}",
        f"skip-added {NODE}:",
        f"no-such-kind {NODE}: why",
        "skip-added : why",
        "all: why",
    ],
)
def test_one_without_a_reason_a_kind_or_a_test_is_refused(value: str) -> None:
    given, refused = allowances([("c1", f"{HEAD}Ripstop-Allow: {value}\n")])

    assert given == []
    assert len(refused) == 1
    assert refused[0].startswith("refused in c1")


def test_a_line_in_the_middle_of_a_message_allows_nothing() -> None:
    assert allowances([("c1", f"Head\n\nRipstop-Allow: skip-added {NODE}: why\n\nMore words.\n")]) == ([], [])


@pytest.mark.parametrize("target", [NODE, "tests/test_cart.py::TestCart", "tests/test_cart.py"])
def test_it_covers_the_test_the_class_or_the_file_it_names(target: str) -> None:
    rest, allowed, idle = weigh([found()], [Allowance("assertion-removed", target, "why", "c1")])

    assert (rest, len(allowed), idle) == ([], 1, [])


@pytest.mark.parametrize(
    ("rule", "target"),
    [
        ("skip-added", NODE),
        ("assertion-removed", "tests/test_cart.py::TestC"),
        ("assertion-removed", "tests"),
        ("assertion-removed", f"{NODE}_2"),
    ],
)
def test_it_covers_nothing_else(rule: str, target: str) -> None:
    given = Allowance(rule, target, "why", "c1")

    assert weigh([found()], [given]) == ([found()], [], [given])


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        (("skip-added", NODE, " "), "no-reason"),
        (("skip", NODE, "why"), "unknown-kind"),
        (("skip-added", "", "why"), "no-target"),
    ],
)
def test_a_line_is_not_made_of_half_of_what_it_needs(arguments: tuple[str, str, str], slug: str) -> None:
    with pytest.raises(UsageError) as raised:
        line(*arguments)

    assert raised.value.slug == slug


def test_a_line_is_read_as_it_was_made() -> None:
    made = line("skip-added", NODE, "because: of\nthis")

    assert allowances([("c", f"{HEAD}{made}\n")])[0] == [
        Allowance("skip-added", NODE, "because: of this", "c")
    ]
