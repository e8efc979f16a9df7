"""What is tested of a workflow, from the texts of tests and from what runs left."""

from __future__ import annotations

from dataclasses import replace

from ripstop.model.survey import Exit, FailureMode, Place, Ranked, Reach, RiskCoverage, Route
from ripstop.model.trace import Kind
from ripstop.scan import coverage
from ripstop.scan.contexts import Contexts
from ripstop.scan.coverage import Evidence, entered, failure_modes, gather, shares
from ripstop.scan.kept import Fired, Judged, Kept, Ran
from ripstop.scan.testing.matching import Router
from ripstop.scan.testing.nouns import Asked, Injected, Test

HERE = Place("app.py", 1)
ROUTE = Route("POST", "/orders", "app.place", HERE, "fastapi")
POST = Asked("POST", "/orders", 1)
CHARGE = Reach("http", "POST /v1/charges", Kind.CALL, Place("app.py", 10), effect=True)
INSERT = Reach("postgres", "INSERT orders", Kind.WRITE, Place("app.py", 20))
A, B = "t.py::test_a", "t.py::test_b"


def faults(reach: Reach) -> tuple[str, ...]:
    return ("refused",) if reach.kind is Kind.CONNECT else ("lost", "hang")


def made(nodeid: str = A, *asked: Asked, **known: bool) -> Test:
    return Test(nodeid, Place("t.py", 1), 9, asked or (POST,), **known)


def known(*tests: Test, kept: Kept = Kept()) -> Evidence:  # noqa: B008
    return gather(tests, kept, Router.of([ROUTE]))


def modes(tested: Evidence) -> dict[tuple[str, str], FailureMode]:
    found = failure_modes([CHARGE, INSERT, INSERT], faults, tested, ROUTE.operation)
    return {(one.operation, one.fault): one for one in found}


def ran(fault: str = "lost", *, passed: bool = True, status: int = 503) -> Kept:
    """One run of a test in which a fault broke the insert."""
    fired = (Fired(POST, "postgres", "INSERT orders", fault),)
    return Kept({A: (Ran(A, passed, ((POST, status),), fired),)})


def test_every_fault_at_every_crossing_is_a_failure_mode_and_so_is_connecting() -> None:
    found = failure_modes([CHARGE, INSERT, INSERT], faults, known(), ROUTE.operation)

    assert [(one.operation, one.fault) for one in found] == [
        ("POST /v1/charges", "lost"),
        ("POST /v1/charges", "hang"),
        ("CONNECT", "refused"),
        ("INSERT orders", "lost"),
        ("INSERT orders", "hang"),
    ]


def test_a_fault_that_fired_in_a_passing_test_is_tested() -> None:
    found = modes(known(made(), kept=ran()))

    assert {key for key, mode in found.items() if mode.tested_by} == {("INSERT orders", "lost")}
    assert found["INSERT orders", "lost"].tested_by == (A,)


def test_tables_that_are_read_together_are_one_crossing_in_any_order() -> None:
    read = Reach("postgres", "SELECT users, roles FOR UPDATE", Kind.READ, HERE)
    fired = Fired(POST, "postgres", "SELECT roles, users FOR UPDATE", "lost")
    tested = known(made(), kept=Kept(judged=(Judged(A, fired, "torn"),)))

    found = failure_modes([read], faults, tested, ROUTE.operation)
    assert {(one.operation, one.fault, one.explored) for one in found if one.explored} == {
        ("SELECT users, roles FOR UPDATE", "lost", "torn")
    }


def test_one_that_fired_in_a_test_that_failed_is_not() -> None:
    assert not any(mode.tested_by for mode in modes(known(made(), kept=ran(passed=False))).values())


def test_a_fault_that_a_test_injects_by_its_text_is_tested_until_it_is_seen_to_fail() -> None:
    injecting = made(A, replace(POST, injected=(Injected("db", "INSERT orders", "hang"),), error=True))

    assert modes(known(injecting))["INSERT orders", "hang"].tested_by == (A,)
    assert modes(known(injecting, kept=ran(passed=False)))["INSERT orders", "hang"].tested_by == ()
    assert modes(known(replace(injecting, red=True)))["INSERT orders", "hang"].tested_by == ()


def test_a_fault_without_a_place_is_the_only_call_s() -> None:
    injecting = made(A, replace(POST, injected=(Injected("pay", "", "hang"),)))

    assert modes(known(injecting))["POST /v1/charges", "hang"].tested_by == (A,)
    assert modes(known(injecting))["INSERT orders", "hang"].tested_by == ()


