"""Sealing a line after a line, so that who has not the key can add, change and take away none unnoticed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping


def sealed(key: str, before: str, line: Mapping[str, object]) -> str:
    """The seal of a line after the one whose seal is ``before``: an HMAC with SHA-256 (RFC 2104)."""
    return hmac.new(key.encode(), f"{before}{json.dumps(line)}".encode(), hashlib.sha256).hexdigest()
