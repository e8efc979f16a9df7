"""Checkout sessions: docs.stripe.com/api/checkout/sessions. The customer's own part is a route of ours."""

from __future__ import annotations

from ripstop.doubles.stripe import subscriptions
from ripstop.doubles.stripe.books import Books, Object, merged, now, paged, update
from ripstop.doubles.stripe.customers import create as new_customer
from ripstop.doubles.stripe.errors import invalid
from ripstop.doubles.stripe.params import (
    accepts,
    array,
    flag,
    hashed,
    metadata,
    one_of,
    structure,
    text,
    texts,
    whole,
)
from ripstop.doubles.stripe.payment_intents import open_intent, settle_now
from ripstop.doubles.stripe.payment_methods import attach, resolve
from ripstop.doubles.stripe.products import PRICE, create_price
from ripstop.doubles.stripe.served import PAGE, Given, Served, listing, matching

_LIVES_S = 86_400


def create(books: Books, given: Given, _: str) -> Object:
    mode = given.get("mode")
    if mode is None:
        raise invalid("Missing required param: mode.", param="mode", code="parameter_missing")
    if mode != "setup" and not given.get("line_items"):
        raise invalid("Missing required param: line_items.", param="line_items", code="parameter_missing")
    if given.get("ui_mode", "hosted") in ("hosted", "hosted_page") and "success_url" not in given:
        raise invalid("Missing required param: success_url.", param="success_url", code="parameter_missing")
    if "customer" in given and "customer_email" in given:
        raise invalid("You may only specify one of these parameters: customer, customer_email.")
    if "customer" in given:
        books.find("customers", given["customer"], param="customer", inside=True)
    lines = [_line(books, one, mode, place) for place, one in enumerate(given.get("line_items", []))]
    total = sum(line["amount_total"] for line in lines)
    session = books.new("sessions", **_fresh(given, lines, total))
    session["url"] = f"https://checkout.stripe.com/c/pay/{session['id']}"
    return session


def retrieve(books: Books, _given: Given, identity: str) -> Object:
    return books.find("sessions", identity)


def modify(books: Books, given: Given, identity: str) -> Object:
    session = books.find("sessions", identity)
    update(session, given)
    return session


def listed(books: Books, given: Given, _: str) -> Object:
    where = matching(given, "customer", "payment_intent", "status", "subscription")
    return books.page("sessions", given, "/v1/checkout/sessions", where)


def lines_of(books: Books, given: Given, identity: str) -> Object:
    session = books.find("sessions", identity)
    return paged(session["_lines"], given, f"/v1/checkout/sessions/{identity}/line_items")


def expire(books: Books, _given: Given, identity: str) -> Object:
    session = books.find("sessions", identity)
    if session["status"] != "open":
        raise invalid(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a '
            f"status of {session['status']}."
        )
    session |= {"status": "expired", "url": None}
    books.emit("checkout.session.expired", session)
    return session


