"""The happy path of a subscription."""

import pytest


@pytest.mark.workflow("subscribe")
def test_subscribe(service, seams):
    response = service.post("/subscriptions", json={"address": "ada@example.org", "list": "weekly"})

    assert response.status_code == 201
    assert seams.db.row("subscriptions", id=response.json()["id"])["list"] == "weekly"
