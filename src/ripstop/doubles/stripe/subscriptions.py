"""Subscriptions: docs.stripe.com/api/subscriptions, docs.stripe.com/billing/subscriptions/overview."""

from __future__ import annotations

from typing import Any

from ripstop.doubles.stripe import invoices
from ripstop.doubles.stripe.books import Books, Object, merged, now, update
from ripstop.doubles.stripe.errors import Problem, invalid
from ripstop.doubles.stripe.params import (
    accepts,
    array,
    flag,
    hashed,
    metadata,
    one_of,
    structure,
    text,
    whole,
)
from ripstop.doubles.stripe.products import PRICE, create_price
from ripstop.doubles.stripe.served import Given, Served, listing, matching

_DAY_S = 86_400
_SPANS_S = {"day": _DAY_S, "week": 7 * _DAY_S, "month": 30 * _DAY_S, "year": 365 * _DAY_S}


def create(books: Books, given: Given, _: str) -> Object:
    customer = books.find("customers", given["customer"], param="customer", inside=True)
    wanted = [(_price(books, one), one.get("quantity", 1)) for one in given["items"]]
    if not wanted:
        raise invalid("Missing required param: items.", param="items", code="parameter_missing")
    trial = _trial_end(given)
    method = _method(books, customer, given, needs=trial is None and any(p["unit_amount"] for p, _ in wanted))
    subscription = _fresh(books, customer, given, wanted, trial)
    lines = [_line(books, price, quantity, trial) for price, quantity in wanted]
    total = sum(line["amount"] for line in lines)
    invoice = invoices.open_invoice(books, customer, subscription, lines, total)
    subscription["latest_invoice"] = invoice["id"]
    try:
        _start(books, subscription, invoice, method, given)
    except Problem:
        if given.get("payment_behavior") == "error_if_incomplete":
            books.double.state["subscriptions"].pop(subscription["id"])
            raise
        subscription["status"] = "incomplete"
    names = ("id", "customer", "status", "metadata")
    prices = [price["id"] for price, _ in wanted]
    books.did("subscription", {**{name: subscription[name] for name in names}, "prices": prices})
    books.emit("customer.subscription.created", subscription)
    return subscription


def retrieve(books: Books, _given: Given, identity: str) -> Object:
    return books.find("subscriptions", identity)


def modify(books: Books, given: Given, identity: str) -> Object:
    subscription = books.find("subscriptions", identity)
    if subscription["status"] in ("canceled", "incomplete_expired"):
        raise invalid("A canceled subscription can only update its cancellation_details and metadata.")
    items = given.pop("items", [])
    before = update(subscription, given)
    for one in items:
        _change_item(books, subscription, one)
    ends = subscription["items"]["data"][0]["current_period_end"]
    subscription["cancel_at"] = ends if subscription["cancel_at_period_end"] else given.get("cancel_at")
    books.emit("customer.subscription.updated", subscription, before)
    return subscription


def cancel(books: Books, given: Given, identity: str) -> Object:
    subscription = books.find("subscriptions", identity)
    if subscription["status"] == "canceled":
        raise invalid(f"No such subscription: '{identity}'", param="id", code="resource_missing")
    subscription |= {"status": "canceled", "canceled_at": now(), "ended_at": now()}
    subscription["cancellation_details"] |= {
        "reason": "cancellation_requested",
        **given.get("cancellation_details", {}),
    }
    books.did("cancellation", {"id": identity, "compensates": "subscription", "original": identity})
    books.emit("customer.subscription.deleted", subscription)
    return subscription


def listed(books: Books, given: Given, _: str) -> Object:
    """Canceled ones are left out unless asked for."""
    status = given.pop("status", None)
    where = matching(given, "customer", "collection_method")

    def shown(one: Object) -> bool:
        kept = one["status"] != "canceled" if status is None else status in ("all", one["status"])
        price = given.get("price")
        return (
            where(one)
            and kept
            and (price is None or price in [i["price"]["id"] for i in one["items"]["data"]])
        )

    return books.page("subscriptions", given, "/v1/subscriptions", shown)


