"""RS101 over answers that frameworks really give, and their near misses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.model.verdict import Severity
from ripstop.oracles.unhandled_error import check

from .records import (
    BARE,
    DROPPED,
    MAPPED,
    OK,
    TIMEOUT,
    answer,
    baseline,
    exchange,
    healthy,
    held,
    injection,
    record,
    torn,
)

WERKZEUG = """<!doctype html>
<html lang=en>
<title>500 Internal Server Error</title>
<h1>Internal Server Error</h1>
<p>The server encountered an internal error and was unable to complete your request.</p>"""
DJANGO = """<!doctype html><html><head><title>Server Error (500)</title></head>
<body><h1>Server Error (500)</h1></body></html>"""
EXPRESS = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Error</title>
</head>
<body><pre>Error: read ECONNRESET<br> &nbsp; &nbsp;at TCP.onStreamRead (node:internal/stream:217:20)</pre>
</body></html>"""
TRACEBACK = 'Traceback (most recent call last):\n  File "/app/shop.py", line 3, in place\nKeyError'


@pytest.mark.parametrize("text", ["Internal Server Error", "", WERKZEUG, DJANGO, EXPRESS, TRACEBACK])
def test_a_frameworks_own_500_is_torn(text: str) -> None:
    torn(check(record(answer(500, text, kind="text/html")), baseline()))


def test_a_traceback_in_a_json_error_is_torn() -> None:
    verdict = torn(check(record(answer(503, {"detail": TRACEBACK})), baseline()))

    assert "traceback" in verdict.summary


def test_json_that_says_no_more_than_500_is_torn() -> None:
    fastify = {"statusCode": 500, "error": "Internal Server Error", "message": "Internal Server Error"}

    torn(check(record(answer(500, fastify)), baseline()))


def test_a_dropped_connection_is_torn() -> None:
    torn(check(record(DROPPED), baseline()))


def test_a_dead_process_is_torn_and_weighs_more() -> None:
    assert torn(check(record(DROPPED, died="signal 11"), baseline())).weight is Severity.HIGH


@pytest.mark.parametrize(
    "got",
    [
        MAPPED,
        TIMEOUT,
        answer(500, {"error": "internal"}),
        answer(500, {"detail": "Internal Server Error"}),
        answer(502, "Bad gateway", kind="text/plain"),
        answer(404, {"detail": "Not Found"}),
        answer(500, "<h1>We are on it</h1><p>Call us: 555</p>", kind="text/html"),
    ],
)
def test_an_answer_the_service_chose_is_held(got: object) -> None:
    held(check(record(got), baseline()))  # type: ignore[arg-type]


def test_an_answer_before_the_broken_step_is_not_judged() -> None:
    early = exchange(BARE, step="GET /health")

    held(check(record(exchanges=(early, exchange(MAPPED))), baseline()))


def test_an_answer_after_the_broken_step_is_judged() -> None:
    late = exchange(BARE, step="GET /orders/{id}")

    assert torn(check(record(exchanges=(exchange(MAPPED), late)), baseline())).evidence["step"] == late.step


def test_a_baseline_that_answers_a_bare_500_is_no_finding() -> None:
    usual = baseline(got=BARE)

    held(check(record(BARE), usual))


def test_a_record_without_exchanges_is_not_judged() -> None:
    assert check(replace(healthy(), exchanges=()), baseline()) is None


def test_a_caller_who_hung_up_was_not_dropped() -> None:
    held(check(record(answer(None, failure="departed")), baseline()))


def test_of_a_value_sent_twice_it_is_the_second_answer_that_counts() -> None:
    fault = injection("field_duplicate", "client", "POST /orders", field="/mail")

    assert "bare 500" in torn(check(record(OK, fault=fault, retry=BARE), baseline())).summary
    held(check(record(OK, fault=fault, retry=answer(409, {"error": "taken"})), baseline()))
