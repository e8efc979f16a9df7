"""status: the provider answers with an error, in its own shape."""

from __future__ import annotations

from typing import Any

import pytest

from ripstop import faults
from ripstop.errors import UsageError
from ripstop.faults import catalogue
from ripstop.model.fault import Facts, RunServer, SendClient
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing


def test_the_provider_answers_in_the_shape_its_double_declares(call: Crossing) -> None:
    shape = Reply.of(503, {"fault": "down"})
    fault = catalogue.build(faults.status(503), "http", Facts(error_shapes={503: shape}))

    assert fault.on_request(call) == (SendClient(shape),)


def test_a_provider_that_declares_none_answers_a_plain_error(on_request: Any, call: Crossing) -> None:
    (command,) = on_request(faults.status(502), call)

    assert command.reply.status == 502
    assert command.reply.json() == {"error": {"code": "bad_gateway", "message": "Bad Gateway"}}


def test_a_pause_is_asked_for_in_retry_after(call: Crossing) -> None:
    shape = Reply.of(429, {}, {"Retry-After": "60"})
    fault = catalogue.build(faults.status(429, retry_after_s=2), "http", Facts(error_shapes={429: shape}))

    (command,) = fault.on_request(call)
    assert [v for n, v in command.reply.headers if n.lower() == "retry-after"] == ["2"]


def test_a_success_is_no_fault() -> None:
    with pytest.raises(UsageError, match="400 to 599, not 200"):
        faults.status(200)


def test_a_mail_server_answers_with_the_code_and_closes_at_421_alone(on_request: Any, mail: Any) -> None:
    (busy,) = on_request(faults.status(451), mail("RCPT"))
    (closing,) = on_request(faults.status(421), mail("MAIL"))

    assert (busy.data[:3], busy.close) == (b"451", False)
    assert (closing.data[:3], closing.close) == (b"421", True)


def test_a_message_that_is_refused_is_forgotten_by_the_server_first(on_request: Any, mail: Any) -> None:
    forget, refusal = on_request(faults.status(554), mail("DATA"))

    assert forget == RunServer(b"RSET\r\n")
    assert refusal.data.startswith(b"554 ")