def _start(books: Books, subscription: Object, invoice: Object, method: str | None, given: Given) -> None:
    """Have the first invoice paid, and say where that leaves the subscription."""
    if subscription["collection_method"] == "send_invoice":
        subscription["status"] = "active"
        return
    if subscription["trial_end"]:
        invoices.paid(books, invoice)
        subscription["status"] = "trialing"
        return
    if given.get("payment_behavior") == "default_incomplete" and invoice["total"]:
        subscription["status"] = "incomplete"
        return
    invoices.collect(books, invoice, method, off_session=bool(given.get("off_session")))
    subscription["status"] = "active" if invoice["status"] == "paid" else "incomplete"


def _method(books: Books, customer: Object, given: Given, *, needs: bool) -> str | None:
    if wanted := given.get("default_payment_method"):
        method = books.find("payment_methods", wanted, param="default_payment_method", inside=True)
        if method["customer"] != customer["id"]:
            raise invalid(
                f"The customer does not have a payment method with the ID {wanted}. The payment method must "
                "be "
                "attached to the customer.",
                param="default_payment_method",
                code="resource_missing",
            )
        return str(wanted)
    found: str | None = customer["invoice_settings"]["default_payment_method"] or customer["default_source"]
    by_invoice = given.get("collection_method") == "send_invoice"
    if found is None and needs and not by_invoice and given.get("payment_behavior") != "default_incomplete":
        raise invalid(
            "This customer has no attached payment source or default payment method. Please consider adding "
            "a "
            "default payment method. For more information, visit "
            "https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
            code="resource_missing",
        )
    return found


def _price(books: Books, item: Given) -> Object:
    if "price_data" in item:
        return create_price(books, item["price_data"], "")
    if "price" not in item:
        raise invalid(
            "Missing required param: items[0][price].", param="items[0][price]", code="parameter_missing"
        )
    price = books.find("prices", item["price"], param="items[0][price]", inside=True)
    if price["recurring"] is None:
        raise invalid(
            "The price specified is set to `type=one_time` but this field only accepts prices with "
            "`type=recurring`.",
            param="items[0][price]",
        )
    return price


def _trial_end(given: Given) -> int | None:
    if days := given.get("trial_period_days"):
        return now() + int(days) * _DAY_S
    end = given.get("trial_end")
    return None if end in (None, "now") else int(end)


def _fresh(
    books: Books, customer: Object, given: Given, wanted: list[tuple[Object, int]], trial: int | None
) -> Object:
    subscription = books.new(
        "subscriptions",
        application=None,
        automatic_tax={"disabled_reason": None, "enabled": False, "liability": None},
        billing_cycle_anchor=trial or now(),
        billing_mode={"type": "flexible"},
        billing_schedules=None,
        cancel_at=given.get("cancel_at"),
        cancel_at_period_end=given.get("cancel_at_period_end", False),
        canceled_at=None,
        cancellation_details={"comment": None, "feedback": None, "reason": None},
        collection_method=given.get("collection_method", "charge_automatically"),
        currency=wanted[0][0]["currency"],
        customer=customer["id"],
        days_until_due=given.get("days_until_due"),
        default_payment_method=given.get("default_payment_method"),
        default_source=None,
        description=given.get("description"),
        discounts=[],
        ended_at=None,
        invoice_settings={"account_tax_ids": None, "issuer": {"type": "self"}},
        latest_invoice=None,
        metadata=merged({}, given.get("metadata", {})),
        next_pending_invoice_item_invoice=None,
        on_behalf_of=None,
        pause_collection=None,
        payment_settings=given.get("payment_settings"),
        pending_setup_intent=None,
        pending_update=None,
        schedule=None,
        start_date=now(),
        status="incomplete",
        test_clock=None,
        transfer_data=None,
        trial_end=trial,
        trial_start=now() if trial else None,
    )
    items = [_item(books, subscription, price, quantity) for price, quantity in wanted]
    subscription["items"] = {
        "data": items,
        "has_more": False,
        "object": "list",
        "total_count": len(items),
        "url": f"/v1/subscription_items?subscription={subscription['id']}",
    }
    if books.version < invoices.LEGACY_UNTIL:
        subscription |= {name: items[0][name] for name in ("current_period_start", "current_period_end")}
    return subscription


