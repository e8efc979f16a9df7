"""A hook changes what pytest reports, collects or ends with, or a class equals everything."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from ripstop.integrity.guard.change import Change
from ripstop.integrity.guard.helpers import equals_all
from ripstop.integrity.guard.modules import Function, Module
from ripstop.integrity.guard.nouns import Sources
from ripstop.model.weakening import Kind, Spot, Sure, Weakening

_PAGE = """\
## What it checks

No `conftest.py` or plugin of the tests newly sets an outcome, an exit status or a report; drops or marks
collected items; replaces what pytest or unittest asserts with; and no class of the tests equals everything.

## Why it matters

Five lines in a conftest make every failure a pass, for all tests at once.

## Example

```python
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    outcome.get_result().outcome = "passed"
```

## What to do instead

Leave reports to pytest. A plugin that is needed is a package of its own, with a review of its own.

## How sure

`sure` where an outcome or an exit status is set, `likely` where items are dropped, skipped or marked by all
alike; `look` for other work on reports. An order of items, a header or an option is of no account.
"""

RULE = Kind("report-altered", "reports or collection altered by a hook", _PAGE)
_HOOKS = (
    "pytest_runtest_makereport", "pytest_report_teststatus", "pytest_sessionfinish",
    "pytest_runtest_logreport",
    "pytest_collection_modifyitems", "pytest_runtest_call", "pytest_pyfunc_call", "pytest_runtest_protocol",
    "pytest_ignore_collect", "pytest_collect_file", "pytest_assertrepr_compare",
    "pytest_runtest_setup", "pytest_itemcollected",
    "pytest_pycollect_makeitem", "pytest_exception_interact", "pytest_deselected",
)  # fmt: skip
_SETTING = ("outcome", "exitstatus", "wasxfail", "longrepr", "failed", "passed", "excinfo")
_FORCING = ("force_result", "force_exception", "add_marker", "clear", "remove", "pop")
_QUIET = ("pytest_assertrepr_compare", "pytest_exception_interact")


def weakenings(change: Change) -> Iterator[Weakening]:
    """New or changed hooks that alter something; new classes that equal everything."""
    for path in sorted(change.changed):
        module = change.new.module(path) if path.endswith(".py") else None
        if module is None:
            continue
        before = change.old.module(path)
        if before is not None or _ruled(path, change.old.sources):
            yield from _hooks(path, module, before)
        yield from _equal(path, module, before)


def _ruled(path: str, sources: Sources) -> bool:
    """Whether tests lay below a conftest's folder before: a new folder loses nothing."""
    folder = posixpath.dirname(path)
    return not folder or any(one.startswith(f"{folder}/") for one in sources)


def _hooks(path: str, module: Module, before: Module | None) -> Iterator[Weakening]:
    for name, function in module.functions.items():
        if name not in _HOOKS or name in _QUIET:
            continue
        old = before.functions.get(name) if before else None
        was = {ast.unparse(node) for node, _ in _alterations(old)} if old else set()
        for node, sure in _alterations(function):
            if ast.unparse(node) in was:
                continue
            spot = Spot(path, getattr(node, "lineno", function.lineno), ast.unparse(node).partition("\n")[0])
            place = Spot(path, old.lineno if old else 0, f"def {name}" if old else "")
            yield Weakening(RULE.slug, path, place, spot, sure, f"{name} alters what is run or reported")


def _alterations(function: Function) -> Iterator[tuple[ast.AST, Sure]]:
    """The statements of a hook that set an outcome, or drop or mark items."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Attribute(attr=attr)]) if attr in _SETTING:
                yield node, Sure.SURE if attr in ("outcome", "exitstatus", "wasxfail") else Sure.LIKELY
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id="items"))], value=value) if not _sorts(
                value
            ):
                yield node, Sure.LIKELY
            case ast.Call(func=ast.Attribute(attr=attr)) if attr in _FORCING and _forces(node, attr):
                yield node, Sure.LIKELY
            case ast.Return(value=ast.Constant(value=True) | ast.Tuple()) if (
                function.name != "pytest_collection_modifyitems"
            ):
                yield node, Sure.LIKELY
            case ast.Call(func=ast.Attribute(value=ast.Name(id="pytest"), attr="skip" | "xfail")):
                yield node, Sure.LOOK


def _sorts(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func) in ("sorted", "reversed")


def _forces(node: ast.Call, attr: str) -> bool:
    """Marks other than those that skip or excuse are of no account, and so are lists that hold no items."""
    text = ast.unparse(node)
    if attr == "add_marker":
        return any(word in text for word in ("skip", "xfail", "flaky"))
    return attr.startswith("force") or text.startswith("items.")


def _equal(path: str, module: Module, before: Module | None) -> Iterator[Weakening]:
    was = {name for name, klass in (before.classes if before else {}).items() if equals_all(klass)}
    testing = posixpath.basename(path).startswith(("test", "conftest")) or "test" in path
    for name, klass in module.classes.items():
        if testing and name not in was and equals_all(klass):
            spot = Spot(path, klass.lineno, f"class {name}")
            yield Weakening(
                RULE.slug,
                path,
                Spot(path, 0),
                spot,
                Sure.LIKELY,
                f"{name} equals whatever it is held against",
            )
