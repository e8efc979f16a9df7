"""What a double did to the outside world: its effects, counted instead of its calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from ripstop.model.http import Reply, Request
from ripstop.model.state import Effect

_EFFECTS = 10_000
_FIELDS = 40
_TEXT = 200


class Ledger:
    """The effects of one double since the last reset, oldest first."""

    def __init__(self, seam: str) -> None:
        self._seam = seam
        self._effects: list[Effect] = []

    def effects(self, kind: str | None = None) -> tuple[Effect, ...]:
        """All effects, or those of one kind."""
        return tuple(effect for effect in self._effects if kind in (None, effect.kind))

    def record(self, kind: str, *, key: str | None = None, data: Mapping[str, Any] | None = None) -> Effect:
        """Note that something happened. Handlers of routes that name an ``effect`` need not call it.

        At most 10,000 effects are kept, of each at most 40 fields and 200 characters a field.
        """
        effect = Effect(self._seam, kind, key, bounded(data or {}))
        if len(self._effects) < _EFFECTS:
            self._effects.append(effect)
        return effect

    def clear(self) -> None:
        self._effects.clear()

    def __len__(self) -> int:
        return len(self._effects)

    def __repr__(self) -> str:
        return f"<ledger of {self._seam}: {', '.join(e.kind for e in self._effects) or 'no effects'}>"


def fields_of(message: Request | Reply) -> Mapping[str, Any]:
    """The fields of a JSON object or of a form, whichever the body is; empty for anything else."""
    kind = message.header("content-type") or ""
    if "x-www-form-urlencoded" in kind:
        return dict(parse_qsl(message.body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        content = message.json()
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def effect_data(request: Request, reply: Reply) -> dict[str, Any]:
    """What an effect is described by: the request's fields, and the id its reply gave it."""
    given = fields_of(reply).get("id")
    return {**fields_of(request), **({"id": given} if given is not None else {})}


def original_of(effects: tuple[Effect, ...], names: Mapping[str, Any]) -> Effect | None:
    """The effect that a compensation undoes: the latest whose id one of the call's values is."""
    values = [value for value in names.values() if isinstance(value, str | int)]
    return next((effect for effect in reversed(effects) if effect.data.get("id") in values), None)


def bounded(data: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping with long values cut and fields beyond the bound left out."""
    return {str(name): _short(value) for name, value in list(data.items())[:_FIELDS]}


def _short(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value if len(value) <= _TEXT else value[:_TEXT] + "…"
    text = json.dumps(value, default=str, sort_keys=True)
    return value if len(text) <= _TEXT else text[:_TEXT] + "…"
