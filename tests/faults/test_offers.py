"""Which faults are offered at every kind of crossing, exactly and in order."""

from __future__ import annotations

from typing import Any

import pytest

from ripstop.faults import catalogue
from ripstop.model.fault import Facts
from ripstop.model.http import Reply
from ripstop.model.state import UniqueIndex
from ripstop.model.trace import Crossing

STRIKES = ("killed", "terminated", "paused")
WAITS = ("slow(delay_ms=300)", "hang", "stall")
WRITE_CODES = ("57014", "55P03", "25006", "53100")
FACTS = Facts(
    unique_indexes=(
        UniqueIndex("orders_pkey", "orders", ("id",)),
        UniqueIndex("orders_key_key", "orders", ("account", "key")),
        UniqueIndex("users_pkey", "users", ("id",)),
        UniqueIndex("orders_pkey", "orders", ("id",), schema="old"),
    ),
    errors={"card_declined": Reply.of(402, {}), "insufficient_funds": Reply.of(402, {})},
    reply=Reply.of(201, {"object": "charge", "amount": 5, "status": "succeeded", "id": "ch_1"}),
)
DUPLICATE = "sqlstate(code=23505, columns={}, constraint={})"


def codes(*given: str) -> tuple[str, ...]:
    return tuple(f"sqlstate(code={code})" for code in given)


OFFERS: list[tuple[str, str, bool, tuple[str, ...]]] = [
    ("a read", "SELECT * FROM stock", False, ("connection_lost", *codes("57014"), *WAITS)),
    (
        "a read in a transaction",
        "SELECT * FROM stock",
        True,
        ("connection_lost", *codes("40001", "57014"), *WAITS),
    ),
    (
        "a locking read",
        "SELECT * FROM stock FOR UPDATE",
        True,
        ("connection_lost", *codes("40001", "40P01", "57014", "55P03"), *WAITS),
    ),
    (
        "a read that skips locked rows",
        "SELECT * FROM jobs FOR UPDATE\n SKIP LOCKED",
        True,
        ("connection_lost", *codes("40001", "57014"), *WAITS),
    ),
    ("a read of no table", "SELECT 1", True, ("connection_lost", *codes("57014"), *WAITS)),
    (
        "an insert that leaves the key to a sequence",
        "INSERT INTO orders (total) VALUES (1)",
        True,
        ("connection_lost", *codes("40001", "40P01", *WRITE_CODES), *WAITS),
    ),
    (
        "an insert that fills two unique indexes",
        "INSERT INTO orders (id, key, account) VALUES (1, 2, 3)",
        True,
        (
            "connection_lost",
            *codes("40001", "40P01"),
            DUPLICATE.format("id", "orders_pkey"),
            DUPLICATE.format("account,key", "orders_key_key"),
            *codes(*WRITE_CODES),
            *WAITS,
        ),
    ),
    (
        "an insert that covers one of them itself",
        "INSERT INTO orders (id, key, account) VALUES (1, 2, 3) ON CONFLICT (key, account) DO NOTHING",
        True,
        (
            "connection_lost",
            *codes("40001", "40P01"),
            DUPLICATE.format("id", "orders_pkey"),
            *codes(*WRITE_CODES),
            *WAITS,
        ),
    ),
    (
        "an insert that covers all of them",
        "INSERT INTO orders (id) VALUES (1) ON CONFLICT DO NOTHING",
        True,
        ("connection_lost", *codes("40001", "40P01", *WRITE_CODES), *WAITS),
    ),
    (
        "an update of a key",
        "UPDATE orders SET id = 2 WHERE id = 1",
        True,
        (
            "connection_lost",
            *codes("40001", "40P01"),
            DUPLICATE.format("id", "orders_pkey"),
            *codes(*WRITE_CODES),
            *WAITS,
        ),
    ),
    (
        "a write outside a transaction",
        "DELETE FROM orders WHERE id = 1",
        False,
        ("reply_lost", "connection_lost", *codes("40P01", *WRITE_CODES), *WAITS),
    ),
    ("the begin", "BEGIN", False, ("connection_lost", *WAITS)),
    ("the commit", "COMMIT", True, ("reply_lost", "connection_lost", *codes("40001", "53100"), *WAITS)),
    ("the rollback", "ROLLBACK", True, ("connection_lost",)),
    ("a lock on a table", "LOCK TABLE orders", True, ("connection_lost",)),
    ("a setting", "SET search_path = x", False, ()),
    ("a savepoint", "SAVEPOINT a", True, ()),
    ("a reset", "DISCARD ALL", False, ()),
    ("a driver's look at types", "SELECT oid FROM pg_catalog.pg_type", False, ()),
    ("a prepared statement given back", "DEALLOCATE p1", False, ()),
]


