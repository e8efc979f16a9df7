"""The configuration makes the suite less strict, or runs less of it."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.integrity.guard.change import Change
from ripstop.integrity.guard.settings import Settings
from ripstop.model.weakening import Kind, Spot, Sure, Weakening

_PAGE = """\
## What it checks

The configuration of pytest and of coverage, in any of their files, is as strict as before: `addopts`
chooses no fewer tests (`-k`, `-m`, `--deselect`, `--ignore`, `-p no:`, `--last-failed`), keeps
`--strict-*`, `-W error` and `--cov-fail-under`; `xfail_strict` stays; `filterwarnings` ignores no more and
still makes errors of what it did; `testpaths` keeps its folders; `fail_under` does not sink. Settings may
move to another file.

## Why it matters

One word in a configuration file takes more tests away than any edit of a test, and no test file shows it.

## Example

```toml
addopts = "-q -k 'not total'"
```

## What to do instead

Select on the command line of the day, not in the file that everyone's run reads.

## How sure

`sure`; `likely` for a warning that is newly ignored, a `-m` and a folder of `testpaths` that does not exist
any more.
"""

RULE = Kind("settings-loosened", "settings of the suite loosened", _PAGE)
_CHOOSING = ("-k", "--deselect", "--ignore", "--ignore-glob", "-m", "-p")
_SHORTENING = (
    "--lf",
    "--last-failed",
    "--co",
    "--collect-only",
    "--continue-on-collection-errors",
    "--exitfirst-off",
    "--noconftest",
    "--runxfail-off",
    "--disable-warnings-off",
)
_STRICT = ("--strict", "--strict-markers", "--strict-config", "--cov-fail-under", "-W", "--runxfail")


def weakenings(change: Change) -> Iterator[Weakening]:
    """What the configuration of after lets pass or leaves out, and that of before did not."""
    old, new = change.old_settings, change.new_settings
    for before, after, sure, why in (*_options(old, new), *_lines(old, new, change), *_coverage(old, new)):
        path = old.path or new.path
        where = new.path or path
        yield Weakening(RULE.slug, path, Spot(path, 0, before), Spot(where, 0, after), sure, why)


_Told = tuple[str, str, Sure, str]


def _options(old: Settings, new: Settings) -> Iterator[_Told]:
    before, after = _parsed(old.addopts), _parsed(new.addopts)
    for option, value in after:
        if (option, value) in before:
            continue
        if option in _CHOOSING and not (option == "-p" and not value.startswith("no:")):
            sure = Sure.LIKELY if option in ("-m", "-p") else Sure.SURE
            yield "addopts", f"{option} {value}", sure, "fewer tests or fewer plugins are run"
        elif option in _SHORTENING:
            yield "addopts", option, Sure.SURE, "fewer tests are run"
    if old.path and not new.path:
        return
    names = {option for option, _ in after}
    for option, value in before:
        if option in _STRICT and option not in names and not _still(option, value, new):
            yield f"addopts: {option} {value}".strip(), "", Sure.LIKELY, "the run is less strict"
    yield from _under(dict(before), dict(after))


def _under(before: dict[str, str], after: dict[str, str]) -> Iterator[_Told]:
    option = "--cov-fail-under"
    if option in before and option in after and _number(after[option]) < _number(before[option]):
        yield f"{option}={before[option]}", f"{option}={after[option]}", Sure.SURE, "less coverage is enough"


def _still(option: str, value: str, new: Settings) -> bool:
    """What may be said elsewhere: strictness as a setting, errors of warnings as filters."""
    if option.startswith("--strict"):
        return (
            new.true(option.lstrip("-").replace("-", "_"))
            or new.true("strict")
            or "--strict-markers" in new.addopts
        )
    if option == "-W":
        return value in new.lines("filterwarnings") or not value.startswith("error")
    return bool(option == "--cov-fail-under" and new.fail_under)


def _parsed(words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Options with their values, in any of the ways they can be written."""
    found: list[tuple[str, str]] = []
    for place, word in enumerate(words):
        option, _, value = word.partition("=")
        if option.startswith("--"):
            takes = option in _CHOOSING and not value and place + 1 < len(words)
            found.append((option, words[place + 1] if takes else value))
        elif word[:2] in ("-k", "-m", "-p", "-W"):
            found.append((word[:2], word[2:] or (words[place + 1] if place + 1 < len(words) else "")))
    return found


def _lines(old: Settings, new: Settings, change: Change) -> Iterator[_Told]:
    if old.true("xfail_strict") and not new.true("xfail_strict") and not new.true("strict"):
        yield "xfail_strict = true", "", Sure.SURE, "an unexpected pass no longer fails"
    before, after = old.lines("filterwarnings"), new.lines("filterwarnings")
    for line in before:
        if line.startswith("error") and line not in after:
            yield f"filterwarnings: {line}", "", Sure.SURE, "warnings no longer fail"
    strict = any(line.startswith("error") for line in before)
    for line in after:
        if strict and line not in before and line.startswith(("ignore", "default", "once", "always")):
            yield "filterwarnings", f"filterwarnings: {line}", Sure.LIKELY, "a warning no longer fails"
    kept = new.words("testpaths")
    for folder in old.words("testpaths"):
        there = any(path.startswith(folder.rstrip("/") + "/") for path in change.new.sources)
        if kept and there and not any(folder.rstrip("/").startswith(one.rstrip("/")) for one in kept):
            yield (
                f"testpaths: {folder}",
                f"testpaths = {' '.join(kept)}",
                Sure.SURE,
                "a folder of tests is left out",
            )


def _coverage(old: Settings, new: Settings) -> Iterator[_Told]:
    if new.fail_under < old.fail_under:
        yield (
            f"fail_under = {old.fail_under:g}",
            f"fail_under = {new.fail_under:g}",
            Sure.SURE,
            "less coverage is enough",
        )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
