"""What a person writes by hand: a day passes, without waiting."""

from datetime import UTC, datetime, timedelta

import pytest

from ripstop.errors import UsageError


@pytest.fixture
def token(service):
    return service.post("/tokens").json()


def shown(token):
    return {"Authorization": f"Bearer {token['token']}"}


@pytest.mark.workflow("ask who I am")
def test_who_asks_with_a_token_is_known(service):
    token = service.post("/tokens").json()
    assert service.get("/me", headers=shown(token)).json() == {"alive_there": True}


def test_a_token_of_a_day_is_honoured_to_the_last_second_and_no_longer(service, seams):
    seams.clock.freeze(at=datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC))
    token = service.post("/tokens").json()
    assert token["expires_at"].startswith("2031-05-07T07:08:09")

    seams.clock.advance(hours=23, minutes=59, seconds=59)
    assert service.get("/me", headers=shown(token)).json() == {"alive_there": True}
    assert seams.db.eventually(lambda: seams.db.rows("seen", alive_here=True, alive_there=True))

    seams.clock.advance(timedelta(seconds=2))
    refused = service.get("/me", headers=shown(token))
    assert (refused.status_code, refused.json()) == (401, {"error": "expired", "alive_there": False})
    assert seams.db.eventually(lambda: seams.db.rows("seen", alive_here=False, alive_there=False))


def test_the_next_test_begins_at_real_time_again(service, seams):
    told = service.get("/now").json()

    assert abs(told["here"] - datetime.now(UTC).timestamp()) < 60
    assert abs(told["there"] - told["here"]) < 60


def test_a_fixture_s_token_expires_on_a_clock_that_goes_on(service, seams, token):
    began = seams.clock.now()
    seams.clock.advance(days=1)

    assert service.get("/me", headers=shown(token)).status_code == 401
    assert seams.clock.now() - began > timedelta(days=1)


def test_any_day_is_shown_to_the_service_and_its_database(service, seams):
    seams.clock.set(datetime(2028, 2, 29, 12, tzinfo=UTC))
    told = service.get("/now").json()

    for place in ("here", "there"):
        assert datetime.fromtimestamp(told[place], UTC).isoformat().startswith("2028-02-29T12:0")


def test_what_a_clock_cannot_do_is_said(seams):
    with pytest.raises(UsageError, match="naive-time"):
        seams.clock.set(datetime(2028, 2, 29))
    with pytest.raises(UsageError, match="clock-backwards"):
        seams.clock.advance(hours=-1)
