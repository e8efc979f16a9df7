"""The ``workflow`` marker: which pytest items are workflows, and what they say of themselves."""

from __future__ import annotations

import pytest

from ripstop.errors import UsageError
from ripstop.model.runner import Workflow

MARKER = (
    'workflow(name, *, risk="normal", idempotency_key=None): a business action under test, green without '
    'faults; idempotency_key is "header:NAME" or "body:FIELD"'
)
FIXTURES = frozenset({"service", "seams"})
_RISKS = ("low", "normal", "high", "critical")


def workflow_of(item: pytest.Item) -> Workflow | None:
    """The workflow an item is, None for an ordinary test. Raises UsageError for a wrong marker."""
    marker = item.get_closest_marker("workflow")
    if marker is None:
        return None
    known = {"name", "risk", "idempotency_key"}
    if unknown := sorted(set(marker.kwargs) - known):
        raise _wrong(item, f"unknown argument {unknown[0]!r}")
    name = marker.args[0] if marker.args else marker.kwargs.get("name", item.name)
    risk = marker.kwargs.get("risk", "normal")
    if risk not in _RISKS:
        raise _wrong(item, f"risk is one of {', '.join(_RISKS)}, not {risk!r}")
    path, line, _ = item.location
    key = _key(item, marker.kwargs.get("idempotency_key"))
    return Workflow(item.nodeid, str(name), risk, key, path, (line or 0) + 1)


def uses_rig(item: pytest.Item) -> bool:
    """Whether a test asks for the service or its seams."""
    return bool(FIXTURES & set(getattr(item, "fixturenames", ())))


def _key(item: pytest.Item, key: object) -> str | None:
    if key is None:
        return None
    place, _, name = str(key).partition(":")
    if place not in ("header", "body") or not name:
        raise _wrong(item, f'idempotency_key is "header:NAME" or "body:FIELD", not {key!r}')
    return str(key)


def _wrong(item: pytest.Item, what: str) -> UsageError:
    return UsageError(
        "wrong-marker", f"@pytest.mark.workflow of {item.nodeid}: {what}", way_out=f"write it as {MARKER}"
    )
