"""What a Stripe account holds while a run lasts: its objects by kind, and the events they give rise to."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ripstop.doubles import times
from ripstop.doubles.double import Double
from ripstop.doubles.stripe.errors import invalid, missing
from ripstop.model.http import Reply, Request

Object = dict[str, Any]

KINDS: Mapping[str, tuple[str, str, str]] = {
    "customers": ("cus", "customer", "customer"),
    "payment_methods": ("pm", "payment_method", "PaymentMethod"),
    "tokens": ("tok", "token", "token"),
    "payment_intents": ("pi", "payment_intent", "payment_intent"),
    "charges": ("ch", "charge", "charge"),
    "refunds": ("re", "refund", "refund"),
    "products": ("prod", "product", "product"),
    "prices": ("price", "price", "price"),
    "subscriptions": ("sub", "subscription", "subscription"),
    "invoices": ("in", "invoice", "invoice"),
    "sessions": ("cs_test", "checkout.session", "checkout.session"),
    "events": ("evt", "event", "event"),
}
"""Each kind's id prefix, its ``object`` field, and its name in messages."""

_WITHOUT = {"refunds": ("livemode",)}
MODERN = "9999-99-99"
_EXPAND_DEPTH = 4
_HIDDEN = "card_numbers"


def empty() -> dict[str, Any]:
    """An account without objects."""
    return {**{kind: {} for kind in KINDS}, _HIDDEN: {}}


@dataclass(slots=True)
class Books:
    """One account. ``version`` is the API version of the call under way, ``done`` the effects it had.

    ``webhook`` is the service's path for events, None for none; they are signed with ``secret``.
    """

    double: Double
    webhook: str | None = None
    secret: str = ""
    version: str = MODERN
    done: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def new(self, kind: str, **fields: Any) -> Object:
        """A new object of a kind, kept. Fields of the same name go before the usual ones."""
        prefix, name, _ = KINDS[kind]
        usual = {"id": self.double.new_id(prefix), "object": name, "created": now(), "livemode": False}
        made = {**usual, **fields}
        for unwanted in _WITHOUT.get(kind, ()):
            del made[unwanted]
        self.double.state[kind][made["id"]] = made
        return made

    def find(self, kind: str, identity: str, *, param: str = "id", inside: bool = False) -> Object:
        """The object of an id. Raises Problem ``resource_missing``; ``inside`` where a parameter names it."""
        found: Object | None = self.double.state[kind].get(identity)
        if found is None or (inside and found.get("deleted")):
            raise missing(KINDS[kind][2], identity, param=param, status=400 if inside else 404)
        return found

    def all(self, kind: str) -> list[Object]:
        """Newest first, as lists are given."""
        return [one for one in reversed(self.double.state[kind].values()) if not one.get("deleted")]

    def did(self, kind: str, data: Mapping[str, Any]) -> None:
        """The call under way had an effect on the outside world."""
        self.done.append((kind, dict(data)))

    def take_done(self, _request: Request, _reply: Reply) -> Iterable[tuple[str, Mapping[str, Any]]]:
        taken, self.done = self.done, []
        return taken

    def number_of(self, method: str) -> str | None:
        """The card number behind a payment method: Stripe never shows it."""
        number: str | None = self.double.state[_HIDDEN].get(method)
        return number

    def keep_number(self, method: str, number: str) -> None:
        self.double.state[_HIDDEN][method] = number

    def emit(self, kind: str, subject: Object, previous: Mapping[str, Any] | None = None) -> Object:
        """An event about an object as it is now; sent to the service where it has a webhook."""
        data: Object = {"object": public(subject)}
        if previous is not None:
            data["previous_attributes"] = dict(previous)
        event = self.new(
            "events",
            type=kind,
            data=data,
            api_version=None if self.version == MODERN else self.version,
            pending_webhooks=1 if self.webhook else 0,
            request={"id": None, "idempotency_key": None},
        )
        if self.webhook:
            self.double.send(signed(event, self.webhook, self.secret))
        return event

    def page(
        self, kind: str, given: Mapping[str, Any], url: str, where: Callable[[Object], bool] = lambda _: True
    ) -> Object:
        """One page of a list (docs.stripe.com/api/pagination): ``limit`` 1 to 100, 10 without one."""
        return paged([one for one in self.all(kind) if where(one)], given, url)

    def expanded(self, answer: Mapping[str, Any], paths: Iterable[str]) -> Object:
        """The answer with ids replaced by their objects at these paths (docs.stripe.com/expand)."""
        whole: Object = public(answer)
        for path in paths:
            parts = path.split(".")
            if len(parts) > _EXPAND_DEPTH:
                raise invalid("You cannot expand more than 4 levels of a property.", param="expand")
            self._expand(whole, parts, path)
        return whole

    def _expand(self, where: Any, parts: list[str], path: str) -> None:
        if isinstance(where, list):
            for one in where:
                self._expand(one, parts, path)
            return
        name, rest = parts[0], parts[1:]
        if not isinstance(where, dict) or name not in where:
            raise invalid(f"This property cannot be expanded ({path}).", param="expand")
        value = where[name]
        if isinstance(value, str | int):
            found = self._by_id(value) if isinstance(value, str) else None
            if found is None:
                raise invalid(f"This property cannot be expanded ({path}).", param="expand")
            where[name] = public(found)
        if rest and where[name] is not None:
            self._expand(where[name], rest, path)

    def _by_id(self, identity: str) -> Object | None:
        held = (self.double.state[kind].get(identity) for kind in KINDS)
        return next((one for one in held if one is not None), None)


