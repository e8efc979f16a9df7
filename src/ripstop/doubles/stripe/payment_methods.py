"""Payment methods and card tokens: docs.stripe.com/api/payment_methods, docs.stripe.com/api/tokens."""

from __future__ import annotations

import re
from typing import Any

from ripstop.doubles.stripe import cards
from ripstop.doubles.stripe.books import Books, Object, merged, now, update
from ripstop.doubles.stripe.cards import Card
from ripstop.doubles.stripe.errors import Problem, invalid
from ripstop.doubles.stripe.params import accepts, hashed, metadata, text
from ripstop.doubles.stripe.served import Given, Served, listing, matching
from ripstop.model.secrets import luhn

_KINDS_OF_PAYING = (
    "acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact billie "
    "bizum blik boleto cashapp crypto custom customer_balance eps fpx giropay grabpay ideal interac_present "
    "kakao_pay klarna konbini kr_card link mb_way mobilepay multibanco naver_pay nz_bank_account oxxo p24 "
    "pay_by_bank payco paynow paypal paypay payto pix promptpay revolut_pay samsung_pay satispay scalapay "
    "sepa_debit sequra sofort sunbit swish twint upi us_bank_account wechat_pay zip"
)


def declined(decline: cards.Decline, **fields: Any) -> Problem:
    """A card error: 402, with the decline's own code."""
    return Problem(
        402,
        "card_error",
        decline.message,
        code=decline.code,
        decline_code=decline.decline_code,
        param=decline.param,
        advice_code=decline.advice_code,
        **fields,
    )


def resolve(books: Books, identity: str, *, param: str = "payment_method") -> Object:
    """The payment method of an id; a new one for a test name such as ``pm_card_visa``."""
    if card := cards.named(identity, "pm_card_"):
        return build(books, card)
    return books.find("payment_methods", identity, param=param, inside=True)


def of_source(books: Books, identity: str, *, param: str = "source") -> Object:
    """The payment method a token stands for: ``tok_visa``, or one made before and used once."""
    if card := cards.named(identity, "tok_"):
        return build(books, card)
    if identity in books.double.state["payment_methods"]:
        return books.find("payment_methods", identity)
    token = books.find("tokens", identity, param=param, inside=True)
    if token["used"]:
        raise invalid(
            f"You cannot use a Stripe token more than once: {identity}.",
            code="token_already_used",
            param=param,
        )
    token["used"] = True
    return build(books, cards.NUMBERS[books.number_of(identity) or ""])


def build(books: Books, card: Card, given: Given | None = None, **about: Any) -> Object:
    """A card as a payment method that belongs to nobody yet."""
    given = given or {}
    billing = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}
    method = books.new(
        "payment_methods",
        allow_redisplay=given.get("allow_redisplay", "unspecified"),
        billing_details={**billing, **given.get("billing_details", {})},
        card=shown(card, **about),
        customer=None,
        metadata=merged({}, given.get("metadata", {})),
        type="card",
    )
    books.keep_number(method["id"], card.number)
    return method


def shown(card: Card, *, exp_month: int = 12, exp_year: int = 2034) -> Object:
    """What Stripe tells of a card."""
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": f"fp{card.number[-4:]}{card.number[:6]}",
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def attach(books: Books, method: Object, customer: Object) -> Object:
    """Save a payment method to a customer. Raises Problem where the card declines even that."""
    card = cards.NUMBERS[books.number_of(method["id"]) or ""]
    if method["customer"] not in (None, customer["id"]):
        raise invalid("The payment method you provided has already been attached to a customer.")
    if method.get("_spent"):
        raise spent(method)
    if not card.attaches and card.decline:
        raise declined(card.decline)
    method["customer"] = customer["id"]
    books.emit("payment_method.attached", method)
    return method


def spent(method: Object) -> Problem:
    """A payment method used once without a customer is used up."""
    return invalid(
        f"The provided PaymentMethod {method['id']} was previously used with a PaymentIntent without "
        "Customer "
        "attachment, shared with a connected account without Customer attachment, or was detached from a "
        "Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a "
        "Customer first."
    )