def complete(books: Books, given: Given, identity: str) -> Object:
    """What the customer does on Stripe's page: pays with a card. Raises Problem for a decline."""
    session = books.find("sessions", identity)
    if session["status"] != "open":
        raise invalid(f"This Checkout Session has a status of {session['status']}.")
    method = resolve(books, given.get("payment_method", "pm_card_visa"))
    email = given.get("email") or session["customer_email"] or "jenny.rosen@example.com"
    customer = _customer(books, session, email)
    if session["mode"] == "payment":
        _pay(books, session, method, customer)
    elif session["mode"] == "subscription" and customer:
        attach(books, method, customer)
        _subscribe(books, session, method, customer)
    session |= {
        "customer": customer["id"] if customer else None,
        "customer_details": {
            "email": email,
            "name": None,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
        "payment_status": "no_payment_required" if session["mode"] == "setup" else "paid",
        "status": "complete",
        "url": None,
    }
    books.emit("checkout.session.completed", session)
    return session


def _customer(books: Books, session: Object, email: str) -> Object | None:
    if session["customer"]:
        return books.find("customers", session["customer"])
    if session["mode"] == "subscription" or session["customer_creation"] == "always":
        return new_customer(books, {"email": email}, "")
    return None


def _pay(books: Books, session: Object, method: Object, customer: Object | None) -> None:
    data = session["_payment_intent_data"]
    asked = {
        name: data[name] for name in ("description", "capture_method", "setup_future_usage") if name in data
    }
    intent = open_intent(
        books,
        amount=session["amount_total"],
        currency=session["currency"],
        customer=customer["id"] if customer else None,
        metadata=data.get("metadata", {}),
        payment_method=method["id"],
        **asked,
    )
    session["payment_intent"] = intent["id"]
    settle_now(books, intent)


def _subscribe(books: Books, session: Object, method: Object, customer: Object) -> None:
    data = session["_subscription_data"]
    asked = {name: data[name] for name in ("description", "metadata", "trial_period_days") if name in data}
    items = [{"price": one["price"]["id"], "quantity": one["quantity"]} for one in session["_lines"]]
    given = {"customer": customer["id"], "items": items, "default_payment_method": method["id"], **asked}
    made = subscriptions.create(books, {**given, "payment_behavior": "error_if_incomplete"}, "")
    session |= {"subscription": made["id"], "invoice": made["latest_invoice"]}


def _line(books: Books, item: Given, mode: str, place: int) -> Object:
    if "price_data" in item:
        price = create_price(books, item["price_data"], "")
    else:
        name = f"line_items[{place}][price]"
        if "price" not in item:
            raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
        price = books.find("prices", item["price"], param=name, inside=True)
    if (price["recurring"] is not None) and mode == "payment":
        raise invalid(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` "
            "mode or "
            "use only one-time prices.",
            param="mode",
        )
    if price["recurring"] is None and mode == "subscription":
        raise invalid(
            "You must provide at least one recurring price in `subscription` mode when using prices.",
            param="mode",
        )
    quantity = item.get("quantity", 1)
    total = price["unit_amount"] * quantity
    return {
        "id": books.double.new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": price["currency"],
        "description": books.find("products", price["product"])["name"],
        "price": dict(price),
        "quantity": quantity,
    }


def _fresh(given: Given, lines: list[Object], total: int) -> Object:
    names = "cancel_url client_reference_id customer customer_email locale return_url success_url"
    return {
        **{name: given.get(name) for name in names.split()},
        "allow_promotion_codes": None,
        "amount_subtotal": total if lines else None,
        "amount_total": total if lines else None,
        "automatic_tax": {"enabled": False, "liability": None, "status": None},
        "billing_address_collection": given.get("billing_address_collection"),
        "currency": lines[0]["currency"] if lines else given.get("currency"),
        "custom_fields": [],
        "custom_text": {"after_submit": None, "shipping_address": None, "submit": None},
        "customer_creation": given.get("customer_creation", "if_required"),
        "customer_details": None,
        "expires_at": given.get("expires_at", now() + _LIVES_S),
        "invoice": None,
        "metadata": merged({}, given.get("metadata", {})),
        "mode": given["mode"],
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": given.get("payment_method_collection", "always"),
        "payment_method_types": given.get("payment_method_types", ["card"]),
        "payment_status": "no_payment_required" if given["mode"] == "setup" else "unpaid",
        "redirect_on_completion": given.get("redirect_on_completion", "always"),
        "setup_intent": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": given.get("submit_type"),
        "subscription": None,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": given.get("ui_mode", "hosted"),
        "url": None,
        "_lines": lines,
        "_payment_intent_data": given.get("payment_intent_data", {}),
        "_subscription_data": given.get("subscription_data", {}),
    }


_ITEM = accepts(
    typed={"price": text, "price_data": structure(PRICE), "quantity": whole},
    others="adjustable_quantity dynamic_tax_rates metadata tax_rates",
)
_INTENT_DATA = accepts(
    typed={"description": text, "metadata": metadata, "capture_method": text, "setup_future_usage": text},
    others="application_fee_amount on_behalf_of receipt_email shipping statement_descriptor "
    "statement_descriptor_suffix transfer_data transfer_group",
)
_SUBSCRIPTION_DATA = accepts(
    typed={"description": text, "metadata": metadata, "trial_period_days": whole},
    others="application_fee_percent billing_cycle_anchor billing_mode default_tax_rates invoice_settings "
    "on_behalf_of pending_invoice_item_interval proration_behavior transfer_data trial_end trial_settings",
)
_TYPED = {
    "cancel_url": text,
    "client_reference_id": text,
    "currency": text,
    "customer": text,
    "customer_creation": one_of("always", "if_required"),
    "customer_email": text,
    "expires_at": whole,
    "line_items": array(_ITEM),
    "metadata": metadata,
    "mode": one_of("payment", "setup", "subscription"),
    "payment_intent_data": structure(_INTENT_DATA),
    "payment_method_types": texts,
    "return_url": text,
    "subscription_data": structure(_SUBSCRIPTION_DATA),
    "success_url": text,
    "allow_promotion_codes": flag,
}
_OTHERS = (
    "adaptive_pricing after_expiration allowed_payment_method_types automatic_tax billing_address_collection "
    "branding_settings consent_collection custom_fields custom_text customer_account customer_update "
    "discounts "
    "excluded_payment_method_types integration_identifier invoice_creation locale managed_payments "
    "name_collection optional_items origin_context payment_method_collection payment_method_configuration "
    "payment_method_data payment_method_options permissions phone_number_collection redirect_on_completion "
    "saved_payment_method_options setup_intent_data shipping_address_collection shipping_options submit_type "
    "tax_id_collection ui_mode wallet_options"
)

ROUTES = (
    Served("POST /v1/checkout/sessions", create, accepts(typed=_TYPED, others=_OTHERS)),
    Served(
        "GET /v1/checkout/sessions",
        listed,
        listing(
            {"customer": text, "payment_intent": text, "status": text, "subscription": text},
            "customer_account customer_details payment_link",
        ),
    ),
    Served("GET /v1/checkout/sessions/{id}", retrieve),
    Served(
        "POST /v1/checkout/sessions/{id}",
        modify,
        accepts(
            typed={"metadata": metadata},
            others="collected_information line_items payment_intent_data shipping_options",
        ),
    ),
    Served("GET /v1/checkout/sessions/{id}/line_items", lines_of, accepts(typed=PAGE)),
    Served("POST /v1/checkout/sessions/{id}/expire", expire),
    Served(
        "POST /ripstop/checkout/sessions/{id}/complete",
        complete,
        accepts(typed={"payment_method": text, "email": text, "details": hashed}),
    ),
)
