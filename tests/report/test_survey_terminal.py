"""A survey on the terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ripstop.model.survey import Exit, FailureMode, Ranked, Route, Survey
from ripstop.report.matrix import Layout
from ripstop.report.paint import Paint, Symbols
from ripstop.report.survey_terminal import lines
from ripstop.report.text import width

from .surveys import APP, HEALTH, HOSTILE, LIST, PLACE, SURVEY, at


def told(survey: Survey = SURVEY, columns: int = 100, **options: object) -> list[str]:
    return list(lines(survey, Layout(columns, Paint(False), Symbols()), **options))  # type: ignore[arg-type]


def test_the_first_line_names_the_workflow_its_heaviest_reason_the_line_and_what_is_tested() -> None:
    assert " ".join(told()[:2]) == (
        "POST /orders could cost most: the charge is made before the order is stored (orders/app.py:43); 1 "
        "test calls it, 1 of 3 failure modes tested"
    )


def test_the_table_has_a_row_a_workflow_in_the_order_of_risk() -> None:
    rows = [line.split() for line in told() if line.startswith("    ") and "/orders" in line]

    assert rows[0][:7] == ["1", "95", "POST", "/orders", "1", "2", "of"]
    assert rows[1][:3] == ["2", "10", "GET"]


@pytest.mark.parametrize(
    "part",
    [
        "why        40  the charge is made before the order is stored (orders/app.py:43)",
        "untested  POST /v1/charges: 2 of 2: torn reply_lost; not exercised stall",
        "exits     orders/app.py:37 except requests.RequestException: never entered",
        "not measured: orders/app.py:60 raises ValueError",
        "left out  GET /health: reaches no seam  orders/app.py:22",
        "unread    orders/broken.py:3  invalid syntax",
        "coverage  0 of 105 (0 %) of the ranked risk is behind a passing test",
        "2 of 2 (100 %) of generated tests take an error path",
        "note      the application was imported with DATABASE_URL made up",
        "3,000 runs a month, owner payments",
        "(tests/test_orders.py:8)",
        "2  postgres: INSERT orders (by sqlalchemy, in a transaction, likely)  orders/app.py:43",
    ],
)
def test_each_part_stands_with_its_place(part: str) -> None:
    assert any(part in line for line in told(columns=120)), "\n".join(told(columns=120))


def test_a_crossing_that_tests_break_is_not_listed_as_untested() -> None:
    assert not any("INSERT orders: " in line and "of" in line for line in told())


def test_an_exit_that_was_entered_is_not_listed() -> None:
    assert not any("answers 503" in line for line in told())


def test_seams_are_told_in_the_order_in_which_they_are_reached() -> None:
    text = "\n".join(told())

    assert text.index("1  http: POST /v1/charges at $PAYMENTS_URL") < text.index("2  postgres: INSERT orders")


def many(number: int) -> Survey:
    routes = [Route("GET", f"/r{n}", "m.f", at(n), "Flask") for n in range(1, number + 1)]
    return Survey(tuple(Ranked(route, score=5) for route in routes), files=1)


def test_only_the_top_ones_are_told_in_full_and_the_rest_is_counted() -> None:
    text = "\n".join(told(many(14), top=2))

    assert "2. GET /r2" in text
    assert "3. GET /r3" not in text
    assert "and 4 workflows more: --all" in text


def test_all_tells_every_workflow_and_every_line() -> None:
    exits = tuple(Exit("answer", str(400 + n), at(n), ()) for n in range(1, 15))
    survey = replace(many(14), workflows=(replace(PLACE, exits=exits), *many(13).workflows))
    text = "\n".join(told(survey, everything=True))

    assert "14. GET /r13" in text
    assert "answers 414" in text
    assert "--all" not in text


@pytest.mark.parametrize(
    ("survey", "first"),
    [
        (Survey(files=3), "no route of a web service found in 3 files"),
        (replace(SURVEY, workflows=()), "nothing to rank: 1 route in 12 files, none reaches a seam"),
        (
            Survey((replace(LIST, hazards=()),)),
            f"GET /orders/{{id}} comes first ({APP}:70); no test calls it",
        ),
    ],
)
def test_a_survey_without_much_says_so_first(survey: Survey, first: str) -> None:
    assert told(survey)[0] == first


@pytest.mark.parametrize(
    ("ranked", "configured", "advised"),
    [
        (PLACE, False, "ripstop init writes"),
        (LIST, True, "ripstop init writes"),
        (PLACE, True, "ripstop backfill writes"),
        (replace(PLACE, failure_modes=PLACE.failure_modes[:1]), True, "ripstop explore breaks"),
    ],
    ids=["no configuration", "no test", "explored", "not explored"],
)
def test_what_to_do_next_depends_on_what_is_there(ranked: Ranked, configured: bool, advised: str) -> None:
    assert any(f"next      {advised}" in line for line in told(Survey((ranked,)), configured=configured))


def test_where_all_is_tested_there_is_nothing_to_do() -> None:
    survey = Survey((replace(PLACE, failure_modes=PLACE.failure_modes[2:]),))

    assert not any("next " in line for line in told(survey, configured=True))


def test_connecting_names_the_kind_of_server() -> None:
    modes = tuple(FailureMode(one, "CONNECT", "hang", at(1)) for one in ("postgres", "smtp"))
    text = "\n".join(told(Survey((replace(PLACE, failure_modes=modes),))))

    assert "CONNECT (postgres): 1 of 1" in text
    assert "CONNECT (smtp): 1 of 1" in text


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    assert [line for line in told(columns=columns) if width(line) > columns] == []


def test_nothing_of_the_project_moves_the_cursor() -> None:
    hostile = replace(PLACE.route, path=HOSTILE, handler=HOSTILE, framework=HOSTILE, guards=(HOSTILE,))
    survey = replace(SURVEY, workflows=(replace(PLACE, route=hostile, tests=(HOSTILE,)),), notes=(HOSTILE,))
    text = "\n".join(told(survey))

    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_password_in_an_address_is_masked() -> None:
    reach = replace(PLACE.reaches[0], target="postgresql://shop:hunter2@db/shop")

    assert "hunter2" not in "\n".join(told(Survey((replace(PLACE, reaches=(reach,)),))))


def test_a_route_left_out_is_never_ranked() -> None:
    assert not any(f". {HEALTH.operation} " in line for line in told())
