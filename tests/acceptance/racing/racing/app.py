"""`POST /orders`: sells one thing. The way it guards the last one is the header's, else the environment's."""

import os
import threading
import time
from contextlib import contextmanager

import psycopg
import redis
from fastapi import BackgroundTasks, FastAPI, Header, HTTPException
from psycopg import errors
from psycopg_pool import ConnectionPool

pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=4, max_size=8, open=True)
cache = redis.Redis.from_url(os.environ["REDIS_URL"])
app = FastAPI()
inside = threading.Lock()
SOLD_OUT = HTTPException(409, "sold out")
BUSY = HTTPException(503, "try again")


@app.get("/health")
def health():
    return {"status": "ok"}


@app.post("/orders", status_code=201)
def order(body: dict, idempotency_key: str = Header(""), way: str = Header("")):
    guard = WAYS[way or os.environ.get("WAY", "check_then_act")]
    return guard(body["sku"], idempotency_key)


@app.post("/cache/{sku}", status_code=201)
def fill(sku: str):
    cache.set(f"left:{sku}", 1)
    return {}


@app.post("/later", status_code=201)
def order_later(body: dict, tasks: BackgroundTasks):
    """Sold at once, written down after the answer."""
    with pool.connection() as db:
        sold = db.execute("UPDATE stock SET left_over = 0 WHERE sku = %s AND left_over > 0", (body["sku"],))
        if sold.rowcount == 0:
            raise SOLD_OUT
    tasks.add_task(note, body["sku"])
    return {"sku": body["sku"]}


def note(sku):
    with pool.connection() as db:
        write(db, sku, None)


@app.post("/stock", status_code=201)
def deliver(body: dict):
    """Set, not added: what was sold meanwhile is forgotten."""
    with pool.connection() as db:
        left_over = look(db, body["sku"])
        db.execute("UPDATE stock SET left_over = %s WHERE sku = %s", (left_over + body["more"], body["sku"]))
    return {"more": body["more"]}


def look(db, sku, how=""):
    row = db.execute(f"SELECT left_over, version FROM stock WHERE sku = %s {how}", (sku,)).fetchone()
    if row[0] < 1:
        raise SOLD_OUT
    return row[0]


def take(db, sku):
    return db.execute("UPDATE stock SET left_over = left_over - 1 WHERE sku = %s", (sku,))


def write(db, sku, key):
    made = db.execute("INSERT INTO orders (sku, key) VALUES (%s, %s) RETURNING id", (sku, key))
    return {"id": made.fetchone()[0]}


def check_then_act(sku, key):
    with pool.connection() as db:
        look(db, sku)
        take(db, sku)
        return write(db, sku, key)


def computed(sku, key):
    with pool.connection() as db:
        left_over = look(db, sku)
        db.execute("UPDATE stock SET left_over = %s WHERE sku = %s", (left_over - 1, sku))
        return write(db, sku, key)


def conditional(sku, key):
    with pool.connection() as db:
        sold = db.execute(
            "UPDATE stock SET left_over = left_over - 1 WHERE sku = %s AND left_over > 0", (sku,)
        )
        if sold.rowcount == 0:
            raise SOLD_OUT
        return write(db, sku, key)


def for_update(sku, key):
    with pool.connection() as db:
        look(db, sku, "FOR UPDATE")
        take(db, sku)
        return write(db, sku, key)


def for_share(sku, key):
    """Both share the lock, both want it for themselves: a deadlock, and nobody expects it."""
    with pool.connection() as db:
        look(db, sku, "FOR SHARE")
        take(db, sku)
        return write(db, sku, key)


def advisory(sku, key):
    with pool.connection() as db:
        db.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (sku,))
        look(db, sku)
        take(db, sku)
        return write(db, sku, key)


