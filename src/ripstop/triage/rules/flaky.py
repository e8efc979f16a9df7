"""Nobody's fault in particular: the same code passes at another time. Other runs tell, or the test's text.

Where runs disagree the cause is read from what was changed between them: alone, reversed, once more. One run
alone is judged by what the test says: three reruns see a failure of one in ten one time in four.
"""

from __future__ import annotations

import re

from ripstop.model.triage import Cause, Diagnosis
from ripstop.triage.context import Context

ALONE, REVERSED, AGAIN = "alone", "reversed", "again"
_LEFT_BEHIND = "give the test state of its own: another test leaves something behind"
_WAYS = {
    ALONE: ("order-dependent", "passes when it runs alone", _LEFT_BEHIND),
    REVERSED: ("order-dependent", "passes when the tests run in reverse", _LEFT_BEHIND),
}
_SOURCES = (
    ("unordered", r"\bset\(|\.keys\(\)|listdir|glob\(|frozenset", "compare as sets, or sort both sides"),
    (
        "random",
        r"\brandom\.|uuid4|secrets\.|faker|shuffle|Math\.random|randomUUID",
        "give the random source a seed, or assert what holds for all values",
    ),
    (
        "clock",
        r"datetime\.now|utcnow|date\.today|time\.time\(|Date\.now|new Date\(\)|perf_counter|monotonic\(",
        "give the code a clock, and the test a fixed time",
    ),
    ("timing", r"sleep\(|setTimeout|wait_for\(|timeout=", "wait for the condition instead of for a time"),
    (
        "concurrent",
        r"Thread\(|gather\(|Pool\(|Promise\.all|ProcessPool",
        "wait for all to end before asserting",
    ),
)
_TIMEOUT = re.compile(
    r"Timeout [>(]|TestTimeoutError|Test timed out|Exceeded timeout of|TimeoutError|timed out after"
)
_HOST = re.compile(r"https?://(?!127\.|localhost|\[::1\]|testserver|0\.0\.0\.0)([\w.-]+\.\w+)")


def diagnose(context: Context) -> Diagnosis | None:
    return _disagreeing(context) or _told(context)


def _disagreeing(context: Context) -> Diagnosis | None:
    """Some run of it passed."""
    passed = [how for how, one in context.again.items() if one.state == "passed"]
    failed = [how for how, one in context.again.items() if one.state == "failed"]
    if not passed or not failed:
        return None
    told = f"failed {_words(failed)}, passed {_words(passed)}"
    for how, (name, said, fix) in _WAYS.items():
        steady = all(not one.startswith(AGAIN) for one in passed)
        if how in passed and steady:
            return Diagnosis(context.failure, Cause.FLAKE, name, (said, told), fix)
    name, fix, line = _source(context) or (
        "passes-at-times",
        "run it under `--run` with more tries to see on what it depends",
        "",
    )
    return Diagnosis(context.failure, Cause.FLAKE, name, tuple(filter(None, (told, line))), fix)


def _told(context: Context) -> Diagnosis | None:
    """One run only, whose message names what no product decides."""
    failure = context.failure
    if len(context.again) > 1:
        return None
    if failure.error == "AssertionError" and (both := _same_elements(context)):
        return Diagnosis(
            failure, Cause.FLAKE, "unordered", (both,), "compare as sets, or sort both sides", sure=False
        )
    if failure.error == "AssertionError" and (elapsed := _elapsed(context)):
        return Diagnosis(
            failure,
            Cause.FLAKE,
            "timing",
            (elapsed,),
            "assert a ratio measured in one run, not a time",
            sure=False,
        )
    if _TIMEOUT.search(failure.text) and (found := _source(context)):
        return Diagnosis(failure, Cause.FLAKE, found[0], (failure.message, found[2]), found[1], sure=False)
    if failure.error.endswith(("ConnectionError", "ConnectError", "ConnectTimeout", "URLError")) and (
        host := _HOST.search(context.body)
    ):
        return Diagnosis(
            failure,
            Cause.FLAKE,
            "network",
            (failure.message, f"asks {host.group(1)}"),
            "put a double in the host's place",
        )
    return None


def _source(context: Context) -> tuple[str, str, str] | None:
    """What in the test's own text does not repeat: its name, the fix, the line."""
    for name, pattern, fix in _SOURCES:
        for line in context.body.splitlines():
            if re.search(pattern, line):
                return name, fix, f"in the test: {line.strip()}"
    return None


def _same_elements(context: Context) -> str:
    """An equality of two lists with the same elements in another order."""
    lists = re.search(r"assert (\[[^\]]*\]) == (\[[^\]]*\])", context.failure.message)
    if not lists:
        return ""
    first, second = (sorted(part.strip() for part in one.strip("[]").split(",")) for one in lists.groups())
    return "both sides hold the same, in another order" if first == second else ""


def _elapsed(context: Context) -> str:
    """A comparison of a measured time with a bound."""
    line = context.line(context.innermost)
    measures = re.search(r"(?:elapsed|duration|took|perf_counter|monotonic|time\(\)|\.total_seconds)", line)
    return f"compares a measured time: {line}" if measures and re.search(r"[<>]", line) else ""


def _words(hows: list[str]) -> str:
    return " and ".join(hows)
