"""declined: the provider's own domain error."""

from __future__ import annotations

from typing import Any

import pytest

from ripstop import faults
from ripstop.errors import UsageError
from ripstop.faults import catalogue
from ripstop.model.fault import Facts, SendClient
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing

FUNDS = Reply.of(402, {"error": "insufficient_funds"})
FACTS = Facts(
    errors={"card_declined": Reply.of(402, {"error": "card_declined"}), "insufficient_funds": FUNDS}
)


def test_the_error_is_the_doubles_own(call: Crossing) -> None:
    fault = catalogue.build(faults.declined("insufficient_funds"), "http", FACTS)

    assert fault.on_request(call) == (SendClient(FUNDS),)


def test_the_first_declared_error_stands_in_for_none_named(call: Crossing) -> None:
    (command,) = catalogue.build(faults.declined(), "http", FACTS).on_request(call)

    assert command.reply.json() == {"error": "card_declined"}


def test_an_error_the_double_does_not_declare_is_refused() -> None:
    with pytest.raises(UsageError, match="known: card_declined, insufficient_funds"):
        catalogue.build(faults.declined("stolen"), "http", FACTS)


def test_a_double_that_declares_none_still_declines(on_request: Any, call: Crossing) -> None:
    (command,) = on_request(faults.declined("stolen"), call)

    assert (command.reply.status, command.reply.json()["error"]["code"]) == (402, "stolen")
