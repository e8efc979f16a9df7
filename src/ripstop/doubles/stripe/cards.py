"""Test cards: what each number, ``pm_card_`` and ``tok_`` name does (docs.stripe.com/testing)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decline:
    """Why an issuer says no, as the error's fields."""

    code: str
    decline_code: str
    message: str
    param: str | None = None
    advice_code: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One test card. ``asks`` where it wants the customer to authenticate each payment;
    ``attaches`` is False where saving it to a customer is declined as well."""

    number: str
    brand: str = "visa"
    funding: str = "credit"
    decline: Decline | None = None
    asks: bool = False
    attaches: bool = True
    country: str = "US"

    @property
    def last4(self) -> str:
        return self.number[-4:]


_AGAIN, _NEVER, _DATA = "try_again_later", "do_not_try_again", "confirm_card_data"
_NO = "Your card was declined."

GENERIC = Decline("card_declined", "generic_decline", _NO, advice_code=_AGAIN)
FUNDS = Decline(
    "card_declined", "insufficient_funds", "Your card has insufficient funds.", advice_code=_AGAIN
)
LOST = Decline("card_declined", "lost_card", _NO, advice_code=_NEVER)
STOLEN = Decline("card_declined", "stolen_card", _NO, advice_code=_NEVER)
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.", "exp_month", _DATA)
CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "cvc", _DATA)
PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    advice_code=_AGAIN,
)
VELOCITY = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
    advice_code=_AGAIN,
)
FRAUDULENT = Decline("card_declined", "fraudulent", _NO)
AUTHENTICATION = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)

DECLINES: Mapping[str, Decline] = {
    "card_declined": GENERIC,
    "insufficient_funds": FUNDS,
    "expired_card": EXPIRED,
    "processing_error": PROCESSING,
    "incorrect_cvc": CVC,
    "lost_card": LOST,
    "stolen_card": STOLEN,
    "card_velocity_exceeded": VELOCITY,
    "fraudulent": FRAUDULENT,
}
"""The declines offered as the fault ``declined``, by name, those met most often first."""

_VISA = Card("4242424242424242")
_CARDS: tuple[tuple[Card, str], ...] = (
    (_VISA, "visa"),
    (Card("4000056655665556", funding="debit"), "visa_debit"),
    (Card("5555555555554444", "mastercard"), "mastercard"),
    (Card("2223003122003222", "mastercard"), ""),
    (Card("5200828282828210", "mastercard", "debit"), "mastercard_debit"),
    (Card("5105105105105100", "mastercard", "prepaid"), "mastercard_prepaid"),
    (Card("378282246310005", "amex"), "amex"),
    (Card("371449635398431", "amex"), ""),
    (Card("6011111111111117", "discover"), "discover"),
    (Card("3056930009020004", "diners"), "diners"),
    (Card("3566002020360505", "jcb"), "jcb"),
    (Card("6200000000000005", "unionpay"), "unionpay"),
    (Card("4000002760000016", country="DE"), "de"),
    (Card("4000008260000000", country="GB"), "gb"),
    (Card("4000002500001001", country="FR"), "fr"),
    (Card("4000000000000002", decline=GENERIC, attaches=False), "visa_chargeDeclined chargeDeclined"),
    (
        Card("4000000000009995", decline=FUNDS, attaches=False),
        "visa_chargeDeclinedInsufficientFunds chargeDeclinedInsufficientFunds",
    ),
    (
        Card("4000000000009987", decline=LOST, attaches=False),
        "visa_chargeDeclinedLostCard chargeDeclinedLostCard",
    ),
    (
        Card("4000000000009979", decline=STOLEN, attaches=False),
        "visa_chargeDeclinedStolenCard chargeDeclinedStolenCard",
    ),
    (Card("4000000000000069", decline=EXPIRED, attaches=False), "chargeDeclinedExpiredCard"),
    (Card("4000000000000127", decline=CVC, attaches=False), "chargeDeclinedIncorrectCvc"),
    (Card("4000000000000119", decline=PROCESSING, attaches=False), "chargeDeclinedProcessingError"),
    (
        Card("4000000000006975", decline=VELOCITY, attaches=False),
        "visa_chargeDeclinedVelocityLimitExceeded",
    ),
    (Card("4000000000000341", decline=GENERIC), "chargeCustomerFail"),
    (Card("4100000000000019", decline=FRAUDULENT, attaches=False), "radarBlock chargeDeclinedFraudulent"),
    (Card("4000002760003184", asks=True), "authenticationRequired"),
    (Card("4000002500003155", asks=True), "authenticationRequiredOnSetup"),
    (Card("4000000000003220", asks=True), "threeDSecure2Required threeDSecureRequired"),
    (
        Card("4000008260003178", asks=True, decline=FUNDS),
        "authenticationRequiredChargeDeclinedInsufficientFunds",
    ),
    (Card("4000008400001629", asks=True, decline=GENERIC), "threeDSecureRequiredChargeDeclined"),
    (Card("4000000000003055"), "threeDSecureOptional"),
)

NUMBERS: Mapping[str, Card] = {card.number: card for card, _ in _CARDS}
NAMES: Mapping[str, Card] = {name: card for card, names in _CARDS for name in names.split()}


def named(identity: str, prefix: str) -> Card | None:
    """The card of a test name such as ``pm_card_visa`` (prefix ``pm_card_``) or ``tok_visa`` (``tok_``)."""
    return NAMES.get(identity.removeprefix(prefix)) if identity.startswith(prefix) else None
