"""Going off call. The second is there for the first to meet."""

import pytest


@pytest.mark.workflow("ann goes off call", risk="critical", races_with="bob goes off call")
def test_ann(service, seams):
    assert service.put("/doctors/ann", json={"onCall": False}).status_code == 200
    assert seams.db.row("doctors", name="ann")["on_call"] is False


@pytest.mark.workflow("bob goes off call", risk="critical", races=False)
def test_bob(service):
    assert service.put("/doctors/bob", json={"onCall": False}).status_code == 200