def checked(given: Given) -> tuple[Card, int, int]:
    """The test card of a raw number, its month and year. Raises Problem as Stripe refuses card data."""
    digits = re.sub(r"[ -]", "", str(given.get("number", "")))
    if not digits.isdigit() or not luhn(digits):
        raise _card_data("incorrect_number", "Your card number is incorrect.", "number")
    month, year = _part(given, "exp_month"), _part(given, "exp_year")
    if not 1 <= month <= 12:
        raise _card_data("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    if 0 <= year < 100:
        year += 2000
    if not _this_year() <= year < _this_year() + 50:
        raise _card_data("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year")
    if "cvc" in given and not re.fullmatch(r"\d{3,4}", str(given["cvc"])):
        raise _card_data("invalid_cvc", "Your card's security code is invalid.", "cvc")
    if digits not in cards.NUMBERS:
        raise Problem(
            402,
            "card_error",
            "Your card was declined. Your request was in test mode, but used a non test (live) card. For a "
            "list "
            "of valid test cards, visit: https://stripe.com/docs/testing.",
            code="card_declined",
            decline_code="test_mode_live_card",
        )
    return cards.NUMBERS[digits], month, year


def create(books: Books, given: Given, _: str) -> Object:
    kind = given.get("type", "card")
    if kind != "card":
        raise invalid(f"The double serves payment methods of type card only, not {kind!r}.", param="type")
    data = given.get("card")
    if not data:
        raise invalid("Missing required param: card.", param="card", code="parameter_missing")
    if "token" in data:
        made = of_source(books, data["token"], param="card[token]")
        update(made, {"metadata": given.get("metadata", {})})
        made["billing_details"] |= given.get("billing_details", {})
        return made
    card, month, year = checked(data)
    return build(books, card, given, exp_month=month, exp_year=year)


def retrieve(books: Books, _given: Given, identity: str) -> Object:
    return books.find("payment_methods", identity, param="payment_method")


def modify(books: Books, given: Given, identity: str) -> Object:
    method = books.find("payment_methods", identity, param="payment_method")
    billing = given.pop("billing_details", {})
    dates = {name: int(value) for name, value in given.pop("card", {}).items() if name.startswith("exp_")}
    before = update(method, given)
    method["billing_details"] |= billing
    method["card"] |= dates
    books.emit("payment_method.updated", method, before)
    return method


def attached(books: Books, given: Given, identity: str) -> Object:
    method = resolve(books, identity)
    return attach(books, method, books.find("customers", given["customer"], param="customer", inside=True))


def detached(books: Books, _given: Given, identity: str) -> Object:
    method = books.find("payment_methods", identity, param="payment_method")
    if method["customer"] is None:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible."
        )
    before = {"customer": method["customer"]}
    method["customer"] = None
    method["_spent"] = True
    books.emit("payment_method.detached", method, before)
    return method


def listed(books: Books, given: Given, _: str) -> Object:
    where = matching(given, "customer", "type")
    return books.page(
        "payment_methods",
        given,
        "/v1/payment_methods",
        lambda one: one["customer"] is not None and where(one),
    )


def tokenise(books: Books, given: Given, _: str) -> Object:
    card, month, year = checked(given["card"])
    about = {
        "id": books.double.new_id("card"),
        "object": "card",
        **shown(card, exp_month=month, exp_year=year),
    }
    token = books.new("tokens", card=about, client_ip=None, type="card", used=False)
    books.keep_number(token["id"], card.number)
    return token


def token(books: Books, _given: Given, identity: str) -> Object:
    return books.find("tokens", identity, param="token")


def _part(given: Given, name: str) -> int:
    value = str(given.get(name, ""))
    if not value.isdigit():
        raise invalid(
            f"Missing required param: card[{name}].", param=f"card[{name}]", code="parameter_missing"
        )
    return int(value)


def _this_year() -> int:
    return 1970 + int(now() / 31_556_952)


def _card_data(code: str, message: str, param: str) -> Problem:
    return Problem(402, "card_error", message, code=code, param=param)


ROUTES = (
    Served(
        "POST /v1/payment_methods",
        create,
        accepts(
            typed={"type": text, "card": hashed, "billing_details": hashed, "metadata": metadata},
            others=f"{_KINDS_OF_PAYING} allow_redisplay customer payment_method radar_options",
        ),
    ),
    Served(
        "GET /v1/payment_methods",
        listed,
        listing({"customer": text, "type": text}, "allow_redisplay customer_account"),
    ),
    Served("GET /v1/payment_methods/{id}", retrieve),
    Served(
        "POST /v1/payment_methods/{id}",
        modify,
        accepts(
            typed={"card": hashed, "billing_details": hashed, "metadata": metadata},
            others="allow_redisplay us_bank_account",
        ),
    ),
    Served(
        "POST /v1/payment_methods/{id}/attach",
        attached,
        accepts(required={"customer": text}, others="customer_account"),
    ),
    Served("POST /v1/payment_methods/{id}/detach", detached),
    Served(
        "POST /v1/tokens",
        tokenise,
        accepts(required={"card": hashed}, others="account bank_account customer cvc_update person pii"),
    ),
    Served("GET /v1/tokens/{id}", token),
)
