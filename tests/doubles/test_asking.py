"""Asking a server what a double was asked: ids put in place, and what is left out."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from ripstop.doubles import Double, Reply, Request
from ripstop.doubles.asking import Conversation, accepted, sampled
from ripstop.doubles.double import Heard
from ripstop.errors import StartError

FORM = (("content-type", "application/x-www-form-urlencoded"),)
JSON = (("content-type", "application/json"),)


def server(answer: Callable[[Request], Reply]) -> tuple[list[Request], Callable[[Request], Reply]]:
    seen: list[Request] = []

    def ask(request: Request) -> Reply:
        seen.append(request)
        return answer(request)

    return seen, ask


def heard(request: Request, content: object, status: int = 200) -> Heard:
    return Heard(request, Reply.of(status, content))


MADE = heard(Request("POST", "/users", JSON, b'{"name": "jo"}'), {"id": "us_1", "team": {"id": 7}}, 201)
LATER = [
    heard(Request("GET", "/users/us_1?team=7"), {"id": "us_1"}),
    heard(Request("POST", "/notes", JSON, b'{"user_id": "us_1", "on": ["us_1"]}'), {"id": "n_1"}, 201),
    heard(Request("POST", "/forms", FORM, b"user=us_1&x=1"), {"id": "f_1"}, 201),
]


def theirs(request: Request) -> Reply:
    made = {"/users": ({"id": "us_real", "team": {"id": 99}}, 201)}
    content, status = made.get(request.path, ({"id": "some"}, 200 if request.method == "GET" else 201))
    return Reply.of(status, content)


def test_the_server_s_own_ids_stand_in_later_requests() -> None:
    seen, ask = server(theirs)
    asked = list(Conversation(Double("d"), ask, unsafe=True).over([MADE, *LATER]))
    assert [one.differences for one in asked] == [(), (), (), ()]
    assert seen[1].target == "/users/us_real?team=99"
    assert json.loads(seen[2].body) == {"user_id": "us_real", "on": ["us_real"]}
    assert seen[3].body == b"user=us_real&x=1"


def test_without_leave_only_safe_requests_go_and_none_about_what_was_not_made() -> None:
    seen, ask = server(theirs)
    other = heard(Request("GET", "/users/us_9"), {"id": "us_9"})
    asked = list(Conversation(Double("d"), ask).over([MADE, *LATER, other]))
    assert [request.target for request in seen] == ["/users/us_9"]
    assert [bool(one.left_out) for one in asked] == [True, True, True, True, False]
    assert asked[1].left_out == "it is about what a request that was not asked would have made"


def test_what_cannot_be_sent_is_left_out_with_the_reason() -> None:
    seen, ask = server(theirs)
    (asked,) = Conversation(Double("d"), ask, unsendable=lambda _: "no").over([LATER[0]])
    assert (asked.left_out, seen) == ("no", [])


@pytest.mark.parametrize(
    ("status", "slug"), [(401, "upstream-refused"), (429, "upstream-unwell"), (502, "upstream-unwell")]
)
def test_a_server_that_is_not_to_be_compared_is_told(status: int, slug: str) -> None:
    _, ask = server(lambda _: Reply.of(status, {}))
    with pytest.raises(StartError) as met:
        list(Conversation(Double("d"), ask).over([LATER[0]]))
    assert met.value.slug == slug


def test_a_404_is_drift() -> None:
    _, ask = server(lambda _: Reply.of(404, {"id": "x"}))
    (asked,) = Conversation(Double("d"), ask).over([LATER[0]])
    assert [one.text for one in asked.differences] == ["status: 200 at the double, 404 at the server"]


def test_of_what_was_heard_the_first_good_call_of_each_operation_counts() -> None:
    calls = [
        heard(Request("GET", "/users/us_1"), {}, 404),
        heard(Request("GET", "/users/us_2"), {"id": "us_2"}),
        heard(Request("GET", "/users/us_3"), {"id": "us_3"}),
        MADE,
    ]
    assert accepted(Double("d"), calls) == [calls[1], MADE]


def test_samples_are_asked_of_the_double_itself() -> None:
    double = Double("d")
    double.route("GET /time")(lambda _request: Reply.of(200, {"at": 1}))
    double.samples.append(Request("GET", "/time"))
    ((request, reply),) = [(one.request, one.reply) for one in sampled(double)]
    assert (request.target, reply.json()) == ("/time", {"at": 1})
