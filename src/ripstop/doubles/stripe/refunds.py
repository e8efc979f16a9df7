"""Refunds: docs.stripe.com/api/refunds."""

from __future__ import annotations

from ripstop.doubles.stripe.books import Books, Object, merged, update
from ripstop.doubles.stripe.charging import money
from ripstop.doubles.stripe.errors import invalid
from ripstop.doubles.stripe.params import accepts, amount, flag, metadata, one_of, text
from ripstop.doubles.stripe.served import Given, Served, listing, matching


def create(books: Books, given: Given, _: str) -> Object:
    charge = _charge(books, given)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge["refunded"]:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    wanted = given.get("amount", left)
    if wanted > left:
        shown = money(wanted, charge["currency"]), money(left, charge["currency"])
        raise invalid(
            f"Refund amount ({shown[0]}) is greater than unrefunded amount on charge ({shown[1]})",
            param="amount",
        )
    charge["amount_refunded"] += wanted
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    refund = books.new(
        "refunds",
        amount=wanted,
        balance_transaction=books.double.new_id("txn"),
        charge=charge["id"],
        currency=charge["currency"],
        customer=charge["customer"],
        destination_details={"card": {"type": "refund"}, "type": "card"},
        failure_balance_transaction=None,
        metadata=merged({}, given.get("metadata", {})),
        payment_intent=charge["payment_intent"],
        payment_method=charge["payment_method"],
        pending_reason=None,
        reason=given.get("reason"),
        receipt_number=None,
        source_transfer_reversal=None,
        status="succeeded",
        transfer_reversal=None,
    )
    names = ("id", "amount", "currency", "charge", "payment_intent", "reason", "metadata")
    about = {name: refund[name] for name in names}
    books.did("refund", {**about, "compensates": "charge", "original": charge["id"]})
    books.emit("charge.refunded", charge)
    books.emit("refund.created", refund)
    return refund


def retrieve(books: Books, _given: Given, identity: str) -> Object:
    return books.find("refunds", identity)


def modify(books: Books, given: Given, identity: str) -> Object:
    refund = books.find("refunds", identity)
    books.emit("refund.updated", refund, update(refund, given))
    return refund


def cancel(books: Books, _given: Given, identity: str) -> Object:
    refund = books.find("refunds", identity)
    raise invalid(
        f"This refund cannot be canceled because it has a status of {refund['status']}. Only refunds with a "
        "status of requires_action can be canceled."
    )


def listed(books: Books, given: Given, _: str) -> Object:
    return books.page("refunds", given, "/v1/refunds", matching(given, "charge", "payment_intent"))


def _charge(books: Books, given: Given) -> Object:
    """The charge to give money back for. Raises Problem where there is none that took any."""
    if "charge" in given:
        charge = books.find("charges", given["charge"], param="charge", inside=True)
    elif "payment_intent" in given:
        intent = books.find("payment_intents", given["payment_intent"], param="payment_intent", inside=True)
        if intent["status"] != "succeeded":
            raise invalid(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                param="payment_intent",
            )
        charge = books.find("charges", intent["latest_charge"])
    else:
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    if not charge["captured"]:
        raise invalid(
            f"Charge {charge['id']} has not been captured; there is nothing to refund.", param="charge"
        )
    return charge


_REASON = one_of("duplicate", "fraudulent", "requested_by_customer")

ROUTES = (
    Served(
        "POST /v1/refunds",
        create,
        accepts(
            typed={
                "amount": amount,
                "charge": text,
                "metadata": metadata,
                "payment_intent": text,
                "reason": _REASON,
                "refund_application_fee": flag,
                "reverse_transfer": flag,
            },
            others="currency customer instructions_email origin",
        ),
    ),
    Served("GET /v1/refunds", listed, listing({"charge": text, "payment_intent": text})),
    Served("GET /v1/refunds/{id}", retrieve),
    Served("POST /v1/refunds/{id}", modify, accepts(typed={"metadata": metadata})),
    Served("POST /v1/refunds/{id}/cancel", cancel),
)
