"""`POST /invoices/{id}/payment`: charge the customer's card once, and mark the invoice as paid."""

import os
from typing import Annotated

import httpx
from fastapi import FastAPI, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from schema import Invoice, engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import sessionmaker

app = FastAPI()
new_session = sessionmaker(engine, expire_on_commit=False)
provider = httpx.Client(base_url=os.environ["PAYMENTS_URL"], timeout=0.4)
Id = Annotated[int, Path(gt=0, lt=2**31)]


class Refused(Exception):
    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status, self.error = status, error


class NewInvoice(BaseModel):
    customer: Annotated[str, Field(strict=True, min_length=1, max_length=80)]
    cents: Annotated[int, Field(strict=True, ge=1, le=10_000_000)]


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/invoices", status_code=201)
def create_invoice(new: NewInvoice) -> dict[str, object]:
    with new_session.begin() as session:
        invoice = Invoice(**new.model_dump())
        session.add(invoice)
    return {"id": invoice.id, "status": invoice.status}


@app.post("/invoices/{invoice_id}/payment")
def pay(invoice_id: Id) -> dict[str, object]:
    with new_session.begin() as session:
        invoice = session.get(Invoice, invoice_id)
    if invoice is None:
        raise Refused(404, "no_such_invoice")
    if invoice.status == "open":
        charge_id = charge(invoice)
        with new_session.begin() as session:
            invoice = session.get(Invoice, invoice_id, with_for_update=True)
            invoice.charge_id, invoice.status = charge_id, "paid"
    return {"id": invoice.id, "status": invoice.status, "chargeId": invoice.charge_id}


def charge(invoice: Invoice) -> str:
    """The charge's id. The invoice is the key: the provider charges it once, however often it is asked."""
    body = {"customer": invoice.customer, "cents": invoice.cents}
    try:
        reply = provider.post("/v1/charges", json=body, headers={"Idempotency-Key": f"invoice-{invoice.id}"})
    except httpx.TimeoutException as error:
        raise Refused(504, "payment_timeout") from error
    except httpx.HTTPError as error:
        raise Refused(502, "payment_unreachable") from error
    if reply.status_code == 402:
        raise Refused(402, "card_declined")
    if reply.status_code != 201:
        raise Refused(502, "payment_unavailable")
    try:
        made = reply.json()
        if made["status"] == "succeeded" and isinstance(made["id"], str):
            return made["id"]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(502, "payment_unconfirmed") from error
    raise Refused(502, "payment_unconfirmed")


@app.exception_handler(Refused)
def tell(_: Request, refused: Refused) -> JSONResponse:
    return JSONResponse({"error": refused.error, "retryable": refused.status > 499}, refused.status)


@app.exception_handler(SQLAlchemyError)
def no_database(_: Request, __: SQLAlchemyError) -> JSONResponse:
    return JSONResponse({"error": "database_unavailable", "retryable": True}, 503)
