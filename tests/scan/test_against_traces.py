"""What reading tells of the examples, and of a service with every kind of seam, is what really crosses."""

from __future__ import annotations

import pytest

from .traced import EVERY_SEAM, EXAMPLES, Compared, compare, matches, precision, recall, table


@pytest.fixture(scope="module")
def found() -> list[Compared]:
    return compare((*EXAMPLES, EVERY_SEAM))


def test_every_crossing_was_told_and_none_was_invented(found: list[Compared]) -> None:
    assert (precision(found), recall(found)) == (1.0, 1.0), table(found)


def test_every_seam_and_each_example_was_really_crossed(found: list[Compared]) -> None:
    crossed = {one.service for one in found if one.crossed}

    assert crossed == {service.name for service in (*EXAMPLES, EVERY_SEAM)}
    assert {pair[0] for one in found for pair in one.crossed} == {"postgres", "http", "redis", "smtp"}


def test_the_table_names_what_was_missed_and_what_was_invented() -> None:
    told = frozenset({("postgres", "INSERT orders"), ("http", "POST /charges")})
    one = Compared("shop", "POST /orders", frozenset({("postgres", "INSERT orders"), ("smtp", "DATA")}), told)

    assert (precision([one]), recall([one])) == (0.5, 0.5)
    assert "missed smtp DATA; invented http POST /charges" in table([one])


@pytest.mark.parametrize(
    ("told", "crossed", "same"),
    [
        ("GET customer:{token}", "GET customer:ann", True),
        ("POST /orders/{id}/pay", "POST /orders/{id}/pay", True),
        ("GET customer:{token}", "GET order:ann", False),
        ("GET customer:{token}", "GET customer:ann SET", False),
    ],
)
def test_a_hole_stands_for_any_one_value(told: str, crossed: str, same: bool) -> None:
    assert matches(("redis", told), ("redis", crossed)) is same
    assert not matches(("http", told), ("redis", crossed))
