"""The test's fault: it would fail whatever the product did, or it asks for what nobody promised."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ripstop.model.triage import Cause, Diagnosis
from ripstop.triage.context import Context

Rule = Callable[[Context], Diagnosis | None]


def diagnose(context: Context) -> Diagnosis | None:
    return next((found for rule in _RULES if (found := rule(context))), None)


def _is(context: Context, name: str, fix: str, *evidence: str, sure: bool = True) -> Diagnosis:
    said = tuple(one for one in (*evidence, _place(context)) if one)
    return Diagnosis(context.failure, Cause.TEST, name, said or (context.failure.message,), fix, sure)


def _place(context: Context) -> str:
    frame = context.innermost
    return f"{context.relative(frame.file)}:{frame.line}: {context.line(frame)}".rstrip(": ") if frame else ""


def _syntax(context: Context) -> Diagnosis | None:
    if context.failure.error in ("SyntaxError", "IndentationError", "TabError") and (
        context.in_test or not context.own
    ):
        return _is(context, "does-not-parse", "mend the test file's syntax", context.failure.message)
    return None


def _no_fixture(context: Context) -> Diagnosis | None:
    named = re.search(r"fixture '(\w+)' not found", context.failure.text)
    if not named:
        return None
    return _is(
        context,
        "no-such-fixture",
        f"define the fixture {named.group(1)}, or ask for one that is there",
        named.group(0),
    )


def _passes_now(context: Context) -> Diagnosis | None:
    if "XPASS(strict)" not in context.failure.text and "Expect test to fail" not in context.failure.text:
        return None
    return _is(
        context,
        "expected-failure-passes",
        "take the xfail away: what it waited for has been mended",
        context.failure.message.strip(),
    )


def _undefined(context: Context) -> Diagnosis | None:
    if (
        context.failure.error not in ("NameError", "UnboundLocalError", "ReferenceError")
        or not context.in_test
    ):
        return None
    return _is(
        context, "undefined-name", "define or import the name that the test uses", context.failure.message
    )


def _renamed(context: Context) -> Diagnosis | None:
    """A name that the product no longer has where the test looks for it, though it has it somewhere else."""
    lost = re.search(r"cannot import name '(\w+)' from '([\w.]+)'", context.failure.text)
    if not lost:
        return None
    name, module = lost.groups()
    elsewhere = next(_defining(context, name), "")
    if elsewhere:
        return _is(
            context,
            "import-out-of-date",
            f"import {name} from {elsewhere}",
            lost.group(0),
            f"{elsewhere} has it",
        )
    return Diagnosis(
        context.failure,
        Cause.UNDECIDED,
        "import-of-nothing",
        (lost.group(0), f"nothing in the project defines {name}"),
        f"either {module} lost {name}, or the test asks for what was never there",
        sure=False,
    )


def _defining(context: Context, name: str) -> Iterator[str]:
    for path in sorted(context.root.rglob("*.py"))[:2000]:
        if "site-packages" in path.parts or not path.is_file() or path.stat().st_size > 1_000_000:
            continue
        if re.search(
            rf"^(?:async )?(?:def|class) {name}\b|^{name} *[:=]",
            path.read_text(errors="replace"),
            re.MULTILINE,
        ):
            yield (
                path.relative_to(context.root)
                .with_suffix("")
                .as_posix()
                .replace("/", ".")
                .removeprefix("src.")
            )


def _not_awaited(context: Context) -> Diagnosis | None:
    lost = re.search(
        r"coroutine '?([\w.]+)'? was never awaited|'coroutine' object (?:has no attribute|is not)",
        context.failure.text,
    )
    if not lost or not context.in_test:
        return None
    return _is(context, "not-awaited", "await the call in the test", lost.group(0))


def _own_error(context: Context) -> Diagnosis | None:
    """An error that is no assertion, raised by a line of the test on what is the test's own."""
    wrong = (
        "AttributeError",
        "TypeError",
        "KeyError",
        "IndexError",
        "ValueError",
        "ZeroDivisionError",
        "FileNotFoundError",
    )
    if context.failure.error not in wrong or not context.in_test:
        return None
    fixture = context.failure.during != "call"
    name = "fixture-breaks" if fixture else "test-breaks"
    if not fixture and _about_an_answer(context):
        return None
    signature = re.search(
        r"(\w+)\(\) (?:got an unexpected keyword argument|missing \d+ required|takes \d+ positional)",
        context.failure.message,
    )
    if signature:
        return _is(
            context,
            "call-out-of-date",
            f"call {signature.group(1)} with the arguments it takes now",
            context.failure.message,
        )
    return _is(context, name, "mend the test's own code on this line", context.failure.message)


def _about_an_answer(context: Context) -> bool:
    """Whether the line takes an answer apart: then what the answer lacks may well be the product's fault."""
    return bool(
        re.search(r"\.json\(\)|response|resp\b|result|\bbody\b|\.data\b", context.line(context.innermost))
    )


def _double_misused(context: Context) -> Diagnosis | None:
    if not re.search(
        r"is not a valid assertion\. Use a spec|does not have the attribute|Mock object has no attribute",
        context.failure.text,
    ):
        return None
    return _is(context, "double-misused", "name what the double really has", context.failure.message)


def _fault_never_fired(context: Context) -> Diagnosis | None:
    if context.failure.error != "NotFired":
        return None
    return _is(
        context,
        "fault-never-fired",
        "inject the fault at a crossing that the request makes",
        context.failure.message,
    )


def _volatile_expectation(context: Context) -> Diagnosis | None:
    """Compares with what changes by itself: an id from a sequence, a date that has gone by."""
    line = context.line(context.innermost)
    year = re.search(r"['\"]?(20\d\d-\d\d(?:-\d\d)?)", line)
    if (
        context.failure.error == "AssertionError"
        and context.in_test
        and year
        and re.search(r"\b(now|today|utcnow)\(", context.body)
    ):
        return _is(
            context,
            "date-gone-by",
            "give the code a clock, and the test a fixed time",
            f"compares with {year.group(1)}, and asks for the time of day",
        )
    return None


def _no_assertion_reached(context: Context) -> Diagnosis | None:
    if (
        context.failure.error == "Failed"
        and not re.search(r"Timeout|DID NOT RAISE", context.failure.text)
        and context.in_test
    ):
        return _is(
            context,
            "fails-by-itself",
            "assert on what the product did instead of calling fail()",
            context.failure.message,
            sure=False,
        )
    return None


_RULES: tuple[Rule, ...] = (
    _syntax,
    _no_fixture,
    _passes_now,
    _fault_never_fired,
    _undefined,
    _renamed,
    _not_awaited,
    _double_misused,
    _volatile_expectation,
    _no_assertion_reached,
    _own_error,
)