def public(value: Any) -> Any:
    """A copy as Stripe shows it: what the double only notes (names that begin with _) left out."""
    if isinstance(value, Mapping):
        return {name: public(one) for name, one in value.items() if not name.startswith("_")}
    return [public(one) for one in value] if isinstance(value, list | tuple) else value


def now() -> int:
    return int(times.now())


def paged(found: list[Object], given: Mapping[str, Any], url: str) -> Object:
    """The part of a whole list that ``limit``, ``starting_after`` and ``ending_before`` ask for."""
    limit = given.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid(f"Invalid integer: {limit}; limit is 1 to 100", param="limit")
    after, before = given.get("starting_after"), given.get("ending_before")
    if after is not None:
        found = found[_place(found, after, "starting_after") + 1 :]
    if before is not None:
        found = found[: _place(found, before, "ending_before")]
        return {"object": "list", "url": url, "has_more": len(found) > limit, "data": found[-limit:]}
    return {"object": "list", "url": url, "has_more": len(found) > limit, "data": found[:limit]}


def signed(event: Mapping[str, Any], path: str, secret: str) -> Request:
    """The delivery of an event: HMAC-SHA256 over time and body (docs.stripe.com/webhooks/signature)."""
    body = json.dumps(event, indent=2)
    stamp = now()
    digest = hmac.new(secret.encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest()
    headers = (
        ("content-type", "application/json; charset=utf-8"),
        ("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"),
        ("stripe-signature", f"t={stamp},v1={digest}"),
    )
    return Request("POST", path, headers, body.encode())


def update(subject: Object, given: Mapping[str, Any]) -> dict[str, Any]:
    """Take an update's values over into an object's fields; what those were before.

    Metadata is merged, an empty text takes a key away; an empty text elsewhere unsets.
    """
    before: dict[str, Any] = {}
    for name, value in given.items():
        if name not in subject:
            continue
        old = subject[name]
        new = merged(old, value) if name == "metadata" else (None if value == "" else value)
        if new != old:
            before[name], subject[name] = old, new
    return before


def merged(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in {**old, **new}.items() if value != ""} if new else {}


def _place(found: list[Object], identity: str, param: str) -> int:
    for place, one in enumerate(found):
        if one["id"] == identity:
            return place
    raise invalid(f"No such object: '{identity}'", param=param, code="resource_missing")
