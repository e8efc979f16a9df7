"""The order service in TypeScript: the route of the Python examples, and the same two findings.

Its provider is reached by its real host name over https, its database by settings in pieces. What is
explored is narrowed to one fault of each manner: a wait, a lost reply, a lost connection, a refusal to
connect, an error answer, the end of the process, and a caller who errs, repeats or hangs up.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ..packages import node_modules
from .exploring import EXAMPLES, QUICK, copy, explore, found, places

SAME_ROUTE = EXAMPLES.parent / "tests" / "examples" / "same_route.py"
FAULTS = ("hang", "reply_lost", "connection_lost", "connection_refused", "status", "killed", "terminated")
FAULTS += ("repeated_request", "client_gone", "field_missing", "field_out_of_range")
NARROWED = [word for fault in FAULTS for word in ("--fault", fault)]
THE_TWO = [
    ("RS102", "POST /orders", "payments", "POST /v1/charges"),
    ("RS205", "POST /orders", "db", "COMMIT"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout of the example with its packages."""
    one = copy("orders_express", tmp_path)
    (one / "node_modules").symlink_to(node_modules(one / "package.json"))
    return one


def test_it_is_green_and_its_route_does_what_the_python_examples_do(folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "tests", str(SAME_ROUTE)], cwd=folder, capture_output=True, text=True, timeout=120
    )

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "7 passed" in done.stdout


def test_it_waits_without_bound_and_doubles_an_order_as_the_python_examples_do(folder: Path) -> None:
    report = explore(folder, *NARROWED, *QUICK)

    assert places(report) == THE_TWO
    assert found(report) >= {
        ("RS102", "payments", "POST /v1/charges", "hang"),
        ("RS205", "db", "COMMIT", "reply_lost"),
        ("RS205", "db", "COMMIT", "repeated_request"),
        ("RS205", "db", "COMMIT", "killed"),
    }
    (workflow,) = report["workflows"]
    assert workflow["verdicts"]["unknown"] == 0
    assert workflow["verdicts"]["held"] >= 8


def test_an_error_that_nobody_catches_is_told_with_its_line_in_the_typescript(folder: Path) -> None:
    app = folder / "src" / "app.ts"
    caught = (
        "  } catch {\n    response.status(503).json({ error: 'order_persist_failed', retryable: true })\n  }"
    )
    assert caught in app.read_text()
    app.write_text(app.read_text().replace(caught, "  } finally {}"))
    line = next(n for n, text in enumerate(app.read_text().splitlines(), 1) if "db.transaction(" in text)

    report = explore(folder, "--seam", "db", "--fault", "connection_lost", *QUICK)

    assert ("RS101", "POST /orders", "db", "INSERT orders") in places(report)
    assert f"source src/app.ts:{line} const [stored] = await" in " ".join(report["said"].split())


def test_it_has_the_test_and_the_double_of_the_python_examples() -> None:
    for name in ("tests/doubles.py", "tests/test_orders.py"):
        assert (EXAMPLES / "orders_express" / name).read_text() == (EXAMPLES / "orders" / name).read_text()


def test_no_lock_file_is_kept_for_it_would_name_where_packages_came_from() -> None:
    kept = subprocess.run(
        ["git", "ls-files", "examples/orders_express"], cwd=EXAMPLES.parent, capture_output=True, text=True
    ).stdout

    assert "package.json" in kept
    assert "lock" not in kept
    assert "package-lock=false" in (EXAMPLES / "orders_express" / ".npmrc").read_text()
