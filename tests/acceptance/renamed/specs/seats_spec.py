"""The happy path of a booking, of a screening that every test of this module may see.

`seen.txt` keeps what stood in the tables where each test began, and before and after the module's end.
"""

from pathlib import Path
from uuid import uuid4

import pytest

SEEN = Path("seen.txt")


def note(seams) -> None:
    screenings, bookings = seams.vault.rows("screenings"), seams.vault.rows("bookings")
    with SEEN.open("a") as seen:
        print(screenings, bookings, file=seen)


@pytest.fixture(scope="module")
def screening(service, seams):
    service.put("/screenings/dune", json={"feePence": 950})
    yield "dune"
    note(seams)
    service.delete("/screenings/dune")
    note(seams)


@pytest.fixture
def swept(service, screening):
    """More thorough than it ought to be: the screening that was announced once goes as well."""
    yield
    service.delete(f"/screenings/{screening}")


@pytest.mark.workflow("book a seat", idempotency_key="body:token")
def test_a_seat_is_booked(service, seams, screening, swept):
    note(seams)
    wanted = {"guest": "g-1", "screening": screening, "token": str(uuid4())}

    answer = service.post("/seats", json=wanted)

    assert answer.status_code == 201
    assert seams.vault.row("bookings", ref=answer.json()["ref"])["state"] == "settled"
    assert seams.till.effects("fee") == 1
