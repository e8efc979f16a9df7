"""Payment intents: docs.stripe.com/api/payment_intents, docs.stripe.com/payments/paymentintents/lifecycle."""

from __future__ import annotations

from typing import Any

from ripstop.doubles.stripe import cards, charging
from ripstop.doubles.stripe.books import Books, Object, merged, now, update
from ripstop.doubles.stripe.errors import invalid, unexpected_state
from ripstop.doubles.stripe.params import (
    accepts,
    amount,
    currency,
    flag,
    hashed,
    metadata,
    one_of,
    text,
    texts,
)
from ripstop.doubles.stripe.payment_methods import build, checked, declined, of_source, resolve
from ripstop.doubles.stripe.served import Given, Served, listing, matching

_OPEN = (
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "requires_capture",
    "processing",
)
_CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_RETURN_URL_SINCE = "2023-08-16"
_CAPTURE = one_of("automatic", "automatic_async", "manual")
_REASONS = one_of("abandoned", "duplicate", "fraudulent", "requested_by_customer")


def create(books: Books, given: Given, _: str) -> Object:
    charging.checked_amount(given["amount"], given["currency"])
    if "customer" in given:
        books.find("customers", given["customer"], param="customer", inside=True)
    asked = given.get("automatic_payment_methods", {}).get("enabled")
    automatic = asked == "true" or (asked is None and "payment_method_types" not in given)
    intent = books.new(
        "payment_intents", **_fresh(given, automatic=automatic and books.version >= _RETURN_URL_SINCE)
    )
    intent["client_secret"] = f"{intent['id']}_secret_{books.double.new_id('x')[2:]}"
    _choose(books, intent, given)
    books.emit("payment_intent.created", intent)
    if given.get("confirm"):
        return _confirm(books, intent, given)
    for name in ("off_session", "return_url", "error_on_requires_action", "mandate_data"):
        if name in given:
            raise invalid(f"The parameter `{name}` cannot be used unless `confirm` is true.", param=name)
    return intent


def retrieve(books: Books, _given: Given, identity: str) -> Object:
    return books.find("payment_intents", identity, param="intent")


def listed(books: Books, given: Given, _: str) -> Object:
    return books.page("payment_intents", given, "/v1/payment_intents", matching(given, "customer"))


def modify(books: Books, given: Given, identity: str) -> Object:
    intent = retrieve(books, {}, identity)
    closed = intent["status"] in ("succeeded", "canceled", "requires_capture")
    if closed and set(given) - {"metadata", "description", "receipt_email", "shipping", "transfer_group"}:
        raise unexpected_state(
            f"This PaymentIntent could not be updated because it has a status of {intent['status']}.", intent
        )
    if "amount" in given:
        charging.checked_amount(given["amount"], str(given.get("currency", intent["currency"])))
    names = ("payment_method", "payment_method_data")
    chosen: Given = {name: given.pop(name) for name in names if name in given}
    update(intent, given)
    _choose(books, intent, chosen)
    return intent


def confirm(books: Books, given: Given, identity: str) -> Object:
    intent = retrieve(books, {}, identity)
    if intent["status"] not in _CONFIRMABLE:
        done = intent["status"] == "succeeded"
        why = (
            "it has already succeeded after being previously confirmed"
            if done
            else f"it is {intent['status']}"
        )
        raise unexpected_state(f"You cannot confirm this PaymentIntent because {why}.", intent)
    _choose(books, intent, given)
    if "capture_method" in given:
        intent["capture_method"] = given["capture_method"]
    return _confirm(books, intent, given)


def capture(books: Books, given: Given, identity: str) -> Object:
    intent = retrieve(books, {}, identity)
    if intent["status"] != "requires_capture":
        raise unexpected_state(
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a "
            "PaymentIntent with one of the following statuses may be captured: requires_capture.",
            intent,
        )
    charge = books.find("charges", intent["latest_charge"])
    charging.capture(books, charge, given.get("amount_to_capture"))
    intent |= {
        "amount_capturable": 0,
        "amount_received": charge["amount_captured"],
        "status": "succeeded",
    }
    update(intent, {"metadata": given.get("metadata", {})} if "metadata" in given else {})
    books.emit("payment_intent.succeeded", intent)
    return intent


def cancel(books: Books, given: Given, identity: str) -> Object:
    intent = retrieve(books, {}, identity)
    if intent["status"] not in _OPEN:
        raise unexpected_state(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a "
            f"PaymentIntent with one of the following statuses may be canceled: {', '.join(_OPEN)}.",
            intent,
        )
    if intent["status"] == "requires_capture":
        charging.release(books, books.find("charges", intent["latest_charge"]))
    intent |= {
        "amount_capturable": 0,
        "canceled_at": now(),
        "cancellation_reason": given.get("cancellation_reason"),
        "next_action": None,
        "status": "canceled",
    }
    books.emit("payment_intent.canceled", intent)
    return intent


