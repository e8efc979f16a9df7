"""unknown_id: an id of the request belongs to nothing."""

from __future__ import annotations

import pytest

from ripstop import faults
from ripstop.model.fault import Facts

from .requests_made import offered, replaced, request, rule


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("/orders/42/pay?x=1", ["unknown_id(field=path:2, value=2147483646)"]),
        ("/orders/ord_8aa1f2", ["unknown_id(field=path:2, value=ord_000000)"]),
        (
            "/o/1f0e2b44-1111-4222-8333-0123456789ab",
            ["unknown_id(field=path:2, value=00000000-0000-4000-8000-00000000dead)"],
        ),
        ("/recover/ada%40example.com", ["unknown_id(field=path:2, value=nobody@example.com)"]),
        ("/orders/latest", []),
    ],
)
def test_ids_in_a_path_are_replaced_by_one_of_their_look(target: str, shown: list[str]) -> None:
    assert offered("unknown_id", Facts(request=request(target=target))) == shown


def test_a_field_is_tried_where_its_column_leads_somewhere() -> None:
    columns = {
        "/sku": rule("character varying", "sku", references="products", length=6),
        "/shop": rule("integer", "shop", references="shops"),
        "/n": rule(),
    }
    facts = Facts(request=request({"sku": "tea", "shop": 7, "n": 1}), columns=columns)

    assert offered("unknown_id", facts) == [
        "unknown_id(breaks=orders.sku in products, field=/sku, value=no-suc)",
        "unknown_id(breaks=orders.shop in shops, field=/shop, value=2147483646)",
    ]


def test_the_rest_of_the_path_and_the_query_stay() -> None:
    sent = replaced(
        faults.unknown_id("path:2", 7), Facts(request=request({"a": 1}, target="/orders/42/pay?x=1"))
    )

    assert sent is not None
    assert (sent.target, sent.json()) == ("/orders/7/pay?x=1", {"a": 1})
