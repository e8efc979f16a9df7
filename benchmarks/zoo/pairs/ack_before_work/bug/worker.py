"""Greets new members: takes a job, sends a text message, and tries again later what fails."""

import os
import time

import httpx
import psycopg

POLL_S = 0.05
PAUSE_S = 1.0
PROVIDER = httpx.Client(base_url=os.environ["PROVIDER_URL"], timeout=0.5)
URL = os.environ["DATABASE_URL"]
OPTIONS = "-c statement_timeout=400"
TAKE = "SELECT id, member_id, phone FROM jobs ORDER BY id LIMIT 1"
DONE = "DELETE FROM jobs WHERE id = %s"


def greet(member: int, phone: str) -> None:
    key = {"Idempotency-Key": f"welcome-{member}"}
    PROVIDER.post("/v1/messages", json={"to": phone}, headers=key).raise_for_status()


def one_job(db: psycopg.Connection) -> bool:
    job = db.execute(TAKE).fetchone()
    if job:
        db.execute(DONE, (job[0],))
        greet(job[1], job[2])
    return bool(job)


def work() -> None:
    with psycopg.connect(URL, autocommit=True, connect_timeout=2, options=OPTIONS) as db:
        while True:
            if not one_job(db):
                time.sleep(POLL_S)


def pause_s(error: Exception) -> float:
    """How long to leave the provider, or the database, alone."""
    after = error.response.headers.get("Retry-After", "") if isinstance(error, httpx.HTTPStatusError) else ""
    return max(PAUSE_S, float(after)) if after.isdigit() else PAUSE_S


def main() -> None:
    print("waiting for jobs", flush=True)
    while True:
        try:
            work()
        except (psycopg.Error, httpx.HTTPError) as error:
            print(f"will try again: {error!r}", flush=True)
            time.sleep(pause_s(error))


if __name__ == "__main__":
    main()
