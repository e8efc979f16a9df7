"""The terminal report, on a terminal and into a file."""

from __future__ import annotations

import io
import itertools
import re

import pytest

from ripstop.model.events import BaselineTaken, Event, ExploreDone, FindingConfirmed, Held
from ripstop.model.experiment import Experiment
from ripstop.model.fault import FaultSpec
from ripstop.model.http import Answer, Exchange, Request
from ripstop.model.plan import Injection, Plan
from ripstop.model.state import Effect, Observation
from ripstop.model.trace import CrossingId
from ripstop.model.verdict import NotExercised, Status
from ripstop.report.terminal import TerminalReport

from .made_up import ADVICE, BASELINE, COMMIT, END, REFUSED, UNHANDLED, done, finding, judged, run


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


class File(Screen):
    def isatty(self) -> bool:
        return False


def told(*events: Event, stream: io.StringIO | None = None, step_s: float = 1.0, **options: object) -> str:
    stream = stream or File()
    ticks = itertools.count()
    report = TerminalReport(stream, clock=lambda: next(ticks) * step_s, **{"width": 80, **options})  # type: ignore[arg-type]
    for event in events:
        report.handle(event)
    return stream.getvalue()


def test_a_whole_run_is_told_from_start_to_totals() -> None:
    text = told(*run())

    assert text.startswith("service ready in 1.2 s")
    assert "green twice without faults: 1 request, 4 crossings" in text
    assert text.index("✗ RS204  2 charges") < text.index("── place an order") < text.index("✓ held")
    assert "46 experiments in 4.9 s (9.4/s): 38 held, 5 torn, 1 unknown" in text


def test_a_finding_is_told_at_once_and_only_once() -> None:
    more = finding(faults=("connection_lost", "hang"))
    text = told(FindingConfirmed("w", finding()), FindingConfirmed("w", more))

    assert text.count("RS204") == 1
    assert text.count("\n") <= 3


def test_findings_that_say_the_same_of_other_crossings_are_told_in_full_once() -> None:
    other = finding(at=COMMIT)
    text = told(done(finding(), other))

    assert text.count("RS204 duplicate effect") == text.count("caller ") == 1
    assert [text.count(f"ripstop replay {one.replay}") for one in (finding(), other)] == [1, 1]
    assert "at db: COMMIT" in text
    assert "2 findings" in text


def test_advice_waits_for_the_workflows_page() -> None:
    assert told(FindingConfirmed("w", ADVICE)) == ""
    assert "! RS102" in told(done(ADVICE))


def test_advice_says_what_brought_it_out_so_that_two_of_one_wording_can_be_told_apart() -> None:
    assert "stall at POST /orders > db: COMMIT" in told(done(ADVICE))


def test_no_findings_is_never_said_without_what_was_not_exercised() -> None:
    text = told(done(), ExploreDone(0, complete=True, stop_reason="", seconds=1.0))

    for part in text.split("no findings")[1:]:
        assert "not exercised" in part
    assert text.count("no findings") == 2


def test_nothing_left_out_is_said_as_well() -> None:
    assert "nothing: every fault offered was judged" in told(done(not_exercised=()))


def test_what_was_not_exercised_is_told_by_reason_with_places() -> None:
    text = told(done())

    assert "1  out-of-time  the time given ran out first\n          pool_exhausted at db: COMMIT" in text
    assert "2  reduced-same-wait" in text


def test_hangs_tried_and_skipped_are_told_with_reasons() -> None:
    assert "7 tried, 2 skipped (2 reduced-same-wait)" in told(done())


def test_each_finding_ends_with_how_to_replay_it() -> None:
    text = told(done(finding(), UNHANDLED))

    assert [f"ripstop replay {f.replay}" in text for f in (finding(), UNHANDLED)] == [True, True]


def test_a_run_that_was_cut_short_says_so() -> None:
    assert "not complete: out of time" in told(END)
    assert "not complete" not in told(ExploreDone(0, complete=True, stop_reason="", seconds=1.0))


def test_a_refused_workflow_is_told_with_its_details() -> None:
    text = told(REFUSED, END)

    assert "ship an order: not explored" in text
    assert "way out: make the test repeat itself" in text
    assert "1 workflow not explored" in text


def test_progress_on_a_terminal_is_one_line_rewritten_and_then_gone() -> None:
    text = told(BaselineTaken(BASELINE, 9), judged(1, 9), judged(2, 9), done(), stream=Screen(), color=False)

    assert "1 of 9" in text
    assert text.count("\r\x1b[2K") == 3
    assert not re.search(r"of 9[^\r]*\n", text)


