"""Every fault of the catalogue happens to a real service: official clients, real servers, a real process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ripstop import faults
from ripstop.model.fault import FaultSpec
from ripstop.model.trace import CLIENT, CLOCK, CrossingId

from ..fired import pairs
from .exploring import copy
from .shop_rig import EVERY_SEAM, Shop, opened

ORDER, READ = CrossingId("POST /orders", CLIENT, "POST /orders"), "GET /orders/{id}"
READ_IT = CrossingId(READ, CLIENT, READ)
INBOUND = {
    "repeated_request": (faults.repeated_request(), ORDER, 201),
    "client_gone": (faults.client_gone(), ORDER, None),
    "field_missing": (faults.field_missing("/seat"), ORDER, 422),
    "field_null": (faults.field_null("/seat"), ORDER, 422),
    "field_mistyped": (faults.field_mistyped("/cents"), ORDER, 422),
    "field_out_of_range": (faults.field_out_of_range("/cents", 99), ORDER, 422),
    "field_too_long": (faults.field_too_long("/seat", 5), ORDER, 422),
    "field_empty": (faults.field_empty("/seat"), ORDER, 422),
    "field_duplicate": (faults.field_duplicate("/seat"), ORDER, 201),
    "unknown_id": (faults.unknown_id("path:2", 2147483646), READ_IT, 404),
    "no_credentials": (faults.no_credentials("authorization"), ORDER, 401),
    "other_credentials": (faults.other_credentials(), READ_IT, 200),
}
PLACES = {
    "http": ("stripe", "POST /v1/charges"),
    "postgres": ("db", "COMMIT"),
    "redis": ("cache", "SET customer:ann"),
    "smtp": ("mail", "DATA"),
}
STRIKES = [
    (faults.killed("before"), 1),
    (faults.killed("after"), 1),
    (faults.terminated(), 1),
    (faults.paused(), 0),
]
PROCESS = frozenset(spec.name for spec, _ in STRIKES)
ELSEWHERE = {
    ("stale_connection", "postgres"): "the shop keeps no connection to its database",
    ("stale_connection", "smtp"): "nor to its mail server",
}
AT_SERVERS = [
    pair
    for pair in pairs()
    if pair[1] not in (CLIENT, CLOCK) and pair[0] not in PROCESS and pair not in ELSEWHERE
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened(copy(EVERY_SEAM, tmp_path_factory.mktemp("shop"))) as one:
        yield one


@pytest.mark.parametrize(("name", "protocol"), AT_SERVERS)
def test_what_is_offered_at_a_server_happens_and_leaves_nothing_behind(
    shop: Shop, name: str, protocol: str
) -> None:
    offer = shop.offers(name, protocol)
    assert offer is not None
    record = shop.run(*offer)

    assert [one.fault for one in record.fired] == [offer[0]]
    assert record.dirty == ""
    assert shop.run().call.passed


@pytest.mark.parametrize("name", INBOUND)
def test_what_comes_from_the_caller_is_sent_and_answered(shop: Shop, name: str) -> None:
    spec, where, status = INBOUND[name]
    record = shop.run(spec, where)

    assert [one.fault for one in record.fired] == [spec]
    assert [e.answer.status for e in record.exchanges if e.step == where.step] == [status]
    assert shop.run().call.passed


@pytest.mark.parametrize("protocol", PLACES)
@pytest.mark.parametrize(("spec", "restarts"), STRIKES, ids=str)
def test_what_strikes_the_process_hits_the_one_that_made_the_crossing(
    shop: Shop, spec: FaultSpec, restarts: int, protocol: str
) -> None:
    before = shop.rig.restarts
    record = shop.run(spec, shop.crossing(*PLACES[protocol]))

    assert [one.fault for one in record.fired] == [spec]
    assert record.died == ""
    assert shop.rig.restarts - before == restarts
    assert record.retry is None or record.retry.answer.status == 201
