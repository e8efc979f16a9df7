"""Money moves, or what it is counted by is written."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Hazard, Reach, Sureness
from ripstop.scan.hazards.asking import is_external, is_write, listed, weaker, words
from ripstop.scan.hazards.asking import named as told
from ripstop.scan.hazards.subject import Reason, Subject

_PAGE = """\
## What it checks

The workflow calls a payment provider, or writes a table that counts money: payments, invoices, refunds,
balances, orders with an amount.

## Why it matters

A failure here is paid for: a charge without an order, an order without a charge, a refund made twice. These
are the first workflows to test, whatever their share of the traffic.

## Example

`POST /orders` calls `stripe.PaymentIntent.create` and inserts into `orders(amount_cents)`.

## What to do instead

Nothing is wrong with moving money. Have a test for each way in which it can go wrong: the decline, the
time-out, the reply that is lost after the charge, the write that fails after it.
"""

REASON = Reason("money", "touches money", 30, _PAGE)
_PROVIDERS = listed(
    "stripe paypal paypalrestsdk braintree adyen square squareup mollie razorpay checkout klarna gocardless "
    "wise plaid paddle lemonsqueezy chargebee recurly worldpay authorizenet paystack flutterwave"
)
_WORDS = listed(
    "payment pay charge refund invoice payout checkout billing balance wallet ledger transfer deposit "
    "withdrawal subscription coupon voucher purchase"
)
_COLUMNS = listed("amount price cent total subtotal cost fee tax balance currency")
_SHOP = listed("order cart basket")


def hazards(subject: Subject) -> Iterator[Hazard]:
    """At most one, the surest."""
    found = sorted(_found(subject), key=lambda hazard: list(Sureness).index(hazard.sureness))
    yield from found[:1]


def _found(subject: Subject) -> Iterator[Hazard]:
    for reach in subject.reaches:
        if is_external(reach) and words(reach.client, reach.target) & _PROVIDERS:
            yield REASON.hazard(f"{told(reach)} goes to a payment provider", reach.place, reach.sureness)
        elif is_external(reach) and words(reach.operation, reach.target) & _WORDS:
            text = f"{told(reach)} moves money, as its name says"
            yield REASON.hazard(text, reach.place, weaker(reach.sureness))
        elif is_write(reach):
            yield from _rows(subject, reach)
    if words(subject.route.path) & _WORDS and any(is_write(one) or one.effect for one in subject.reaches):
        text = f"{subject.route.operation} is about money, as its path says"
        yield REASON.hazard(text, subject.route.place, Sureness.GUESS)


def _rows(subject: Subject, reach: Reach) -> Iterator[Hazard]:
    table = next((one for one in subject.code.tables.values() if one.name == reach.target), None)
    columns = [one.name for one in table.columns if words(one.name) & _COLUMNS] if table else []
    if words(reach.target) & _WORDS:
        yield REASON.hazard(f"{told(reach)} writes what money is counted by", reach.place, reach.sureness)
    elif columns:
        text = f"{told(reach)} writes {', '.join(columns[:3])}"
        yield REASON.hazard(text, reach.place, reach.sureness)
    elif words(reach.target) & _SHOP:
        yield REASON.hazard(f"{told(reach)} writes what is paid for", reach.place, Sureness.GUESS)