def test_progress_is_not_redrawn_for_every_experiment() -> None:
    events = [judged(n, 500) for n in range(1, 500)]

    assert told(*events, stream=Screen(), step_s=0.001).count("\r") < 10


def test_progress_into_a_file_is_sparse_and_never_rewrites() -> None:
    text = told(BaselineTaken(BASELINE, 99), *(judged(n, 99) for n in range(1, 31)))

    assert 1 <= text.count(" of 99") <= 4
    assert "\r" not in text


def test_a_file_gets_no_colour_and_a_terminal_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    assert "\x1b[" not in told(*run())
    assert "\x1b[1;31m" in told(done(finding()), stream=Screen())


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b[" not in told(done(finding()), stream=Screen())
    assert "\x1b[1;31m" in told(done(finding()), color=True)


@pytest.mark.parametrize("columns", [60, 80, 100, 120])
def test_every_line_fits_the_terminal(columns: int) -> None:
    lines = told(*run(), width=columns).splitlines()

    assert [line for line in lines if len(line) > columns] == []


def test_hostile_text_cannot_act_on_the_terminal() -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\r\u202e" + "x" * 5_000
    at = CrossingId(f"POST /{evil}", "db", f"INSERT {evil}")
    hostile = finding(at=at, title=evil, evidence={"answer": {"status": 500, "body": evil}})
    text = told(FindingConfirmed("w", hostile), done(hostile))

    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert "\\e[2J" in text
    assert max(map(len, text.splitlines())) <= 100


def test_an_operation_that_held_cannot_act_on_the_terminal_either() -> None:
    lost = Injection(
        CrossingId("POST /orders", "db", "INSERT \x1b[2J\u202e"), FaultSpec.of("connection_lost")
    )
    request = Request("POST", "/orders")
    happened = Effect("payments", "charge")
    run_held = Experiment(
        Plan((lost,)),
        (Exchange("POST /orders", request, Answer(503)),),
        broken_step="POST /orders",
        after_call=Observation((), (happened,)),
        retry=Exchange("POST /orders", request, Answer(201)),
        after_retry=Observation((), (happened,)),
    )
    text = told(done(held=(Held(run_held.plan, run_held),)))

    assert "INSERT \\e[2J" in text
    assert not re.search("[\x1b\u202e]", text)


def test_secrets_do_not_reach_the_terminal() -> None:
    leaky = finding(title="password=hunter2", evidence={"answer": {"status": 500, "body": "token: hunter2"}})

    assert "hunter2" not in told(FindingConfirmed("w", leaky), done(leaky))


def test_a_stream_that_cannot_encode_symbols_gets_ascii() -> None:
    class Old(File):
        encoding = "ascii"  # type: ignore[assignment]

    assert "+ held" in told(done(finding()), stream=Old())


def test_progress_tells_how_many_how_fast_and_how_many_tore() -> None:
    events = [BaselineTaken(BASELINE, 4), judged(1, 4, Status.TORN), judged(2, 4)]
    text = told(*events, stream=Screen(), color=False, step_s=2.0)
    last = text.rsplit("\r", 1)[1]

    assert "2 of 4  0.5/s  1 torn" in last
    assert last.count("━") == last.count("─") == 10


def test_a_workflow_says_how_many_of_the_offered_faults_were_judged() -> None:
    assert "judged    41 of 45 faults offered" in told(done())


def test_a_workflow_without_hangs_says_so() -> None:
    assert "hangs     none can happen here" in told(done(cells=()))


def test_places_beyond_three_are_counted() -> None:
    missing = tuple(
        NotExercised(CrossingId("s", "db", f"INSERT {name}"), FaultSpec.of("hang"), "out-of-time")
        for name in ("stock", "orders", "users", "carts", "mails")
    )

    assert "hang at db: INSERT users and 2 more places" in told(done(not_exercised=missing), width=120)


def test_totals_name_advice_only_where_there_is_any() -> None:
    end = ExploreDone(0, complete=True, stop_reason="", seconds=1.0)

    assert "1 advised ·" in told(done(ADVICE), end)
    assert "advised" not in told(done(cells=()), end)


def test_a_notes_further_lines_stay_as_they_are_to_be_copied() -> None:
    note = (
        "the service was kept from a.example:443 (2x); configure\n    [tool.ripstop.seams.a]\n    hosts = [1]"
    )
    text = told(ExploreDone(0, complete=True, stop_reason="done", seconds=1.0, notes=(note,)))

    assert "  note: the service was kept from a.example:443 (2x); configure\n" in text
    assert "\n      [tool.ripstop.seams.a]\n      hosts = [1]\n" in text
