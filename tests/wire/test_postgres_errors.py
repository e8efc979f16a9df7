from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ripstop.wire.postgres.errors import error_response, fatal, read_fields, rewritten, sqlstate
from ripstop.wire.postgres.messages import HEADER

GENUINE = {"S": "ERROR", "V": "ERROR", "C": "P0001", "M": "x", "W": "PL/pgSQL", "F": "pl_exec.c", "L": "9"}
words = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)


@given(st.dictionaries(st.sampled_from(list("SVCMDHWtcnFLR")), words))
def test_fields_survive_being_built_and_read(fields: dict[str, str]) -> None:
    assert read_fields(error_response(fields)[HEADER:]) == fields


def test_fields_are_replaced_dropped_and_put_where_the_server_puts_them() -> None:
    out = rewritten(error_response(GENUINE), {"W": None, "D": "why", "F": "md.c"})

    assert list(read_fields(out[HEADER:]).items()) == [
        ("S", "ERROR"),
        ("V", "ERROR"),
        ("C", "P0001"),
        ("M", "x"),
        ("D", "why"),
        ("F", "md.c"),
        ("L", "9"),
    ]


def test_the_end_of_a_session_is_never_reworded() -> None:
    ending = fatal("57P01", "terminating connection")

    assert rewritten(ending, {"M": "other"}) == ending


def test_a_body_cut_short_gives_its_code() -> None:
    body = error_response(GENUINE)[HEADER:]

    assert sqlstate(body[: body.index(b"P0001") + 5]) == "P0001"
    assert sqlstate(b"SERROR\0") == "?????"
