"""The table: a line a pair, its columns under their headings, its troubles below."""

from __future__ import annotations

from benchmarks.zoo import table
from benchmarks.zoo.peers.comparing import Compared, Visit
from benchmarks.zoo.results import Result, peer_scores

from .made_up import judged, pair, result, run, told


def test_a_line_says_what_was_found_after_how_many_experiments_and_seconds() -> None:
    values = dict(zip(table.HEADINGS, table.cells(result(run(told(), told("RS206")))), strict=True))

    assert values["expected"] == "RS102 at POST /v1/charges"
    assert (values["found"], values["also there"], values["false alarms"]) == ("yes", "RS206", "none")
    assert values["first: exp."] == "7"
    assert (values["ready to first s"], values["start to first s"]) == ("2.0", "3.5")
    assert (values["exp."], values["s"]) == ("30", "9.0")


def test_a_missed_bug_and_a_loud_twin_are_told_with_their_places() -> None:
    one = result(run(told("RS102", "COMMIT")), run(told("RS206"), told("RS206", "COMMIT")))

    assert table.cells(one)[3:7] == ("no", "-", "RS206x2", "-")
    assert list(table.troubles(one)) == [
        "    waits: expected at POST /v1/charges, told at POST /orders > COMMIT",
        "    waits, twin: RS206 hang at POST /orders > POST /v1/charges",
        "    waits, twin: RS206 hang at POST /orders > COMMIT",
    ]


def test_a_side_that_did_not_start_is_told_with_its_last_lines() -> None:
    one = result(run(problem="not explored: exit code 3"), run())

    assert list(table.troubles(one)) == ["    waits, bug: not explored: exit code 3", "      | the last line"]


def test_lines_stand_under_their_headings() -> None:
    to = table.widths([pair(), pair("a_much_longer_name")])

    heading = table.line(table.HEADINGS, to)
    line = table.line(table.cells(result(run(told()))), to)

    assert line.index("flask/psycopg") == heading.index("stack")
    assert line.index("yes") == heading.index("found")


def test_a_peer_has_a_column_and_a_line_on_what_it_caused() -> None:
    bug = Visit({"Server error": 1, "Rejected": 1}, {"payments: charge": 9}, {"payments: charge": 4}, 12)
    peers = {"fuzzer": Compared("fuzzer", bug, Visit({"Rejected": 2}))}
    one = Result(judged(run(told())), peers)

    assert table.cells(one)[-1] == "yes / 1"
    assert list(table.visits(one)) == [
        "    fuzzer: Server error; caused 9 payments: charge (4 again), 12 row changes"
    ]
    assert str(peer_scores([one])[0]) == (
        "peer fuzzer: found 1/1, reported 1 on twins, caused 4 repeated effects"
    )


def test_a_peer_that_cannot_run_on_a_service_is_not_held_against_it() -> None:
    peers = {"fuzzer": Compared("fuzzer", Visit(), Visit(), applies=False)}
    one = Result(judged(run(told())), peers)

    assert table.cells(one)[-1] == "n/a"
    assert peer_scores([one])[0].applies == 0


def test_a_bar_in_a_value_does_not_end_its_cell() -> None:
    assert list(table.markdown(("a", "b"), [("x|y", "z")]))[-1] == "| x/y | z |"
