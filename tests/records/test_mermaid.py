"""The sequence diagram: who crosses to whom, in order, in Mermaid's grammar."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as some

from ripstop.records.mermaid import MOST, diagram, escaped
from ripstop.records.record import Crossed, Record, Usual

from .made_up import STEP, record

# What Mermaid's lexer takes for text after `:` or `as`: no `;`, and `#` only where it begins an entity.
WORD = r"(?:[^\W]|[ ./_()=',?!{}\[\]*+-]|#\d+;)+"
LINE = re.compile(
    rf"sequenceDiagram|    autonumber|    participant \w+ as {WORD}|    \w+--?>>\w+: {WORD}"
    rf"|    Note over service: {WORD}"
)


def test_the_run_is_drawn_from_the_request_to_the_answer() -> None:
    arrows = [line.strip() for line in diagram(record()).lines if ">>" in line]

    assert arrows == [
        "client->>service: POST /orders",
        "service->>s2: POST /v1/charges",
        "service->>s3: INSERT orders",
        "service->>s3: COMMIT",
        "service-->>client: 201",
    ]


def test_each_seam_is_a_participant_with_its_protocol() -> None:
    lines = diagram(record()).lines

    assert "    participant s2 as payments (http)" in lines
    assert "    participant s3 as db (postgres)" in lines


def test_the_numbers_of_crossings_are_those_of_their_arrows() -> None:
    numbers = diagram(record()).numbers

    assert numbers[STEP, "client", STEP, 1] == 1
    assert numbers[STEP, "db", "COMMIT", 1] == 4


def test_a_crossing_made_again_and_again_is_one_arrow() -> None:
    three = tuple(Crossed(STEP, "db", "postgres", "INSERT items", nth) for nth in (1, 2, 3))
    drawn = diagram(Record("n", "w", (STEP,), three))

    assert "    service->>s2: INSERT items (3 times)" in drawn.lines
    assert drawn.numbers[STEP, "db", "INSERT items", 3] == 2


def test_work_after_the_answer_and_of_other_processes_is_told_apart() -> None:
    late = Crossed(STEP, "mail", "smtp", "MAIL", after_answer=True, process="worker")
    lines = diagram(Record("n", "w", (STEP,), (late,), (Usual(STEP, 202),))).lines

    assert lines[-3:] == [
        "    service-->>client: 202",
        "    Note over service: after the answer",
        "    p2->>s3: MAIL",
    ]
    assert "    participant p2 as worker (process)" in lines


def test_a_diagram_has_an_end() -> None:
    crossings = tuple(Crossed(STEP, "db", "postgres", f"SELECT t{n}") for n in range(500))
    lines = diagram(Record("n", "w", (STEP,), crossings)).lines

    assert len(lines) < MOST + 10
    assert f"    Note over service: {500 - MOST} crossings more" in lines


@given(some.text(), some.text())
def test_no_name_breaks_the_grammar(seam: str, operation: str) -> None:
    crossed = Crossed(operation, seam, "http", operation, process=seam)

    assert [
        line for line in diagram(Record("n", "w", (operation,), (crossed,))).lines if not LINE.fullmatch(line)
    ] == []


def test_what_the_grammar_gives_a_meaning_is_an_entity() -> None:
    assert escaped("a;b#c\nd->>e: f%%") == "a#59;b#35;c d-#62;#62;e#58; f#37;#37;"
