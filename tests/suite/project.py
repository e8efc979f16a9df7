"""What a person writes by hand with the two fixtures; run by ``test_by_hand.py`` in a copy of the example."""

from uuid import uuid4

import pytest

from ripstop import NoAnswer, NotFired, faults


def order(**fields):
    return {"userId": "u-1", "amountCents": 4200, "idempotencyKey": str(uuid4()), **fields}


@pytest.fixture(scope="module")
def earlier_order(service):
    """A row that every test of this module may see."""
    return service.post("/orders", json=order(userId="earlier")).json()["id"]


@pytest.fixture
def own_order(service):
    """A row of one test, which removes nothing itself."""
    return service.post("/orders", json=order(userId="own")).json()["id"]


def test_a_rows_of_this_test_stand_while_it_runs(service, seams, earlier_order, own_order):
    service.post("/orders", json=order())

    assert {row["user_id"] for row in seams.db.rows("orders")} == {"earlier", "own", "u-1"}


def test_b_only_the_module_s_row_is_left_for_the_next(seams, earlier_order):
    assert [row["id"] for row in seams.db.rows("orders")] == [earlier_order]


def test_c_changes_and_effects_are_the_test_s_own_not_its_fixtures(service, seams, own_order):
    assert seams.db.changes == []
    assert seams.payments.effects("charge") == 0

    service.post("/orders", json=order())

    assert [(change.kind, change.table) for change in seams.db.changes] == [("insert", "orders")]
    assert seams.payments.effects("charge") == 1


def test_d_a_fault_breaks_what_is_inside_its_block_only(service, seams):
    kept = order()
    with seams.db.inject(faults.connection_lost(), at="INSERT orders") as broken:
        assert service.post("/orders", json=kept).status_code == 503
    assert broken.fired
    assert broken.attempts == 1
    assert seams.db.changes == []

    assert service.post("/orders", json=kept).status_code == 201
    assert seams.payments.effects("charge") == 1


def test_e_a_fault_that_never_fires_fails_the_test(service, seams):
    with (
        pytest.raises(NotFired, match="did you mean 'INSERT orders'"),
        seams.db.inject(faults.connection_lost(), at="INSERT order"),
    ):
        service.post("/orders", json=order())


def test_f_a_provider_s_outage_needs_no_place_where_there_is_one_route(service, seams):
    with seams.payments.inject(faults.status(503), tries=0):
        assert service.post("/orders", json=order()).status_code == 402


def test_g_no_answer_is_an_assertion(service, seams):
    with (
        pytest.raises(NoAnswer, match="no answer within"),
        seams.payments.inject(faults.hang()),
    ):
        service.post("/orders", json=order(), timeout=0.3)


def test_h_after_a_hang_the_service_serves_again_on_fresh_state(service, seams, earlier_order):
    assert [row["id"] for row in seams.db.rows("orders")] == [earlier_order]
    assert service.post("/orders", json=order()).status_code == 201


def test_i_eventually_says_what_it_waited_for(seams):
    with pytest.raises(AssertionError, match=r"not within 0\.05 s: still \[\]"):
        seams.db.eventually(lambda: seams.db.rows("orders", user_id="nobody"), within_s=0.05)


def test_j_a_seam_that_is_not_configured_is_named_with_the_nearest(seams):
    with pytest.raises(AttributeError, match="did you mean 'payments'"):
        _ = seams.payment


@pytest.fixture
def bought(seams):
    """A row of one test that no route of the service made."""
    return seams.db.insert("orders", user_id="inserted", amount_cents=1, status="paid")


def test_k_a_row_put_in_by_a_fixture_stands_and_is_no_change_of_the_service_s(seams, bought):
    assert seams.db.row("orders", user_id="inserted")["id"] == bought["id"]
    assert seams.db.changes == []


def test_l_a_row_put_in_is_gone_with_its_test(seams):
    assert seams.db.rows("orders", user_id="inserted") == []
