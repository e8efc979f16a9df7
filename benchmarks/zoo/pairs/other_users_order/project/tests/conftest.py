"""Who may sign in."""

import hashlib
import hmac

import pytest


def signed_in(name: str) -> dict[str, str]:
    signature = hmac.new(b"zoo-sessions", name.encode(), hashlib.sha256).hexdigest()
    return {"Authorization": f"Bearer {name}.{signature}"}


@pytest.fixture
def ada():
    return signed_in("ada")


@pytest.fixture
def eve():
    return signed_in("eve")
