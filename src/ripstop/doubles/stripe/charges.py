"""Charges: docs.stripe.com/api/charges."""

from __future__ import annotations

from ripstop.doubles.stripe import charging
from ripstop.doubles.stripe.books import Books, Object, update
from ripstop.doubles.stripe.errors import invalid
from ripstop.doubles.stripe.params import accepts, amount, currency, flag, hashed, metadata, text
from ripstop.doubles.stripe.payment_methods import declined, of_source
from ripstop.doubles.stripe.served import Given, Served, listing, matching


def create(books: Books, given: Given, _: str) -> Object:
    charging.checked_amount(given["amount"], given["currency"])
    method = _source(books, given)
    about = {
        name: value
        for name, value in given.items()
        if name not in ("amount", "currency", "source", "capture")
    }
    charge, decline = charging.attempt(
        books, method, given["amount"], given["currency"], capture=given.get("capture", True), **about
    )
    if decline is not None:
        raise declined(decline, charge=charge["id"])
    return charge


def retrieve(books: Books, _given: Given, identity: str) -> Object:
    return books.find("charges", identity)


def modify(books: Books, given: Given, identity: str) -> Object:
    charge = books.find("charges", identity)
    books.emit("charge.updated", charge, update(charge, given))
    return charge


def capture(books: Books, given: Given, identity: str) -> Object:
    return charging.capture(books, books.find("charges", identity), given.get("amount"))


def listed(books: Books, given: Given, _: str) -> Object:
    where = matching(given, "customer", "payment_intent", "transfer_group")
    return books.page("charges", given, "/v1/charges", where)


def _source(books: Books, given: Given) -> Object:
    if "customer" in given:
        customer = books.find("customers", given["customer"], param="customer", inside=True)
        if "source" not in given and customer["default_source"] is None:
            raise invalid("Cannot charge a customer that has no active card", code="missing", param="card")
        return of_source(books, given.get("source") or customer["default_source"])
    if "source" not in given:
        raise invalid("Must provide source or customer.", code="parameter_missing")
    return of_source(books, given["source"])


_ABOUT = {
    "customer": text,
    "description": text,
    "metadata": metadata,
    "receipt_email": text,
    "shipping": hashed,
}

ROUTES = (
    Served(
        "POST /v1/charges",
        create,
        accepts(
            required={"amount": amount, "currency": currency},
            typed={**_ABOUT, "capture": flag, "source": text, "application_fee_amount": amount},
            others="application_fee destination on_behalf_of radar_options statement_descriptor "
            "statement_descriptor_suffix transfer_data transfer_group",
        ),
    ),
    Served(
        "GET /v1/charges",
        listed,
        listing({"customer": text, "payment_intent": text}, "transfer_group"),
    ),
    Served("GET /v1/charges/{id}", retrieve),
    Served("POST /v1/charges/{id}", modify, accepts(typed=_ABOUT, others="fraud_details transfer_group")),
    Served(
        "POST /v1/charges/{id}/capture",
        capture,
        accepts(
            typed={"amount": amount, "receipt_email": text},
            others="application_fee application_fee_amount statement_descriptor statement_descriptor_suffix "
            "transfer_data transfer_group",
        ),
    ),
)