def version(sku, key, *, heed=True):
    with pool.connection() as db:
        left_over, seen = db.execute("SELECT left_over, version FROM stock WHERE sku = %s", (sku,)).fetchone()
        if left_over < 1:
            raise SOLD_OUT
        done = db.execute(
            "UPDATE stock SET left_over = %s, version = version + 1 WHERE sku = %s AND version = %s",
            (left_over - 1, sku, seen),
        )
        if heed and done.rowcount == 0:
            raise BUSY
        return write(db, sku, key)


def version_ignored(sku, key):
    return version(sku, key, heed=False)


@contextmanager
def serializable():
    with pool.connection() as db:
        db.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        try:
            yield db
            db.commit()
        finally:
            db.rollback()
            db.isolation_level = None


def serial(sku, key):
    with serializable() as db:
        look(db, sku)
        take(db, sku)
        return write(db, sku, key)


def serial_retried(sku, key):
    for _ in range(3):
        try:
            return serial(sku, key)
        except errors.SerializationFailure:
            continue
    raise BUSY


def looked_up(sku, key, *, table="orders"):
    """The key is looked up, then written: whoever comes between does it again."""
    with pool.connection() as db:
        found = db.execute(f"SELECT id FROM {table} WHERE key = %s", (key,)).fetchone()
        if found:
            return {"id": found[0]}
        made = db.execute(f"INSERT INTO {table} (sku, key) VALUES (%s, %s) RETURNING id", (sku, key))
        return {"id": made.fetchone()[0]}


def unique(sku, key):
    return looked_up(sku, key, table="once")


def unique_handled(sku, key):
    try:
        return unique(sku, key)
    except errors.UniqueViolation:
        return unique(sku, key)


def seat_lost(sku, _key):
    """The database refuses the second, and nobody listens."""
    with pool.connection() as db:
        if db.execute("SELECT 1 FROM seats WHERE seat = %s", (sku,)).fetchone():
            raise SOLD_OUT
        db.execute("INSERT INTO seats (seat) VALUES (%s) ON CONFLICT DO NOTHING", (sku,))
        return {"seat": sku}


def cached(sku, _key):
    left_over = int(cache.get(f"left:{sku}") or 0)
    if left_over < 1:
        raise SOLD_OUT
    cache.set(f"left:{sku}", left_over - 1)
    return {"left": left_over - 1}


def redis_lock(sku, key):
    for _ in range(80):
        if cache.set(f"lock:{sku}", key, nx=True, px=5_000):
            break
        time.sleep(0.02)
    else:
        raise BUSY
    try:
        return check_then_act(sku, key)
    finally:
        cache.delete(f"lock:{sku}")


def watched(sku, _key):
    """An optimistic lock in Redis: what was read may not have changed by EXEC."""
    with cache.pipeline() as line:
        line.watch(f"left:{sku}")
        left_over = int(line.get(f"left:{sku}") or 0)
        if left_over < 1:
            raise SOLD_OUT
        line.multi()
        line.set(f"left:{sku}", left_over - 1)
        try:
            line.execute()
        except redis.WatchError:
            raise BUSY from None
    return {"sku": sku}


@contextmanager
def alone():
    """A connection on which every statement stands for itself."""
    with pool.connection() as db:
        db.autocommit = True
        try:
            yield db
        finally:
            db.autocommit = False


def flagged(sku, _key):
    """A flag against two at once, looked at and then raised: it takes two preemptions to come past it."""
    with alone() as db:
        if db.execute("SELECT raised FROM flags").fetchone()[0]:
            raise BUSY
        db.execute("UPDATE flags SET raised = true")
        try:
            look(db, sku)
            take(db, sku)
        finally:
            db.execute("UPDATE flags SET raised = false")
    return {"sku": sku}


def locked_inside(sku, key):
    with inside:
        return check_then_act(sku, key)


WAYS = {
    way.__name__: way
    for way in (
        check_then_act,
        computed,
        conditional,
        for_update,
        for_share,
        advisory,
        version,
        version_ignored,
        serial,
        serial_retried,
        looked_up,
        unique,
        unique_handled,
        seat_lost,
        cached,
        redis_lock,
        watched,
        flagged,
        locked_inside,
    )
}