def authenticate(books: Books, given: Given, identity: str) -> Object:
    """What the customer does in the browser: passes the bank's check, or does not."""
    intent = retrieve(books, {}, identity)
    if intent["status"] != "requires_action":
        raise unexpected_state(f"There is nothing to authenticate: it is {intent['status']}.", intent)
    intent["next_action"] = None
    if given.get("outcome") == "fail":
        return _unauthenticated(books, intent)
    if intent["confirmation_method"] == "manual":
        intent |= {"status": "requires_confirmation", "_authenticated": True}
        return intent
    charge, decline = _charge(books, intent)
    return _failed(books, intent, charge, decline) if decline else _paid(books, intent, charge)


def settle_now(books: Books, intent: Object, *, off_session: bool = False) -> Object:
    """Charge an intent that has its payment method. Raises Problem for a decline."""
    return _confirm(books, intent, {"off_session": "true" if off_session else "", "return_url": "-"})


def open_intent(books: Books, **given: Any) -> Object:
    """An intent another object needs, such as an invoice or a checkout session."""
    intent = books.new("payment_intents", **_fresh(given, automatic=False))
    intent["client_secret"] = f"{intent['id']}_secret_{books.double.new_id('x')[2:]}"
    _choose(books, intent, given)
    books.emit("payment_intent.created", intent)
    return intent


def _fresh(given: Given, *, automatic: bool) -> Object:
    redirects = given.get("automatic_payment_methods", {}).get("allow_redirects", "always")
    names = (
        "application_fee_amount customer description on_behalf_of receipt_email setup_future_usage shipping "
        "statement_descriptor statement_descriptor_suffix transfer_data transfer_group"
    )
    return {
        **{name: given.get(name) for name in names.split()},
        "amount": given["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "automatic_payment_methods": {"allow_redirects": redirects, "enabled": True} if automatic else None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": given.get("capture_method", "automatic_async"),
        "client_secret": None,
        "confirmation_method": given.get("confirmation_method", "automatic"),
        "currency": given["currency"],
        "last_payment_error": None,
        "latest_charge": None,
        "metadata": merged({}, given.get("metadata", {})),
        "next_action": None,
        "payment_method": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_record": None,
        "payment_method_types": given.get("payment_method_types", ["card"]),
        "processing": None,
        "review": None,
        "source": None,
        "status": "requires_payment_method",
    }


def _choose(books: Books, intent: Object, given: Given) -> None:
    """Take over the payment method a call names."""
    method = _method(books, given)
    if method is None:
        return
    if method["customer"] and method["customer"] != intent["customer"]:
        raise invalid(
            f"The provided PaymentMethod ({method['id']}) belongs to a Customer. Please include the "
            "Customer in "
            "the `customer` parameter on the PaymentIntent.",
            param="payment_method",
        )
    intent["payment_method"] = method["id"]
    if intent["status"] == "requires_payment_method":
        intent["status"] = "requires_confirmation"


def _method(books: Books, given: Given) -> Object | None:
    if "payment_method" in given:
        return resolve(books, given["payment_method"])
    data = given.get("payment_method_data")
    if not data:
        return None
    card = data.get("card", {})
    if "token" in card:
        return of_source(books, card["token"], param="payment_method_data[card][token]")
    known, month, year = checked(card)
    return build(books, known, data, exp_month=month, exp_year=year)


def _confirm(books: Books, intent: Object, given: Given) -> Object:
    if intent["payment_method"] is None:
        raise unexpected_state(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either "
            "update "
            "the PaymentIntent with a payment method and then confirm it again, or confirm it again directly "
            "with a payment method or ConfirmationToken.",
            intent,
        )
    automatic = intent["automatic_payment_methods"]
    if automatic and automatic["allow_redirects"] == "always" and not given.get("return_url"):
        raise invalid(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because "
            "some "
            "of these payment methods might redirect your customer off of your page, you must provide a "
            "`return_url`. If you don't want to accept redirect-based payment methods, set "
            "`automatic_payment_methods[enabled]` to `true` and "
            "`automatic_payment_methods[allow_redirects]` to "
            "`never` when creating Setup Intents and Payment Intents.",
            payment_intent=dict(intent),
        )
    card = cards.NUMBERS[books.number_of(intent["payment_method"]) or ""]
    if card.asks and not intent.pop("_authenticated", False):
        return _ask(books, intent, given)
    charge, decline = _charge(books, intent)
    return _failed(books, intent, charge, decline) if decline else _paid(books, intent, charge)


def _ask(books: Books, intent: Object, given: Given) -> Object:
    """The bank wants to see the customer, who is not there off session."""
    if given.get("off_session", "") not in ("", "false") or given.get("error_on_requires_action"):
        intent |= {"status": "requires_payment_method"}
        return _failed(books, intent, None, cards.AUTHENTICATION)
    intent["status"] = "requires_action"
    url = f"https://hooks.stripe.com/3d_secure_2/hosted?payment_intent={intent['id']}"
    if (back := given.get("return_url")) and back != "-":
        intent["next_action"] = {
            "redirect_to_url": {"return_url": back, "url": url},
            "type": "redirect_to_url",
        }
    else:
        sdk = {"type": "three_d_secure_redirect", "stripe_js": url, "source": books.double.new_id("src")}
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}
    books.emit("payment_intent.requires_action", intent)
    return intent


