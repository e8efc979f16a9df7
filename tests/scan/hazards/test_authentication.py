"""Which workflows decide who somebody is, or what they may do."""

from __future__ import annotations

import pytest

from ripstop.model.survey import Sureness
from ripstop.scan.code import Call
from ripstop.scan.hazards.authentication import hazards

from .reading import at, function, select, subject, told, write


@pytest.mark.parametrize(
    ("call", "sureness"),
    [
        (Call("jwt.encode", at(7)), Sureness.CERTAIN),
        (Call("?.verify", at(7), target="app.security.verify_password"), Sureness.LIKELY),
    ],
)
def test_a_handler_that_makes_tokens_or_checks_passwords_is_told(call: Call, sureness: Sureness) -> None:
    nested = Call("contextlib.suppress", at(6), block=(call,))

    assert told(hazards(subject(functions=(function(calls=(nested,)),)))) == [(7, sureness)]


def test_what_guards_do_does_not_count() -> None:
    guard = function(calls=(Call("jwt.encode", at(7)),))

    assert list(hazards(subject(select(5, "users"), guards=(guard,)))) == []


def test_a_table_of_permissions_that_is_written_is_likely_and_a_path_is_a_guess() -> None:
    assert told(hazards(subject(write(5, "role_grants")))) == [(5, Sureness.LIKELY)]
    assert told(hazards(subject(path="/login/access-token"))) == [(1, Sureness.GUESS)]


def test_ordinary_workflows_are_not_told() -> None:
    assert list(hazards(subject(write(5, "notes"), path="/notes"))) == []
