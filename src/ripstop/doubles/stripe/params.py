"""Parameters: which a route takes, of what kind, and Stripe's words for those that are not so."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ripstop.doubles.stripe.errors import Problem, invalid

Kind = Callable[[Any, str], Any]
"""Takes a value as sent (text, dict or list) and its name; what it means, or raises Problem."""

_CURRENCY_NAMES = (
    "usd eur gbp jpy cad aud nzd chf sek nok dkk pln czk huf ron bgn inr sgd hkd mxn brl zar krw thb myr php "
    "idr vnd aed sar ils try cny twd clp cop pen ars uah kes ngn egp"
)
_CURRENCIES = frozenset(_CURRENCY_NAMES.split())


@dataclass(frozen=True, slots=True)
class Accepts:
    """A route's parameters. ``others`` are documented ones that the double takes as they come."""

    required: Mapping[str, Kind] = field(default_factory=dict)
    typed: Mapping[str, Kind] = field(default_factory=dict)
    others: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        return frozenset({*self.required, *self.typed, *self.others, "expand"})

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters by meaning. Raises Problem for one unknown, missing or of another kind."""
        for name in given:
            if name not in self.names:
                raise _unknown(name, self.names)
        for name in self.required:
            if name not in given or given[name] == "":
                raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
        kinds = {**self.typed, **self.required, "expand": texts}
        return {name: kinds[name](value, name) if name in kinds else value for name, value in given.items()}


def accepts(
    *, required: Mapping[str, Kind] | None = None, typed: Mapping[str, Kind] | None = None, others: str = ""
) -> Accepts:
    """``others`` are names with spaces between."""
    return Accepts(required or {}, typed or {}, frozenset(others.split()))


def text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise invalid(f"Invalid string: {_shown(value)}", param=name)
    return value


def whole(value: Any, name: str) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,18}", value):
        raise invalid(f"Invalid integer: {_shown(value)}", param=name, code="parameter_invalid_integer")
    return int(value)


def amount(value: Any, name: str) -> int:
    """Money in the currency's smallest unit, at least 1."""
    number = whole(value, name)
    if number < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", param=name, code="parameter_invalid_integer"
        )
    if number > 99_999_999:
        raise invalid("Amount must be no more than $999,999.99", param=name, code="amount_too_large")
    return number


def flag(value: Any, name: str) -> bool:
    if value not in ("true", "false"):
        raise invalid(f"Invalid boolean: {_shown(value)}", param=name)
    return bool(value == "true")


def currency(value: Any, name: str) -> str:
    if not isinstance(value, str) or value.lower() not in _CURRENCIES:
        raise invalid(
            f"Invalid currency: {_shown(value)}. Stripe currently supports these currencies: "
            f"{', '.join(sorted(_CURRENCIES))}",
            param=name,
        )
    return value.lower()


def one_of(*words: str) -> Kind:
    def read(value: Any, name: str) -> str:
        if value not in words:
            raise invalid(f"Invalid {name}: must be one of {_either(words)}", param=name)
        return str(value)

    return read


def texts(value: Any, name: str) -> list[str]:
    return [text(one, f"{name}[{place}]") for place, one in enumerate(_array(value, name))]


def hashed(value: Any, name: str) -> dict[str, Any]:
    """An object of any fields. An empty text unsets it."""
    if value == "":
        return {}
    if not isinstance(value, dict):
        raise invalid("Invalid object", param=name)
    return value


def metadata(value: Any, name: str) -> dict[str, str]:
    """Up to 50 texts; an empty one takes the key away."""
    found = {str(key): text(one, f"{name}[{key}]") for key, one in hashed(value, name).items()}
    if len(found) > 50:
        raise invalid("Metadata can have up to 50 keys.", param=name)
    for key, one in found.items():
        if len(key) > 40 or len(one) > 500:
            raise invalid(
                "Metadata keys can have up to 40 characters, and values up to 500 characters.", param=name
            )
    return found


def structure(of: Accepts) -> Kind:
    """An object with fields of its own."""

    def read(value: Any, name: str) -> dict[str, Any]:
        return _inside(of, hashed(value, name), name)

    return read


def array(of: Accepts) -> Kind:
    """A list of objects with fields of their own."""

    def read(value: Any, name: str) -> list[dict[str, Any]]:
        items = _array(value, name)
        return [_inside(of, hashed(one, f"{name}[{n}]"), f"{name}[{n}]") for n, one in enumerate(items)]

    return read


def _inside(of: Accepts, value: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Names in a nested object's errors are written whole, ``items[0][price]``."""
    try:
        return of.read(value)
    except Problem as problem:
        inner, bracket, rest = str(problem.fields.get("param", "")).partition("[")
        whole_name = f"{name}[{inner}]{bracket}{rest}"
        message = problem.message.replace(f"param: {inner}.", f"param: {whole_name}.")
        message = message.replace(f"parameter: {inner}", f"parameter: {whole_name}")
        raise invalid(message, param=whole_name, code=problem.fields.get("code")) from None


def _array(value: Any, name: str) -> list[Any]:
    if value == "":
        return []
    if not isinstance(value, list):
        raise invalid("Invalid array", param=name)
    return value


def _unknown(name: str, known: frozenset[str]) -> Problem:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    hint = f". Did you mean {near[0]}?" if near else ""
    return invalid(f"Received unknown parameter: {name}{hint}", param=name, code="parameter_unknown")


def _either(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])}, or {words[-1]}"


def _shown(value: Any) -> str:
    return (value if isinstance(value, str) else repr(value))[:80]