def _item(books: Books, subscription: Object, price: Object, quantity: int) -> Object:
    recurring = price["recurring"]
    ends = subscription["trial_end"] or now() + _SPANS_S[recurring["interval"]] * recurring["interval_count"]
    return {
        "id": books.double.new_id("si"),
        "object": "subscription_item",
        "created": now(),
        "current_period_end": ends,
        "current_period_start": now(),
        "discounts": [],
        "metadata": {},
        "price": dict(price),
        "quantity": quantity,
        "subscription": subscription["id"],
        "tax_rates": [],
    }


def _change_item(books: Books, subscription: Object, wanted: Given) -> None:
    items: list[Any] = subscription["items"]["data"]
    known = next((one for one in items if one["id"] == wanted.get("id")), None)
    if "id" in wanted and known is None:
        raise invalid(
            f"No such subscription item: '{wanted['id']}'", param="items[0][id]", code="resource_missing"
        )
    if known is not None and wanted.get("deleted"):
        items.remove(known)
    elif known is not None:
        known["quantity"] = wanted.get("quantity", known["quantity"])
        known["price"] = dict(_price(books, wanted)) if "price" in wanted else known["price"]
    else:
        items.append(_item(books, subscription, _price(books, wanted), wanted.get("quantity", 1)))
    subscription["items"]["total_count"] = len(items)


def _line(books: Books, price: Object, quantity: int, trial: int | None) -> Object:
    return {
        "id": books.double.new_id("il"),
        "object": "line_item",
        "amount": 0 if trial else price["unit_amount"] * quantity,
        "currency": price["currency"],
        "description": None,
        "discountable": True,
        "discounts": [],
        "livemode": False,
        "metadata": {},
        "parent": None,
        "period": {"end": now(), "start": now()},
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
        },
        "quantity": quantity,
        "subscription": None,
        "subtotal": 0 if trial else price["unit_amount"] * quantity,
    }


ITEM = accepts(
    typed={
        "price": text,
        "price_data": structure(PRICE),
        "quantity": whole,
        "id": text,
        "deleted": flag,
        "metadata": metadata,
    },
    others="billing_thresholds clear_usage current_trial discounts plan tax_rates",
)
_BEHAVIOUR = one_of("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete")
_TYPED = {
    "cancel_at_period_end": flag,
    "collection_method": one_of("charge_automatically", "send_invoice"),
    "days_until_due": whole,
    "default_payment_method": text,
    "description": text,
    "items": array(ITEM),
    "metadata": metadata,
    "off_session": flag,
    "payment_behavior": _BEHAVIOUR,
    "payment_settings": hashed,
    "trial_end": text,
}
_OTHERS = (
    "add_invoice_items application_fee_percent automatic_tax billing_cycle_anchor billing_schedules "
    "billing_thresholds cancel_at default_source default_tax_rates discounts invoice_settings on_behalf_of "
    "pending_invoice_item_interval proration_behavior transfer_data trial_from_plan trial_settings coupon "
    "promotion_code"
)

ROUTES = (
    Served(
        "POST /v1/subscriptions",
        create,
        accepts(
            required={"customer": text, "items": array(ITEM)},
            typed={**_TYPED, "trial_period_days": whole, "currency": text},
            others=f"{_OTHERS} backdate_start_date billing_cycle_anchor_config billing_mode customer_account",
        ),
    ),
    Served(
        "GET /v1/subscriptions",
        listed,
        listing(
            {"customer": text, "price": text, "status": text, "collection_method": text},
            "automatic_tax current_period_end current_period_start customer_account plan test_clock",
        ),
    ),
    Served("GET /v1/subscriptions/{id}", retrieve),
    Served(
        "POST /v1/subscriptions/{id}",
        modify,
        accepts(typed=_TYPED, others=f"{_OTHERS} cancellation_details pause_collection proration_date"),
    ),
    Served(
        "DELETE /v1/subscriptions/{id}",
        cancel,
        accepts(typed={"cancellation_details": hashed, "invoice_now": flag, "prorate": flag}),
    ),
)