def _charge(books: Books, intent: Object) -> tuple[Object, cards.Decline | None]:
    method = books.find("payment_methods", intent["payment_method"])
    names = "customer description metadata receipt_email shipping statement_descriptor_suffix transfer_group"
    about = {name: intent[name] for name in names.split()}
    held = intent["capture_method"] == "manual"
    found = charging.attempt(
        books,
        method,
        intent["amount"],
        intent["currency"],
        capture=not held,
        payment_intent=intent["id"],
        **about,
    )
    intent["latest_charge"] = found[0]["id"]
    return found


def _paid(books: Books, intent: Object, charge: Object) -> Object:
    intent |= {"last_payment_error": None, "next_action": None}
    _save(books, intent)
    if not charge["captured"]:
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        books.emit("payment_intent.amount_capturable_updated", intent)
        return intent
    intent |= {"status": "succeeded", "amount_received": intent["amount"]}
    books.emit("payment_intent.succeeded", intent)
    return intent


def _save(books: Books, intent: Object) -> None:
    """``setup_future_usage`` saves the payment method to the customer."""
    method = books.find("payment_methods", intent["payment_method"])
    if intent["setup_future_usage"] and intent["customer"] and method["customer"] is None:
        method["customer"] = intent["customer"]
        method.pop("_spent", None)
        books.emit("payment_method.attached", method)


def _failed(books: Books, intent: Object, charge: Object | None, decline: cards.Decline) -> Object:
    """The issuer said no: 402, and the intent waits for another payment method."""
    method = books.find("payment_methods", intent["payment_method"])
    problem = declined(decline, charge=charge["id"] if charge else None, payment_method=dict(method))
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    intent["last_payment_error"] = {**problem.fields, "message": problem.message, "type": "card_error"}
    books.emit("payment_intent.payment_failed", intent)
    problem.fields["payment_intent"] = dict(intent)
    raise problem


def _unauthenticated(books: Books, intent: Object) -> Object:
    intent |= {"status": "requires_payment_method", "payment_method": None}
    intent["last_payment_error"] = {
        "code": "payment_intent_authentication_failure",
        "message": "The provided PaymentMethod has failed authentication. You can provide "
        "payment_method_data or "
        "a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
        "type": "invalid_request_error",
    }
    books.emit("payment_intent.payment_failed", intent)
    return intent


_ABOUT: dict[str, Any] = {
    "application_fee_amount": amount,
    "customer": text,
    "description": text,
    "metadata": metadata,
    "payment_method": text,
    "payment_method_data": hashed,
    "payment_method_options": hashed,
    "payment_method_types": texts,
    "receipt_email": text,
    "setup_future_usage": one_of("off_session", "on_session", ""),
    "shipping": hashed,
}
_MORE = (
    "allowed_payment_method_types amount_details customer_account excluded_payment_method_types hooks "
    "payment_details payment_method_configuration statement_descriptor statement_descriptor_suffix "
    "transfer_data "
    "transfer_group"
)
_CONFIRMING: dict[str, Any] = {
    "capture_method": _CAPTURE,
    "error_on_requires_action": flag,
    "off_session": text,
    "return_url": text,
    "use_stripe_sdk": flag,
}

ROUTES = (
    Served(
        "POST /v1/payment_intents",
        create,
        accepts(
            required={"amount": amount, "currency": currency},
            typed={
                **_ABOUT,
                **_CONFIRMING,
                "automatic_payment_methods": hashed,
                "confirm": flag,
                "confirmation_method": one_of("automatic", "manual"),
            },
            others=f"{_MORE} confirmation_token mandate mandate_data on_behalf_of radar_options",
        ),
    ),
    Served("GET /v1/payment_intents", listed, listing({"customer": text}, "customer_account")),
    Served("GET /v1/payment_intents/{id}", retrieve, accepts(others="client_secret")),
    Served(
        "POST /v1/payment_intents/{id}",
        modify,
        accepts(
            typed={**_ABOUT, "amount": amount, "currency": currency, "capture_method": _CAPTURE}, others=_MORE
        ),
    ),
    Served(
        "POST /v1/payment_intents/{id}/confirm",
        confirm,
        accepts(
            typed={**_ABOUT, **_CONFIRMING},
            others=f"{_MORE} amount_to_confirm confirmation_token mandate mandate_data radar_options",
        ),
    ),
    Served(
        "POST /v1/payment_intents/{id}/capture",
        capture,
        accepts(
            typed={"amount_to_capture": amount, "application_fee_amount": amount, "metadata": metadata},
            others="amount_details final_capture hooks payment_details statement_descriptor "
            "statement_descriptor_suffix transfer_data",
        ),
    ),
    Served("POST /v1/payment_intents/{id}/cancel", cancel, accepts(typed={"cancellation_reason": _REASONS})),
    Served(
        "POST /ripstop/payment_intents/{id}/authenticate",
        authenticate,
        accepts(typed={"outcome": one_of("succeed", "fail")}),
    ),
)
