"""reply_lost: carried out, then not one byte of reply."""

from __future__ import annotations

from typing import Any

from ripstop import faults
from ripstop.model.fault import CutClient, Forward
from ripstop.model.http import Reply
from ripstop.model.trace import Crossing


def test_the_request_is_passed_on_and_its_reply_is_not(built: Any, call: Crossing, statement: Any) -> None:
    for crossing in (call, statement("COMMIT", in_transaction=True)):
        fault = built(faults.reply_lost(), crossing)

        assert fault.on_request(crossing) == (Forward(),)
        assert fault.on_reply(crossing, Reply(201)) == (CutClient(),)
        assert fault.ambiguous
