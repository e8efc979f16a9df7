"""The happy path of paying an invoice."""

import pytest


@pytest.fixture
def invoice(service):
    return service.post("/invoices", json={"customer": "cus-3", "cents": 12900}).json()["id"]


@pytest.mark.workflow("pay an invoice")
def test_pay_an_invoice(service, seams, invoice):
    response = service.post(f"/invoices/{invoice}/payment")

    assert response.status_code == 200
    assert seams.db.row("invoices", id=invoice)["status"] == "paid"
    assert seams.payments.effects("charge") == 1
