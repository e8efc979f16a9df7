"""paused: the process stands still while the other side does its part."""

from __future__ import annotations

import signal
from typing import Any

from ripstop import faults
from ripstop.model.fault import Forward, Signal


def test_the_commit_is_passed_on_by_a_process_that_stands_still(built: Any, statement: Any) -> None:
    commit = statement("COMMIT", in_transaction=True)
    fault = built(faults.paused(), commit)

    assert fault.on_request(commit) == (Signal(signal.SIGSTOP), Forward())
    assert fault.on_reply(commit, None) == (Forward(),)


def test_its_caller_gives_up_sooner_than_at_a_hang(built: Any, statement: Any) -> None:
    assert not built(faults.paused(), statement("COMMIT", in_transaction=True)).waits
