"""Invoices, as far as subscriptions make them: docs.stripe.com/api/invoices."""

from __future__ import annotations

from typing import Any

from ripstop.doubles.stripe.books import Books, Object, now
from ripstop.doubles.stripe.errors import Problem
from ripstop.doubles.stripe.params import text
from ripstop.doubles.stripe.payment_intents import open_intent, settle_now
from ripstop.doubles.stripe.served import Given, Served, listing, matching

LEGACY_UNTIL = "2025-03-31"
"""Before this API version an invoice names its intent and subscription in fields of its own."""


def open_invoice(
    books: Books, customer: Object, subscription: Object, lines: list[Object], total: int
) -> Object:
    """A finalised invoice of these lines, with an intent where there is anything to pay."""
    currency = subscription["currency"]
    invoice = books.new(
        "invoices",
        amount_due=total,
        amount_overpaid=0,
        amount_paid=0,
        amount_remaining=total,
        amount_shipping=0,
        application=None,
        attempt_count=0,
        attempted=False,
        auto_advance=False,
        automatic_tax={"disabled_reason": None, "enabled": False, "liability": None, "status": None},
        billing_reason="subscription_create",
        collection_method=subscription["collection_method"],
        confirmation_secret=None,
        currency=currency,
        customer=customer["id"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        customer_tax_exempt="none",
        default_payment_method=None,
        default_source=None,
        default_tax_rates=[],
        description=None,
        discounts=[],
        hosted_invoice_url=None,
        invoice_pdf=None,
        issuer={"type": "self"},
        latest_revision=None,
        lines={"data": lines, "has_more": False, "object": "list", "total_count": len(lines)},
        metadata={},
        number=f"RIPSTOP-{books.double.new_id('n')[2:]}",
        on_behalf_of=None,
        parent={
            "subscription_details": {"metadata": {}, "subscription": subscription["id"]},
            "type": "subscription_details",
        },
        payment_settings={"default_mandate": None, "payment_method_types": None},
        period_end=now(),
        period_start=now(),
        post_payment_credit_notes_amount=0,
        pre_payment_credit_notes_amount=0,
        starting_balance=0,
        status="open",
        status_transitions={"finalized_at": now(), "paid_at": None},
        subtotal=total,
        test_clock=None,
        total=total,
        _intent=None,
    )
    if books.version < LEGACY_UNTIL:
        invoice |= {"paid": False, "payment_intent": None, "subscription": subscription["id"]}
    if total:
        intent = open_intent(
            books, amount=total, currency=currency, customer=customer["id"], setup_future_usage="off_session"
        )
        invoice["_intent"] = intent["id"]
        invoice["confirmation_secret"] = {"client_secret": intent["client_secret"], "type": "payment_intent"}
        if "payment_intent" in invoice:
            invoice["payment_intent"] = intent["id"]
    books.emit("invoice.created", invoice)
    books.emit("invoice.finalized", invoice)
    return invoice


def collect(books: Books, invoice: Object, method: str | None, *, off_session: bool = False) -> None:
    """Try to be paid once. Raises Problem for a decline; the invoice then stays open."""
    if invoice["_intent"] is not None:
        intent = books.find("payment_intents", invoice["_intent"])
        intent |= {"payment_method": method, "status": "requires_confirmation"}
        invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
        try:
            settle_now(books, intent, off_session=off_session)
        except Problem:
            books.emit("invoice.payment_failed", invoice)
            raise
        if intent["status"] != "succeeded":
            books.emit("invoice.payment_action_required", invoice)
            return
    paid(books, invoice)


def paid(books: Books, invoice: Object) -> None:
    """Nothing is owed any more."""
    invoice |= {"status": "paid", "amount_paid": invoice["total"], "amount_remaining": 0}
    if "paid" in invoice:
        invoice["paid"] = True
    books.emit("invoice.paid", invoice)
    books.emit("invoice.payment_succeeded", invoice)


def retrieve(books: Books, _given: Given, identity: str) -> Object:
    return books.find("invoices", identity)


def listed(books: Books, given: Given, _: str) -> Object:
    wanted = given.pop("subscription", None)
    where = matching(given, "customer", "status", "collection_method")
    return books.page(
        "invoices", given, "/v1/invoices", lambda one: where(one) and wanted in (None, _subscription(one))
    )


def _subscription(invoice: Object) -> Any:
    return invoice["parent"]["subscription_details"]["subscription"]


ROUTES = (
    Served(
        "GET /v1/invoices",
        listed,
        listing(
            {"customer": text, "status": text, "subscription": text, "collection_method": text},
            "customer_account due_date",
        ),
    ),
    Served("GET /v1/invoices/{id}", retrieve),
)
