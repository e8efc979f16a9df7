"""A pytest plugin (``-p ripstop.suite.outcomes``) that tells how each test really ended, a JSON line each.

Whether a test failed by an assertion in its own call, and whether that assertion was about the
service or only about a fault that never fired, is not in pytest's exit code nor in JUnit XML.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from ripstop.suite.inject import NotFired

PASSED, ASSERTION, NOT_FIRED, ERROR = "passed", "assertion", "not-fired", "error"
_SAID_CHARS = 300


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ripstop")
    group.addoption(
        "--ripstop-outcomes", metavar="PATH", help="append a JSON line for each test to this file"
    )
    group.addoption("--ripstop-reverse", action="store_true", help="run the collected tests in reverse order")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--ripstop-reverse"):
        items.reverse()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    path = item.config.getoption("--ripstop-outcomes")
    if path and (call.when == "call" or call.excinfo is not None):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(_line(item, call)) + "\n")
    return (yield)


def _line(item: pytest.Item, call: pytest.CallInfo[None]) -> dict[str, object]:
    callspec = getattr(item, "callspec", None)
    index = callspec.indices.get("fault", 0) if callspec else 0
    verdict, said = _verdict(call)
    name = getattr(item, "originalname", None) or item.name
    return {"file": item.path.stem, "test": name, "index": index, "verdict": verdict, "said": said}


def _verdict(call: pytest.CallInfo[None]) -> tuple[str, str]:
    if call.excinfo is None:
        return PASSED, ""
    said = call.excinfo.exconly(tryshort=True).strip().partition("\n")[0][:_SAID_CHARS]
    if call.when == "call" and isinstance(call.excinfo.value, NotFired):
        return NOT_FIRED, said
    if call.when == "call" and isinstance(call.excinfo.value, AssertionError):
        return ASSERTION, said
    return ERROR, f"{call.when}: {said}"
