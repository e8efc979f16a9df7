"""What the guard says as JSON, schema ``ripstop-guard/1``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ripstop.model.weakening import Guarded, Weakening

SCHEMA = "ripstop-guard/1"


def as_json(told: Guarded) -> dict[str, Any]:
    """Everything, as plain data; pages of the kinds are left to ``ripstop explain``."""
    return {
        "schema": SCHEMA,
        "base": told.base,
        "head": told.head or None,
        "files": told.files,
        "tests": told.tests,
        "weakenings": [_one(one) for one in told.failing],
        "looks": [_one(one) for one in told.looks],
        "allowed": [{**_one(one.weakening), "by": asdict(one.by)} for one in told.allowed],
        "notes": list(told.notes),
    }


def _one(one: Weakening) -> dict[str, Any]:
    return {**asdict(one), "sure": str(one.sure)}
