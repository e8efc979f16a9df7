"""Sends parcels: looks for jobs, does them, and does not tire. Run with the name of one of its tempers.

`sound` holds a job's row until the courier has it, under a key the courier knows, or has refused it for
good. `hasty` strikes the job off before it works. `brittle` ends where its connection is lost.
"""

import os
import sys
import time

import httpx
import psycopg

POLL_S = float(os.environ.get("POLL_S", "0.05"))
FIRST_S, LONGEST_S = 0.05, 1.0
"""Between two tries after a failure."""
TAKE = "SELECT id, order_id FROM jobs ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
DONE = "UPDATE orders SET state = %s WHERE id = %s"
STRIKE_OFF = "DELETE FROM jobs WHERE id = %s"
REFUSED = (402, 409, 410, 422)
"""The courier's answers that trying again does not change."""
Job = tuple[int, int]
Database = psycopg.Connection[Job]


def send(order: int) -> str:
    """What became of the parcel: ``sent`` or ``refused``. Raises HTTPError for what may pass."""
    key = {"Idempotency-Key": f"order-{order}"}
    url = os.environ["COURIER_URL"] + "/parcels"
    answer = httpx.post(url, json={"order": order}, headers=key, timeout=0.5)
    if answer.status_code in REFUSED:
        return "refused"
    answer.raise_for_status()
    return "sent"


def sound(db: Database) -> bool:
    with db.transaction():
        job = db.execute(TAKE).fetchone()
        if job:
            db.execute(DONE, (send(job[1]), job[1]))
            db.execute(STRIKE_OFF, (job[0],))
    return bool(job)


def hasty(db: Database) -> bool:
    with db.transaction():
        job = db.execute(TAKE).fetchone()
        if job:
            db.execute(STRIKE_OFF, (job[0],))
    if job:
        db.execute(DONE, (send(job[1]), job[1]))
    return bool(job)


def work(temper: str) -> None:
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True, connect_timeout=2, options="-c statement_timeout=600") as db:
        while True:
            if not {"sound": sound, "hasty": hasty, "brittle": sound}[temper](db):
                time.sleep(POLL_S)


def main(temper: str) -> None:
    print("waiting for jobs", flush=True)
    failures = 0
    while True:
        began = time.monotonic()
        try:
            work(temper)
        except psycopg.OperationalError as error:
            print(f"lost the database: {error}", flush=True)
            if temper == "brittle":
                os._exit(3)
        except (psycopg.Error, httpx.HTTPError) as error:
            print(f"will try again: {error!r}", flush=True)
        failures = failures + 1 if time.monotonic() - began < LONGEST_S else 1
        time.sleep(min(LONGEST_S, FIRST_S * 2**failures))


if __name__ == "__main__":
    main(sys.argv[1])
