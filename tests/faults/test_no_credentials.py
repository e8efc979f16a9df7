"""no_credentials: the request does not say who asks."""

from __future__ import annotations

from ripstop import faults
from ripstop.model.fault import Facts

from .requests_made import offered, replaced, request

ASKED = request({"a": 1}, ("Authorization", "Bearer ann"), ("X-Trace", "t"), ("Cookie", "s=1"))


def test_it_is_offered_where_the_request_has_credentials_and_says_whether_they_were_named() -> None:
    known = (("Authorization", "Bearer ann"),)

    assert offered("no_credentials", Facts(request=ASKED, credentials=known)) == [
        "no_credentials(headers=authorization)"
    ]
    assert offered("no_credentials", Facts(request=ASKED, credentials=known, declared=True)) == [
        "no_credentials(declared=True, headers=authorization)"
    ]
    assert offered("no_credentials", Facts(request=ASKED)) == []


def test_these_headers_and_no_others_are_gone() -> None:
    sent = replaced(faults.no_credentials("authorization,cookie"), Facts(request=ASKED))

    assert sent is not None
    assert [name for name, _ in sent.headers] == ["content-type", "X-Trace"]
    assert sent.body == ASKED.body
