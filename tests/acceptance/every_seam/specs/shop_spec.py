"""The happy path of the shop: the one test it had."""

from uuid import uuid4

import pytest

ANN, BEN = {"Authorization": "Bearer ann"}, {"Authorization": "Bearer ben"}


@pytest.mark.workflow(
    "buy a ticket",
    risk="critical",
    idempotency_key="header:Idempotency-Key",
    credentials="header:Authorization",
    other=BEN,
)
def test_buy_a_ticket(service, seams):
    headers = {**ANN, "Idempotency-Key": str(uuid4())}
    bought = service.post("/orders", json={"seat": "B12", "cents": 4200}, headers=headers)

    assert bought.status_code == 201
    number = bought.json()["id"]
    assert service.get(f"/orders/{number}", headers=ANN).json()["seat"] == "B12"
    assert seams.db.row("orders", id=number)["cents"] == 4200
    assert seams.stripe.effects("charge") == 1
    assert seams.mail.sent[0].recipients == ("ann@example.org",)
    assert seams.mail.effects() == 1
    assert seams.cache.keys() == ("customer:ann",)
