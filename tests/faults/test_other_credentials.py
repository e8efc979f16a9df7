"""other_credentials: somebody else asks."""

from __future__ import annotations

from ripstop import faults
from ripstop.model.fault import Facts

from .requests_made import offered, replaced, request

EVE = (("authorization", "Bearer eve"),)
ASKED = request(None, ("Authorization", "Bearer ann"), ("Cookie", "s=ann"), target="/orders/42")


def test_it_is_offered_where_the_path_holds_an_id_and_a_second_identity_is_named() -> None:
    assert offered("other_credentials", Facts(request=ASKED, other=EVE)) == ["other_credentials"]
    assert offered("other_credentials", Facts(request=ASKED)) == []
    assert offered("other_credentials", Facts(request=request(target="/orders"), other=EVE)) == []


def test_nothing_of_the_first_identity_is_sent() -> None:
    known = (("Authorization", "Bearer ann"), ("Cookie", "s=ann"))

    sent = replaced(faults.other_credentials(), Facts(request=ASKED, other=EVE, credentials=known))

    assert sent is not None
    assert sent.headers == (("content-type", "application/json"), *EVE)


def test_without_another_identity_the_request_is_left_alone() -> None:
    assert replaced(faults.other_credentials(), Facts(request=ASKED)) is None
