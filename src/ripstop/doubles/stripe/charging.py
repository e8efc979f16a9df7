"""Moving money: one attempt to charge a card, its charge, and giving money back."""

from __future__ import annotations

from typing import Any

from ripstop.doubles.stripe import cards
from ripstop.doubles.stripe.books import Books, Object
from ripstop.doubles.stripe.cards import Decline
from ripstop.doubles.stripe.errors import invalid
from ripstop.doubles.stripe.payment_methods import spent

_LEAST = {
    "jpy": 50,
    "gbp": 30,
    "mxn": 1000,
    "hkd": 400,
    "inr": 50,
    "sek": 300,
    "nok": 300,
    "dkk": 250,
    "pln": 200,
}
_NONE_SMALLER = frozenset({"jpy", "krw", "vnd", "clp"})


def checked_amount(amount: int, currency: str) -> int:
    """The amount. Raises Problem ``amount_too_small`` (docs.stripe.com/currencies, minimum charges)."""
    least = _LEAST.get(currency, 50)
    if amount < least:
        raise invalid(
            f"Amount must be at least {money(least, currency)} {currency}",
            param="amount",
            code="amount_too_small",
        )
    return amount


def money(amount: int, currency: str) -> str:
    """An amount as messages write it."""
    sign = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}.get(currency, "")
    return f"{sign}{amount}" if currency in _NONE_SMALLER else f"{sign}{amount / 100:,.2f}"


def attempt(
    books: Books, method: Object, amount: int, currency: str, *, capture: bool = True, **fields: Any
) -> tuple[Object, Decline | None]:
    """Try to charge a payment method once: the charge, and the decline where the issuer says no.

    Raises Problem where the payment method may not be used at all.
    """
    if method.get("_spent"):
        raise spent(method)
    decline = cards.NUMBERS[books.number_of(method["id"]) or ""].decline
    charge = _charge(books, method, amount, currency, capture=capture, decline=decline, **fields)
    if decline is None and method["customer"] is None:
        method["_spent"] = True
    books.emit("charge.failed" if decline else "charge.succeeded", charge)
    if decline is None:
        note(books, charge, "charge" if capture else "authorization")
    return charge, decline


def note(books: Books, charge: Object, kind: str, **more: Any) -> None:
    """Book a charge's effect, described by what a person would tell it by."""
    names = ("id", "amount", "currency", "customer", "payment_intent", "description", "metadata")
    books.did(kind, {**{name: charge[name] for name in names}, **more})


def capture(books: Books, charge: Object, amount: int | None) -> Object:
    """Take authorised money, all or a part; the rest is released."""
    if charge["captured"]:
        raise invalid(f"Charge {charge['id']} has already been captured.", code="charge_already_captured")
    taken = charge["amount"] if amount is None else amount
    if taken > charge["amount"]:
        raise invalid(
            f"The requested capture amount is greater than the amount you can capture for this charge. "
            f"{money(taken, charge['currency'])} > {money(charge['amount'], charge['currency'])}",
            param="amount",
            code="amount_too_large",
        )
    charge |= {"captured": True, "amount_captured": taken}
    books.emit("charge.captured", charge)
    original = {"compensates": "authorization", "original": charge["id"]}
    note(books, charge, "charge", **original, amount=taken)
    return charge


def release(books: Books, charge: Object) -> None:
    """Let authorised money go."""
    charge |= {"refunded": True, "amount_refunded": charge["amount"]}
    books.emit("charge.refunded", charge)
    note(books, charge, "release", compensates="authorization", original=charge["id"])


def outcome(decline: Decline | None) -> Object:
    """What became of an attempt, as charges tell it."""
    if decline is None:
        return {
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    blocked = decline is cards.FRAUDULENT
    return {
        "network_status": "not_sent_to_network" if blocked else "declined_by_network",
        "reason": "highest_risk_level" if blocked else decline.decline_code,
        "risk_level": "highest" if blocked else "normal",
        "seller_message": "Stripe blocked this payment as too risky."
        if blocked
        else "The bank did not return any further details with this decline.",
        "type": "blocked" if blocked else "issuer_declined",
    }


def _charge(
    books: Books,
    method: Object,
    amount: int,
    currency: str,
    *,
    capture: bool,
    decline: Decline | None,
    **fields: Any,
) -> Object:
    usual: Object = {
        "amount": amount,
        "amount_captured": amount if capture and not decline else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": books.double.new_id("txn") if capture and not decline else None,
        "billing_details": dict(method["billing_details"]),
        "calculated_statement_descriptor": "RIPSTOP",
        "captured": capture and not decline,
        "currency": currency,
        "customer": method["customer"],
        "description": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "metadata": {},
        "on_behalf_of": None,
        "outcome": outcome(decline),
        "paid": decline is None,
        "payment_intent": None,
        "payment_method": method["id"],
        "payment_method_details": {"card": dict(method["card"]), "type": "card"},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "failed" if decline else "succeeded",
        "transfer": None,
        "transfer_data": None,
        "transfer_group": None,
    }
    known = {name: value for name, value in fields.items() if name in usual and value is not None}
    return books.new("charges", **{**usual, **known})
