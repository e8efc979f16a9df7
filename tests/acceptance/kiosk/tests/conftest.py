"""Who else there is at the kiosk."""

import pytest


@pytest.fixture
def eve():
    return {"Authorization": "eve-token"}
