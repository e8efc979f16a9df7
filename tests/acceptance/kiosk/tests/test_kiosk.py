"""The workflows of both kiosks. `ann` orders; `eve` is somebody else."""

import pytest

ANN = {"Authorization": "ann-token"}
ORDER = {"sku": "tea-7", "quantity": 12, "tip": 150, "note": "no sugar", "table": "window"}


@pytest.mark.workflow(
    "order at the sound kiosk",
    credentials="header:Authorization",
    other="eve",
    public=["GET /sound/menu"],
)
def test_sound(service):
    assert service.get("/sound/menu", headers=ANN).status_code == 200
    made = service.post("/sound/orders", json=ORDER, headers=ANN)
    assert made.status_code == 201
    place = f"/sound/orders/{made.json()['id']}"
    assert service.get(place, headers=ANN).json() == {"sku": "tea-7", "quantity": 12}
    assert service.delete(place, headers=ANN).status_code == 200


@pytest.mark.workflow("quiet")
def test_quiet(service):
    assert service.post("/slack/quiet", json={"sku": "tea-7", "quantity": 12}).status_code == 201


@pytest.mark.workflow("late")
def test_late(service, seams):
    assert service.post("/slack/late", json=ORDER).status_code == 201
    assert seams.till.effects("charge") == 1


@pytest.mark.workflow("bent")
def test_bent(service):
    assert service.post("/slack/bent", json={"tip": 150, "note": "no sugar"}).status_code == 201


@pytest.mark.workflow("raw")
def test_raw(service):
    assert service.post("/slack/raw", json={"sku": "tea-7", "quantity": 12}).status_code == 201


@pytest.mark.workflow("open", other={"Authorization": "eve-token"})
def test_open(service):
    number = service.post("/slack/orders", json=ORDER, headers=ANN).json()["id"]
    read = service.get(f"/slack/orders/{number}", headers=ANN)
    assert (read.status_code, read.json()) == (200, {"sku": "tea-7", "quantity": 12})
    assert service.post(f"/slack/orders/{number}/cancel", headers=ANN).status_code == 200
