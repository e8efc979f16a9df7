"""field_out_of_range: a value of the request is out of range."""

from __future__ import annotations

import pytest

from ripstop import faults
from ripstop.model.fault import Facts
from ripstop.model.http import Request

from .requests_made import offered, replaced, request, rule


def values(kind: str = "integer", *checks: str, name: str = "quantity", value: object = 3) -> list[str]:
    facts = Facts(request=request({name: value}), columns={f"/{name}": rule(kind, "quantity", checks=checks)})
    return [
        spec.partition("(")[2].replace(f", field=/{name}", "")
        for spec in offered("field_out_of_range", facts)
    ]


OVER = "breaks=orders.quantity integer, value=2147483648)"


@pytest.mark.parametrize(
    ("check", "broken"),
    [
        ("CHECK ((quantity > 0))", ["> 0, value=-1"]),
        ("CHECK ((quantity >= 1))", [">= 1, value=0"]),
        ("CHECK (((quantity >= 1) AND (quantity <= 9)))", [">= 1, value=0", "<= 9, value=10"]),
        ("CHECK (((quantity)::numeric > (0)::numeric))", ["> 0, value=-1"]),
        ("CHECK ((quantity < '-5'::integer))", ["< -5, value=-4"]),
        ("CHECK (((quantity > 5) OR (quantity < 2)))", []),
        ("CHECK ((NOT (quantity > 5)))", []),
        ("CHECK (((stock - quantity) > 5))", []),
        ("CHECK ((abs(quantity) > 5))", []),
        ("CHECK ((other_quantity > 5))", []),
    ],
)
def test_a_check_is_broken_where_it_is_understood_and_left_where_it_is_not(
    check: str, broken: list[str]
) -> None:
    assert values("integer", check, name="size") == [*(f"breaks=orders.quantity {b})" for b in broken), OVER]


def test_a_list_of_values_and_an_enum_are_broken_by_another_word() -> None:
    listed = "CHECK (((quantity)::text = ANY ((ARRAY['a'::character varying])::text[])))"
    for check in (listed, "quantity IN ('a', 'b')"):
        assert values("text", check, name="size", value="a") == [
            "breaks=orders.quantity CHECK, value=no-such-value)"
        ]


def test_each_integer_type_has_its_own_end() -> None:
    assert values("smallint", name="size") == ["breaks=orders.quantity smallint, value=32768)"]
    assert values("bigint", name="size") == ["breaks=orders.quantity bigint, value=9223372036854775808)"]
    assert values("numeric", name="size") == []


@pytest.mark.parametrize(
    ("name", "value", "below"),
    [
        ("quantity", 3, True),
        ("amountCents", 4200, True),
        ("unit_price", 2.5, True),
        ("quantity", -3, False),
        ("latitude", 3, False),
        ("discounted", 3, False),
        ("quantity", True, False),
    ],
)
def test_what_counts_something_is_sent_below_zero_without_a_demand_to_break(
    name: str, value: object, below: bool
) -> None:
    shown = offered("field_out_of_range", Facts(request=request({name: value})))

    assert shown == ([f"field_out_of_range(field=/{name}, value=-{value})"] if below else [])


def test_a_form_carries_the_value_as_text() -> None:
    kind = (("content-type", "application/x-www-form-urlencoded"),)
    form = Request("POST", "/", kind, b"n=3")

    sent = replaced(faults.field_out_of_range("/n", -1), Facts(request=form))

    assert sent is not None
    assert sent.body == b"n=-1"
