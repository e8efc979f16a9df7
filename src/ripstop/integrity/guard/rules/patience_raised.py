"""A test may take longer, or fail more often, before it counts as failed."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from ripstop.integrity.guard.change import Change, Pair, nowhere
from ripstop.integrity.guard.checks import numeric
from ripstop.integrity.guard.collect import Item
from ripstop.model.weakening import Kind, Spot, Sure, Weakening

_PAGE = """\
## What it checks

Time-outs of tests do not grow or go (`timeout` marks, the `timeout` setting, `--timeout`), waits in a test
do not grow (`wait_for`, `wait_until`, `eventually`, `fail_after` and their kin), and reruns are not added
(`flaky`, `reruns`, `--reruns`).

## Why it matters

A test that is run again until it passes hides the race it found; a longer wait hides the slow path.

## Example

```python
@pytest.mark.flaky(reruns=5)
def test_search(): ...
```

## What to do instead

Find what the test waits for and wait for that. `ripstop explore --fault race` makes a race happen every
time.

## How sure

`sure` for marks and settings, `likely` for a wait in a body.
"""

RULE = Kind("patience-raised", "time-out or reruns raised", _PAGE)
_RERUNS = ("flaky", "rerunfailures", "retry", "repeat_until_pass", "flaky_test")
_WAITS = re.compile(
    r"^(wait|wait_for|wait_until|wait_for_\w+|eventually|poll|poll_until|timeout|timeout_after|fail_after|move_on_after|retry_until|assert_eventually)$"
)
_WORDS = (
    "timeout",
    "timeout_s",
    "max_wait",
    "max_time",
    "deadline",
    "delay",
    "attempts",
    "retries",
    "timeout_ms",
)
_NONE = float("inf")


def weakenings(change: Change) -> Iterator[Weakening]:
    """Marks, settings and waits that are more patient than before."""
    for pair in change.pairs:
        if not pair.helper:
            yield from _marks(pair)
        yield from _waits(change, pair)
    yield from _settings(change)


def _marks(pair: Pair) -> Iterator[Weakening]:
    before, after = _timeout(pair.old), _timeout(pair.new)
    if before[0] < after[0]:
        why = f"it may take {_told(after[0])} instead of {_told(before[0])}"
        yield Weakening(
            RULE.slug, pair.old.node, before[1], after[1] if after[1].text else nowhere(pair), Sure.SURE, why
        )
    old = [mark for mark in pair.old.marks if mark.name in _RERUNS]
    for mark in pair.new.marks:
        if mark.name in _RERUNS and not old:
            spot = Spot(pair.old.path, pair.old.function.lineno, f"def {pair.old.name}")
            yield Weakening(
                RULE.slug, pair.old.node, spot, mark.spot, Sure.SURE, "it is run again where it fails"
            )


def _told(seconds: float) -> str:
    return "any time" if seconds == _NONE else f"{seconds:g} s"


def _timeout(item: Item) -> tuple[float, Spot]:
    """The limit of a test by its mark, in seconds; no mark and 0 are no limit."""
    for mark in reversed(item.marks):
        given = mark.args[:1] or [one for one in [mark.word("timeout")] if one is not None]
        if mark.name == "timeout" and given:
            return numeric(given[0]) or _NONE, mark.spot
    return _NONE, Spot(item.path, item.function.lineno)


def _waits(change: Change, pair: Pair) -> Iterator[Weakening]:
    before, after = _waited(pair.old), _waited(pair.new)
    for name, old in before.items():
        new = after.get(name, [])
        if len(old) != len(new):
            continue
        for (was, spot), (now, where) in zip(old, new, strict=True):
            if was < now:
                why = f"it waits {_told(now)} instead of {_told(was)}"
                yield Weakening(RULE.slug, pair.old.node, spot, where, change.sure(Sure.LIKELY, ""), why)


def _waited(item: Item) -> dict[str, list[tuple[float, Spot]]]:
    """The waits of a body: the function, and its limits in order."""
    found: dict[str, list[tuple[float, Spot]]] = defaultdict(list)
    for node in (node for part in item.function.body for node in ast.walk(part)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).rpartition(".")[2]
        if not _WAITS.match(name):
            continue
        given = [w.value for w in node.keywords if w.arg in _WORDS] or [
            a for a in node.args if isinstance(a, ast.Constant)
        ]
        limit = numeric(given[0]) if given else float("nan")
        if limit == limit:
            found[name].append((limit, Spot(item.path, node.lineno, ast.unparse(node))))
    return found


def _settings(change: Change) -> Iterator[Weakening]:
    old, new = change.old_settings, change.new_settings
    before, after = old.addopts, new.addopts
    if (was := _limit(old.values.get("timeout"), before)) < (now := _limit(new.values.get("timeout"), after)):
        yield _setting(
            change, f"timeout = {_told(was)}", f"timeout = {_told(now)}", "every test may take longer"
        )
    for option in ("--reruns", "--force-flaky", "--max-runs", "--retries"):
        if _has(after, option) and not _has(before, option):
            yield _setting(
                change,
                f"addopts = {' '.join(before)}",
                f"addopts = {' '.join(after)}",
                "every test is run again where it fails",
            )
    if int(numeric_text(new.values.get("reruns"))) > int(numeric_text(old.values.get("reruns"))):
        yield _setting(
            change, "reruns", f"reruns = {new.values['reruns']}", "every test is run again where it fails"
        )


def numeric_text(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return 0.0


def _has(words: tuple[str, ...], option: str) -> bool:
    return any(word == option or word.startswith(f"{option}=") for word in words)


def _limit(value: object, words: tuple[str, ...]) -> float:
    for place, word in enumerate(words):
        if word == "--timeout" and place + 1 < len(words):
            value = words[place + 1]
        elif word.startswith("--timeout="):
            value = word.partition("=")[2]
    return numeric_text(value) or _NONE if value is not None else _NONE


def _setting(change: Change, before: str, after: str, why: str) -> Weakening:
    old = change.old_settings.path or change.new_settings.path
    new = change.new_settings.path or old
    return Weakening(RULE.slug, old, Spot(old, 0, before), Spot(new, 0, after), Sure.SURE, why)
