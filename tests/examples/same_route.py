"""What the order route of every example does, faults aside. Run by `tests/test_examples_plain.py` in each."""

from uuid import uuid4

import pytest

from ripstop import faults


@pytest.fixture
def order():
    return {"userId": "u-1", "amountCents": 4200, "idempotencyKey": str(uuid4())}


def test_an_order_is_charged_stored_and_answered_with_its_row(service, seams, order):
    response = service.post("/orders", json=order)

    assert response.status_code == 201
    assert response.json() == {
        "id": response.json()["id"],
        "userId": "u-1",
        "amountCents": 4200,
        "status": "paid",
    }
    assert len(seams.db.rows("orders")) == 1
    assert seams.payments.effects("charge")[0].key == order["idempotencyKey"]


@pytest.mark.parametrize("missing", ["userId", "amountCents"])
def test_an_order_without_a_user_or_an_amount_is_refused_before_the_charge(service, seams, order, missing):
    del order[missing]

    response = service.post("/orders", json=order)

    assert response.status_code == 400
    assert response.json() == {"error": "userId and amountCents required"}
    assert seams.payments.effects("charge") == 0
    assert seams.db.changes == []


def test_a_declined_card_is_a_failed_payment_and_no_order(service, seams, order):
    with seams.payments.inject(faults.declined("card_declined"), at="POST /v1/charges"):
        response = service.post("/orders", json=order)

    assert response.status_code == 402
    assert response.json()["error"] == "payment_failed"
    assert seams.db.changes == []


def test_an_order_that_cannot_be_stored_is_retryable_and_the_retry_charges_nothing_more(
    service, seams, order
):
    with seams.db.inject(faults.connection_lost(), at="INSERT orders"):
        response = service.post("/orders", json=order)

    assert response.status_code == 503
    assert response.json() == {"error": "order_persist_failed", "retryable": True}
    assert seams.db.changes == []
    assert service.post("/orders", json=order).status_code == 201
    assert seams.payments.effects("charge") == 1


def test_the_service_is_healthy_while_its_database_is_away(service, seams, order):
    with seams.db.inject(faults.connection_refused(), at="CONNECT"):
        assert service.post("/orders", json=order).status_code == 503
        assert service.get("/health").status_code == 200