@pytest.mark.parametrize(
    ("text", "in_transaction", "specs"), [o[1:] for o in OFFERS], ids=[o[0] for o in OFFERS]
)
def test_a_statement_is_offered_only_what_can_happen_to_it(
    statement: Any, text: str, in_transaction: bool, specs: tuple[str, ...]
) -> None:
    assert offered(statement(text, in_transaction=in_transaction)) == specs


def test_a_connection_is_offered_what_happens_to_connections(connect: Crossing) -> None:
    assert offered(connect) == ("stale_connection", "connection_refused", "pool_exhausted")


def test_a_call_is_offered_every_way_in_which_a_provider_fails(call: Crossing) -> None:
    assert offered(call) == (
        *("reply_lost", "connection_reset"),
        *("declined(error=card_declined)", "declined(error=insufficient_funds)"),
        *("status(code=500)", "status(code=503)", "status(code=502)", "status(code=429, retry_after_s=1)"),
        *("status(code=401)", "status(code=404)", "malformed", "truncated", "empty"),
        *("missing_field(field=id)", "missing_field(field=status)"),
        *("wrong_type(field=id)", "wrong_type(field=status)", "connection_refused"),
        *("slow(delay_ms=300)", "late_reply(delay_ms=6000)", "hang", "unreachable"),
    )


def test_a_call_whose_reply_was_not_kept_is_offered_to_lose_its_most_telling_field(call: Crossing) -> None:
    specs = {str(fault.spec) for fault in catalogue.offered(call, Facts())}

    assert {"missing_field", "wrong_type"} <= specs


MAIL_OFFERS: list[tuple[str, tuple[str, ...]]] = [
    ("CONNECT", ("status(code=421)", "connection_refused", "hang", "unreachable")),
    ("MAIL", ("status(code=421)",)),
    ("RCPT", ("status(code=550)", "status(code=451)")),
    (
        "DATA",
        (
            *("reply_lost", "connection_lost", "status(code=451)", "status(code=554)", "status(code=421)"),
            *("slow(delay_ms=300)", "hang"),
        ),
    ),
    ("RSET", ()),
]


@pytest.mark.parametrize(("operation", "specs"), MAIL_OFFERS)
def test_a_mail_server_fails_as_mail_servers_do(mail: Any, operation: str, specs: tuple[str, ...]) -> None:
    ends_process = ("killed", "terminated", "paused")
    found = [str(f.spec) for f in catalogue.offered(mail(operation), FACTS) if f.name not in ends_process]

    assert tuple(found) == specs


def test_what_costs_no_waiting_comes_first(call: Crossing, statement: Any) -> None:
    for crossing in (call, statement("COMMIT", in_transaction=True)):
        waits = [fault.waits for fault in catalogue.offered(crossing, FACTS)]
        assert waits == sorted(waits)


def test_a_late_reply_comes_after_the_callers_budget(call: Crossing) -> None:
    late = [f for f in catalogue.offered(call, Facts(budget_ms=500)) if f.name == "late_reply"]

    assert [dict(f.spec.params)["delay_ms"] for f in late] == [600]


STRUCK: list[tuple[str, bool, tuple[str, ...]]] = [
    ("SELECT * FROM stock", True, ("killed(when=before)",)),
    ("BEGIN", False, ("killed(when=before)",)),
    ("INSERT INTO orders (total) VALUES (1)", True, ("killed(when=before)",)),
    ("DELETE FROM orders", False, ("killed(when=before)", "killed(when=after)", "terminated")),
    ("COMMIT", True, ("killed(when=before)", "killed(when=after)", "terminated", "paused")),
    ("ROLLBACK", True, ()),
    ("SET search_path = x", False, ()),
]


@pytest.mark.parametrize(("text", "in_transaction", "specs"), STRUCK, ids=[one[0] for one in STRUCK])
def test_the_process_is_struck_where_it_asks_something_and_after_what_stands(
    statement: Any, text: str, in_transaction: bool, specs: tuple[str, ...]
) -> None:
    assert strikes(statement(text, in_transaction=in_transaction)) == specs


def test_the_process_is_struck_around_a_call_and_never_at_connecting(
    call: Crossing, connect: Crossing
) -> None:
    assert strikes(call) == ("killed(when=before)", "killed(when=after)", "terminated")
    assert strikes(connect) == ()


def offered(crossing: Crossing) -> tuple[str, ...]:
    """What the seam itself can suffer; what strikes the process is told apart."""
    return tuple(str(f.spec) for f in catalogue.offered(crossing, FACTS) if f.name not in STRIKES)


def strikes(crossing: Crossing) -> tuple[str, ...]:
    return tuple(str(f.spec) for f in catalogue.offered(crossing, FACTS) if f.name in STRIKES)
