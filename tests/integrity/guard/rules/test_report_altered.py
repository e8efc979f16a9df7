"""Hooks that alter what is reported or run."""

from __future__ import annotations

import pytest

from ..differences import PATH, short, told

TEST = {PATH: "def test_a():\n    assert f() == 1\n"}


def difference(after: str) -> list[tuple[str, str]]:
    return short(
        told(
            {"tests/conftest.py": "import pytest\n", **TEST},
            {"tests/conftest.py": f"import pytest\n{after}", **TEST},
        )
    )


@pytest.mark.parametrize(
    ("hook", "sure"),
    [
        ("def pytest_report_teststatus(report):\n    report.outcome = 'passed'\n", "sure"),
        ("def pytest_sessionfinish(session):\n    session.exitstatus = 0\n", "sure"),
        ("def pytest_collection_modifyitems(items):\n    items[:] = items[:1]\n", "likely"),
        ("def pytest_itemcollected(item):\n    item.add_marker(pytest.mark.skip)\n", "likely"),
        ("def pytest_pyfunc_call(pyfuncitem):\n    return True\n", "likely"),
        ("def pytest_runtest_setup(item):\n    pytest.skip('no')\n", "look"),
    ],
)
def test_one_that_takes_failures_or_tests_away_is_told(hook: str, sure: str) -> None:
    assert difference(hook) == [("report-altered", sure)]


@pytest.mark.parametrize(
    "hook",
    [
        "def pytest_collection_modifyitems(items):\n    items.sort(key=str)\n",
        "def pytest_collection_modifyitems(items):\n    for i in items: i.add_marker(pytest.mark.anyio)\n",
        "def pytest_configure(config):\n    config.addinivalue_line('markers', 'slow')\n",
    ],
)
def test_one_that_does_not_is_of_no_account(hook: str) -> None:
    assert difference(hook) == []


def test_a_hook_that_was_there_is_not_told_again() -> None:
    hook = "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n"
    old = {"tests/conftest.py": hook, **TEST}

    assert told(old, {**old, "tests/conftest.py": f"{hook}\n\nX = 1\n"}) == []


def test_a_class_that_equals_everything_is_told() -> None:
    assert difference("class Any:\n    def __eq__(self, other):\n        return True\n") == [
        ("report-altered", "likely")
    ]
