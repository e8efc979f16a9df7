"""The table: how each error is provoked on a real server, and the fault that claims to be it.

A row is a conversation of one client. Its last step fails: in the genuine run because of what
a rival did before a step, in the injected run because of the fault and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ripstop import faults
from ripstop.model.fault import FaultSpec

from .drivers import Step

SCHEMA = """
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
CREATE TABLE stock (id int PRIMARY KEY, n int, seconds float DEFAULT 0);
INSERT INTO stock VALUES (1, 10), (2, 10);
CREATE TABLE orders (id int CONSTRAINT orders_pkey PRIMARY KEY, key text CONSTRAINT orders_key_key UNIQUE);
CREATE TABLE parent (id int PRIMARY KEY);
INSERT INTO parent VALUES (1);
CREATE TABLE child (id int, parent_id int CONSTRAINT child_parent_id_fkey REFERENCES parent
                    DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE pace (id int PRIMARY KEY, seconds float);
INSERT INTO pace VALUES (1, 0);
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_sleep(NEW.seconds); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON pace DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION dawdle();
"""


@dataclass(frozen=True, slots=True)
class Row:
    """``rival`` says what somebody else does before the client's step of that number; ``&`` in front
    of a statement means: start it, and wait until it waits for a lock. ``apart_from`` are fields
    in which this way of provoking the error cannot be the one the fault stands for."""

    name: str
    steps: tuple[Step, ...]
    rival: Mapping[int, tuple[str, ...]]
    fault: FaultSpec
    apart_from: frozenset[str] = field(default_factory=frozenset)
    cancelled: bool = False


TAKE: Step = ("UPDATE stock SET n = n - 1 WHERE id = ?::int RETURNING n", 1)
TAKE_OTHER: Step = (TAKE[0], 2)
LOOK: Step = ("SELECT n FROM stock WHERE id = ?::int", 1)
ORDER: Step = ("INSERT INTO orders (id, key) VALUES (?::int, ?::text) RETURNING id", 1, "k")
DROP: Step = ("DELETE FROM stock WHERE id = ?::int RETURNING n", 1)
NEW_STOCK: Step = ("INSERT INTO stock (id, n) VALUES (?::int, 1) RETURNING n", 3)
WAIT: Step = ("SELECT pg_sleep(seconds) FROM stock WHERE id = ?::int", 1)
RIVAL_TOOK = ("BEGIN", "UPDATE stock SET n = n - 1 WHERE id = 1")
SLOW_STOCK = ("UPDATE stock SET seconds = 30",)
SERIALIZABLE: Step = ("BEGIN ISOLATION LEVEL SERIALIZABLE",)

ROWS = (
    Row(
        "a duplicate primary key in a transaction",
        (("BEGIN",), TAKE, ORDER),
        {0: ("INSERT INTO orders VALUES (1, 'other')",)},
        faults.sqlstate("23505", constraint="orders_pkey", columns="id"),
    ),
    Row(
        "a duplicate key outside a transaction",
        (ORDER,),
        {0: ("INSERT INTO orders VALUES (2, 'k')",)},
        faults.sqlstate("23505", constraint="orders_key_key", columns="key"),
    ),
    Row(
        "a concurrent update",
        (("BEGIN ISOLATION LEVEL REPEATABLE READ",), LOOK, TAKE),
        {2: ("UPDATE stock SET n = 5 WHERE id = 1",)},
        faults.sqlstate("40001"),
    ),
    Row(
        "a locking read of a row updated meanwhile",
        (("BEGIN ISOLATION LEVEL REPEATABLE READ",), TAKE_OTHER, (f"{LOOK[0]} FOR UPDATE", 1)),
        {2: ("UPDATE stock SET n = 5 WHERE id = 1",)},
        faults.sqlstate("40001"),
    ),
    Row(
        "a read in a dangerous structure",
        (SERIALIZABLE, TAKE, ("SELECT n FROM stock WHERE id = ?::int", 2)),
        {
            1: (
                "BEGIN ISOLATION LEVEL SERIALIZABLE",
                "SELECT sum(n) FROM stock",
                "UPDATE stock SET n = 1 WHERE id = 2",
            ),
            2: ("COMMIT",),
        },
        faults.sqlstate("40001"),
    ),
    Row(
        "write skew, found at commit",
        (SERIALIZABLE, ("SELECT sum(n) FROM stock WHERE id > ?::int", 0), TAKE, ("COMMIT",)),
        {
            2: (
                "BEGIN ISOLATION LEVEL SERIALIZABLE",
                "SELECT sum(n) FROM stock",
                "UPDATE stock SET n = 1 WHERE id = 2",
            ),
            3: ("COMMIT",),
        },
        faults.sqlstate("40001"),
    ),
    Row(
        "a write in a dangerous structure",
        (SERIALIZABLE, ("SELECT sum(n) FROM stock WHERE id > ?::int", 0), NEW_STOCK),
        {
            2: (
                "BEGIN ISOLATION LEVEL SERIALIZABLE",
                "SELECT sum(n) FROM stock",
                "UPDATE stock SET n = 1 WHERE id = 2",
                "COMMIT",
            )
        },
        faults.sqlstate("40001"),
    ),
    Row(
        "a delete of a row updated meanwhile",
        (("BEGIN ISOLATION LEVEL REPEATABLE READ",), LOOK, DROP),
        {2: ("UPDATE stock SET n = 5 WHERE id = 1",)},
        faults.sqlstate("40001"),
    ),
    Row(
        "an insert that waits for another's key",
        (("SET lock_timeout = 40",), ("BEGIN",), ORDER),
        {2: ("BEGIN", "INSERT INTO orders VALUES (1, 'other')")},
        faults.sqlstate("55P03"),
    ),
    Row(
        "a delete that waits for a lock",
        (("SET lock_timeout = 40",), ("BEGIN",), DROP),
        {2: RIVAL_TOOK},
        faults.sqlstate("55P03"),
    ),
    Row(
        "a deadlock",
        (("SET deadlock_timeout = 20",), ("BEGIN",), TAKE, TAKE_OTHER),
        {
            3: (
                "SET deadlock_timeout = '60s'",
                "BEGIN",
                "UPDATE stock SET n = 1 WHERE id = 2",
                "&UPDATE stock SET n = 1 WHERE id = 1",
            )
        },
        faults.sqlstate("40P01"),
    ),
    Row(
        "a statement time-out",
        (("BEGIN",), TAKE_OTHER, ("SET statement_timeout = 60",), WAIT),
        {0: SLOW_STOCK},
        faults.sqlstate("57014"),
    ),
    Row(
        "a hang ended by the statement time-out",
        (("BEGIN",), TAKE_OTHER, ("SET statement_timeout = 60",), WAIT),
        {0: SLOW_STOCK},
        faults.hang(),
    ),
    Row("a hang cancelled by the client", (("BEGIN",), WAIT), {0: SLOW_STOCK}, faults.hang(), cancelled=True),
    Row(
        "a commit that hangs, cancelled by the client",
        (
            ("BEGIN",),
            ("INSERT INTO pace SELECT 2, seconds FROM pace WHERE id = ?::int", 1),
            ("SET statement_timeout = 60",),
            ("COMMIT",),
        ),
        {0: ("UPDATE pace SET seconds = 30",)},
        faults.hang(),
        apart_from=frozenset({"context"}),
        cancelled=True,
    ),
    Row(
        "a lock time-out",
        (("SET lock_timeout = 40",), ("BEGIN",), TAKE),
        {2: RIVAL_TOOK},
        faults.sqlstate("55P03"),
    ),
    Row(
        "a locking read's lock time-out",
        (("SET lock_timeout = 40",), ("BEGIN",), (f"{LOOK[0]} FOR UPDATE", 1)),
        {2: RIVAL_TOOK},
        faults.sqlstate("55P03"),
    ),
    Row(
        "a row that is locked, and a read that does not wait",
        (("BEGIN",), (f"{LOOK[0]} FOR UPDATE NOWAIT", 1)),
        {1: RIVAL_TOOK},
        faults.sqlstate("55P03"),
    ),
    Row(
        "a write on a server that became read-only",
        (("BEGIN",), ORDER),
        {0: ("ALTER DATABASE {database} SET default_transaction_read_only = on",)},
        faults.sqlstate("25006"),
    ),
    Row(
        "a write outside a transaction on a server that became read-only",
        (TAKE,),
        {0: ("ALTER DATABASE {database} SET default_transaction_read_only = on",)},
        faults.sqlstate("25006"),
    ),
    Row(
        "a deferred constraint, the model of an error at commit",
        (("BEGIN",), ("INSERT INTO child VALUES (1, ?::int) RETURNING id", 1), ("COMMIT",)),
        {0: ("DELETE FROM parent",)},
        faults.sqlstate("23503", constraint="child_parent_id_fkey"),
        apart_from=frozenset({"message_detail", "message_primary", "table_name", "schema_name"}),
    ),
)
