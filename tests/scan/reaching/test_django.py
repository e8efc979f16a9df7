"""Django's managers, query sets and objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from .models import DJANGO
from .snippets import operations, reached


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("Order.objects.create(total=1)", ["INSERT shop_order"]),
        ("Order.objects.get(pk=x)", ["SELECT shop_order"]),
        ("Order.objects.filter(total=3).exists()", ["SELECT shop_order"]),
        ("Line.objects.filter(order=x).update(order=1)", ["UPDATE lines"]),
        ("Line.objects.filter(order=x).exclude(order=1).delete()", ["DELETE lines"]),
        ("for line in Line.objects.filter(order=x).order_by('id'):\n    print(line)", ["SELECT lines"]),
        ("Line.objects.get_or_create(order=x)", ["SELECT lines", "INSERT lines"]),
        ("Line.objects.bulk_create([Line(order=x)])", ["INSERT lines"]),
        ("Order(total=1).save()", ["INSERT shop_order"]),
        ("o = Order.objects.get(pk=x)\no.total = 2\no.save()", ["SELECT shop_order", "UPDATE shop_order"]),
        ("o = get_object_or_404(Order, pk=x)\no.delete()", ["SELECT shop_order", "DELETE shop_order"]),
        ("with connection.cursor() as c:\n    c.execute('SELECT 1 FROM lines')", ["SELECT lines"]),
        (
            "with transaction.atomic():\n    Order.objects.select_for_update().get(pk=x)",
            ["BEGIN", "SELECT shop_order FOR UPDATE!", "COMMIT!"],
        ),
    ],
)
def test_each_method_is_the_statement_it_sends(tmp_path: Path, body: str, told: list[str]) -> None:
    assert operations(tmp_path, DJANGO, body) == told


def test_a_decorator_puts_the_whole_function_into_a_transaction(tmp_path: Path) -> None:
    source = f"{DJANGO}\n@transaction.atomic\ndef handle(request):\n    Order.objects.create(total=1)\n"

    told = [(one.operation, one.in_transaction) for one in reached(tmp_path, source)]
    assert told == [("BEGIN", False), ("INSERT shop_order", True), ("COMMIT", True)]


@pytest.mark.parametrize("body", ["x.objects.nothing()", "form.save()", "x.filter(a=1)"])
def test_methods_of_others_are_left_alone(tmp_path: Path, body: str) -> None:
    assert operations(tmp_path, DJANGO, body) == []