def test_an_experiment_is_told_beside_but_is_no_test() -> None:
    torn = Judged(A, Fired(POST, "postgres", "INSERT orders", "lost"), "torn")

    mode = modes(known(kept=Kept(judged=(torn, replace(torn, mark="held")))))["INSERT orders", "lost"]

    assert (mode.explored, mode.tested_by) == ("torn", ())


EXITS = (
    Exit("except", "Timeout -> 504", Place("app.py", 4)),
    Exit("answer", "504", Place("app.py", 6)),
    Exit("answer", "400", Place("app.py", 8)),
    Exit("raise", "HTTPException 400", Place("app.py", 9)),
    Exit("raise", "ValueError", Place("app.py", 10)),
)
SOURCE = [
    "def f():",
    "    try:",
    "        g()",
    "    except (",
    "        Timeout):  # why",
    "        return 504",
]


def took(tested: Evidence, ran: Contexts = Contexts()) -> dict[int, tuple[str, ...] | None]:  # noqa: B008
    found = entered(EXITS, ran, tested, ROUTE.operation, lambda _path: SOURCE)
    return {one.place.line: one.entered_by for one in found}


def test_where_nobody_has_looked_nothing_is_said() -> None:
    assert took(known(made())) == dict.fromkeys((4, 6, 8, 9, 10))


def test_a_status_that_one_exit_alone_gives_tells_who_took_it() -> None:
    found = took(known(made(), kept=ran(status=504)))

    assert found == {4: (A,), 6: (A,), 8: None, 9: None, 10: None}
    assert took(known(made(), kept=ran(status=201)))[6] == ()


def test_an_asserted_status_tells_it_too() -> None:
    assert took(known(made(A, replace(POST, statuses=(504,)))))[6] == (A,)


def test_an_experiment_can_take_an_exit() -> None:
    judged = Judged(A, Fired(POST, "http", "POST /v1/charges", "hang"), "held", 504)

    assert took(known(kept=Kept(judged=(judged,))))[4] == (f"explore {A}",)


def test_an_except_was_entered_where_its_first_statement_was_run() -> None:
    passing_by = Contexts({"app.py": {4: frozenset({A})}}, frozenset({"app.py"}))
    inside = Contexts({"app.py": {4: frozenset({A, B}), 6: frozenset({B})}}, frozenset({"app.py"}))

    assert took(known(), passing_by)[4] == ()
    assert took(known(), inside)[4] == (B,)
    assert took(known(), inside)[10] == ()


def workflow(score: int, *tested: bool, tests: tuple[str, ...] = (A,)) -> Ranked:
    found = tuple(FailureMode("http", "GET /", str(n), HERE, (A,) * one) for n, one in enumerate(tested))
    return Ranked(ROUTE, score=score, failure_modes=found, tests=tests)


def test_a_score_is_spread_over_its_failure_modes() -> None:
    tested = known(made())

    found = shares([workflow(100, True, False, False, False), workflow(50, False)], [], tested)

    assert (found.risk_tested, found.risk_total) == (25, 150)


def test_without_failure_modes_a_passing_test_stands_for_all() -> None:
    both = [workflow(10), workflow(20, tests=())]

    assert shares(both, [], known(made())).risk_tested == 10
    assert shares(both, [], known(made(), kept=ran(passed=False))).risk_tested == 0


def test_generated_tests_are_counted_apart() -> None:
    mine, refused = made(A), made(B, replace(POST, error=True), error=True)
    theirs = [made("t.py::test_c", generated=True), made("t.py::test_d", generated=True, error=True)]

    found = shares([], [mine, refused, *theirs], known(mine, refused, *theirs))

    assert found == RiskCoverage(0, 0, 2, 1, 2, 1)


def test_a_refusal_seen_in_a_run_makes_an_error_test() -> None:
    tested = known(made(), kept=ran())

    assert shares([], [made()], tested).error_tests == 1
    assert list(tested.errors[ROUTE.operation]) == [A]


def test_a_handler_s_own_lines_tell_the_tests_that_call_it() -> None:
    lines = Contexts({"app.py": {1: frozenset({A}), 2: frozenset({B})}}, frozenset({"app.py"}))
    handler = coverage.Function("app.place", HERE, 9)

    assert coverage.by_lines([handler], lines) == {B}
    assert coverage.by_lines([], lines) == frozenset()
