"""The product's fault: it raised, or answered, stored or sent something else than a test asks for."""

from __future__ import annotations

import re

from ripstop.model.triage import Cause, Diagnosis
from ripstop.triage.context import Context

_STATUS = re.compile(r"assert (5\d\d) ==|expected (5\d\d) to|Received: +(5\d\d)")
_HANG = re.compile(r"NoAnswer|no answer within|ReadTimeout|dropped the connection")


def diagnose(context: Context) -> Diagnosis | None:
    """What is left is the product's, as far as it was reached."""
    failure = context.failure
    frame = context.innermost
    place = f"{context.relative(frame.file)}:{frame.line}" if frame else ""
    if context.in_product and failure.error:
        said = f"{place}: {context.line(frame)}".rstrip(": ")
        return _is(context, "raised", f"mend {place}: it raises {failure.error}", failure.message, said)
    if status := _STATUS.search(failure.text):
        code = next(filter(None, status.groups()))
        return _is(
            context,
            "server-error",
            f"see the service's log for the {code}, and map or mend it",
            failure.message,
        )
    if _HANG.search(failure.text):
        return _is(context, "no-answer", "bound the service's own waits, and answer", failure.message)
    if failure.error in ("AssertionError", "Error") or re.search(r"DID NOT RAISE|expect\(", failure.text):
        said = f"{place}: {context.line(frame)}".rstrip(": ")
        return _is(
            context,
            "wrong-result",
            "make the product do what the assertion asks, or ask whether it should",
            failure.message,
            said,
        )
    if context.in_test and failure.error in ("KeyError", "TypeError", "IndexError", "AttributeError"):
        return _is(
            context,
            "answer-lacks",
            "make the answer carry what the test reads from it",
            failure.message,
            f"{place}: {context.line(frame)}",
            sure=False,
        )
    return None


def _is(context: Context, name: str, fix: str, *evidence: str, sure: bool = True) -> Diagnosis:
    return Diagnosis(context.failure, Cause.PRODUCT, name, tuple(filter(None, evidence)), fix, sure)
