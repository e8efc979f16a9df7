"""The one workflow of the batch service. Named so that only those who ask for it collect it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest


@pytest.mark.workflow("store a batch", idempotency_key="body:key")
def test_store_a_batch(service: Any, seams: Any) -> None:
    key = str(uuid4())

    response = service.post("/batches", json={"key": key})

    assert response.status_code == 201
    assert len(seams.db.rows("lines", batch=key)) == 36
    assert seams.provider.effects("notice") == 8
