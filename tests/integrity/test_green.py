"""Green: every way there but the honest one is refused by its rule, and its honest twin accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ripstop.errors import ExperimentError, UsageError
from ripstop.integrity.frozen import Frozen, load

from .shop import OLD, PRICES, QUICK, RED, RIGHT_PRICES, Project, made

NEW = "tests/test_new.py"
HONEST = {"shop/prices.py": RIGHT_PRICES}
FORGED = """import _pytest.runner as runner

def total(items):
    return 0

class Quiet(runner.CallInfo):
    @classmethod
    def from_call(cls, func, when, reraise=None):
        return runner._real(lambda: None, when, reraise)

runner._real, runner.CallInfo = runner.CallInfo.from_call, Quiet
"""
AT_EXIT = "import atexit, os\n\ndef total(items):\n    return sum(items)\n\natexit.register({})\n"
SAID_AGAIN = """
import atexit, json, sys

def said_again():
    path = next(one.partition("=")[2] for one in sys.argv if one.startswith("--ripstop-witness="))
    with open(path, "a") as file:
        file.write(json.dumps({"kind": "end", "status": 0}) + "\\n")

atexit.register(said_again)
"""
PHASE_AGAIN = """import json, sys

def total(items):
    if items:
        path = next(one.partition("=")[2] for one in sys.argv if one.startswith("--ripstop-witness="))
        line = json.loads(open(path).read().splitlines()[-1])
        open(path, "a").write(json.dumps({**line, "when": "call"}) + "\\n")
    return sum(items)
"""
HOOK_REPLACED = """import _pytest.python

def total(items):
    return 0

_pytest.python.pytest_pyfunc_call.__code__ = (lambda pyfuncitem: True).__code__
"""
HOOK_ADDED = """import gc, pytest

class Quiet:
    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self):
        return True

def total(items):
    return 0

for one in gc.get_objects():
    if isinstance(one, pytest.PytestPluginManager):
        one.register(Quiet())
"""
PUT_BACK = """import _pytest.reports as reports

real = vars(reports.TestReport)["from_item_and_call"]

def quiet(cls, item, call):
    reports.TestReport.from_item_and_call = real
    call.excinfo = None
    return real.__func__(cls, item, call)

def total(items):
    reports.TestReport.from_item_and_call = classmethod(quiet)
    return 0
"""
OWN_REPLACED = """def total(items):
    return 0

total.__code__ = (lambda items: sum(items)).__code__
"""
SAID_ALL = """import json, os, sys

PLAIN = dict(kind="phase", outcome="passed", xfail=False, error=None, within=False, status=None)
SEEN = dict(product=True, socket=False, requests=0)

def total(items):
    path = next(one.partition("=")[2] for one in sys.argv if one.startswith("--ripstop-witness="))
    told = [json.loads(line) for line in open(path)]
    known = {(one["nodeid"], one["when"]) for one in told if one["kind"] == "phase"}
    with open(path, "a") as file:
        for one in told:
            for when in ("setup", "call", "teardown") if one["kind"] == "collected" else ():
                if (one["nodeid"], when) not in known:
                    line = {**PLAIN, **SEEN, "nodeid": one["nodeid"], "when": when}
                    file.write(json.dumps(line) + "\\n")
        file.write(json.dumps({"kind": "end", "status": 0}) + "\\n")
    os._exit(0)
"""
SWAPPED = "import shop.prices\n\nshop.prices.total = sum\n"
SHADOW = "def approx(value): return value\n"
PLUGIN = "import pytest\n\n@pytest.hookimpl(tryfirst=True)\ndef pytest_pyfunc_call(): return True\n"
HOOK = "def pytest_collection_modifyitems(items):\n    items.clear()\n"
ENTRY = "[pytest11]\nquiet = quiet\n"

# What is changed instead of the honest mend or beside it, the rule that refuses it, an honest change like it.
CHEATS: dict[str, tuple[Mapping[str, str | None], str, Mapping[str, str | None]]] = {
    "the test is edited": ({NEW: RED.replace("== 3", "== 0")}, "test-edited", HONEST),
    "the assertion is taken out": ({NEW: RED.replace("== 3", "or True")}, "test-edited", HONEST),
    "a skip is added": ({NEW: f"import pytest\npytestmark = pytest.mark.skip\n{RED}"}, "test-edited", HONEST),
    "the test is deleted": ({NEW: None}, "test-gone", HONEST),
    "the test is renamed out of collection": (
        {NEW: None, "tests/new.py": RED},
        "test-gone",
        {**HONEST, "tests/other.py": "WORDS = ()\n"},
    ),
    "the conftest skips it": (
        {"tests/conftest.py": HOOK},
        "conftest-changed",
        {**HONEST, "shop/config.py": HOOK},
    ),
    "a conftest is added at the root": (
        {"conftest.py": HOOK},
        "conftest-changed",
        {**HONEST, "shop/hooks.py": HOOK},
    ),
    "pytest is told to leave it out": (
        {"pyproject.toml": f"[tool.pytest.ini_options]\naddopts = '-k nothing {QUICK}'\n"},
        "configuration-changed",
        {
            **HONEST,
            "pyproject.toml": f"[project]\nname='shop'\n[tool.pytest.ini_options]\naddopts='{QUICK}'\n",
        },
    ),
    "a pytest.ini takes over": (
        {"pytest.ini": "[pytest]\n"},
        "configuration-changed",
        {**HONEST, "x.ini": ""},
    ),
    "a plugin is dropped in": (
        {"quiet.py": PLUGIN, "quiet.egg-info/entry_points.txt": ENTRY},
        "planted",
        {**HONEST, "quiet.py": PLUGIN},
    ),
    "a module starts with Python": ({"sitecustomize.py": ""}, "planted", {**HONEST, "customize.py": ""}),
    "a module takes pytest's place": (
        {"pytest.py": SHADOW},
        "shadowed",
        {**HONEST, "shop/pytest.py": SHADOW},
    ),
    "a module takes the library's place": ({"json.py": ""}, "shadowed", {**HONEST, "shop/json.py": ""}),
    "the judge is replaced from the product": ({"shop/prices.py": FORGED}, "tampered", HONEST),
    "its end is told again": ({"shop/prices.py": FORGED + SAID_AGAIN}, "told-twice", HONEST),
    "a test is told again": ({"shop/prices.py": PHASE_AGAIN}, "told-twice", HONEST),
    "the exit code is another": (
        {"shop/prices.py": AT_EXIT.format("os._exit, 3")},
        "exit-disagrees",
        {"shop/prices.py": AT_EXIT.format("print")},
    ),
    "a hook of pytest is replaced": (
        {"shop/prices.py": HOOK_REPLACED},
        "tampered",
        {"shop/prices.py": OWN_REPLACED},
    ),
    "a hook is added while tests run": ({"shop/prices.py": HOOK_ADDED}, "tampered", HONEST),
    "the judge is replaced and put back": ({"shop/prices.py": PUT_BACK}, "tampered", HONEST),
    "the tests' folder becomes a package that mends": (
        {"tests/__init__.py": SWAPPED},
        "unfrozen-loaded",
        {**HONEST, "tests/swapped.py": SWAPPED},
    ),
    "the product tells how it went": ({"shop/prices.py": SAID_ALL}, "forged", HONEST),
    "nothing is done": ({}, "not-green", HONEST),
    "another test breaks": (
        {"shop/prices.py": "def total(items):\n    return sum(items) or None\n"},
        "suite-broken",
        {"shop/prices.py": "def total(items):\n    return sum(items) or 0\n"},
    ),
    "another test is deleted": (
        {**HONEST, "tests/test_old.py": None},
        "suite-shrunk",
        {**HONEST, "tests/test_old.py": OLD.replace("[]", "()")},
    ),
    "a compiled module is committed": (
        {"shop/__pycache__/prices.cpython-311.pyc": "", ".gitignore": ""},
        "planted",
        {**HONEST, ".gitignore": ""},
    ),
}


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Frozen:
    return made(tmp_path_factory.mktemp("red") / "shop").frozen(NEW)


def rules(project: Project, frozen: Frozen) -> set[str]:
    return {one.rule for one in project.judge.green(frozen).refusals}


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_is_refused_by_its_rule(shop, frozen, cheat):
    change, rule, _ = CHEATS[cheat]
    shop.write(change)

    assert rule in rules(shop, frozen)


def test_an_honest_change_of_the_same_shape_as_each_is_accepted(shop, frozen):
    changes = [honest for _, _, honest in CHEATS.values() if honest.get("shop/prices.py") == RIGHT_PRICES]
    shop.write({name: text for change in changes for name, text in change.items()})

    assert len(changes) > len(CHEATS) // 2
    assert rules(shop, frozen) == set()


def test_mends_written_another_way_are_accepted(shop, frozen):
    for cheat in ("another test breaks", "the exit code is another", "a hook of pytest is replaced"):
        shop.write(CHEATS[cheat][2])

        assert rules(shop, frozen) == set()


def test_parts_of_a_test_are_no_second_telling(shop, frozen):
    parts = "with self.subTest(): self.assertEqual(1, 1)"
    case = f"import unittest\n\nclass Test(unittest.TestCase):\n    def test_it(self):\n        {parts}\n"
    shop.write({**HONEST, "tests/test_parts.py": case})

    assert rules(shop, frozen) == set()


@pytest.mark.parametrize(("text", "rule"), [(HOOK_REPLACED, "tampered"), (HOOK_ADDED, "plugins-changed")])
def test_a_judge_replaced_before_the_session_starts_is_seen(tmp_path, text, rule):
    project = made(tmp_path / "shop", {"tests/conftest.py": "import shop.prices\n"})
    frozen = project.frozen(NEW)
    project.write({"shop/prices.py": text})

    assert rule in rules(project, frozen)


DUE = "from pathlib import Path\n\ndef total(items):\n    return sum(items) if Path('{}').exists() else 0\n"


@pytest.mark.parametrize(
    ("change", "rule"), [({"shop/notes.py": ""}, "green-without"), ({}, "nothing-changed")]
)
def test_tests_that_turn_green_by_themselves_are_no_mend(tmp_path, change, rule):
    project = made(tmp_path / "shop", {"shop/prices.py": DUE.format(tmp_path / "due")})
    frozen = project.frozen(NEW)
    (tmp_path / "due").touch()
    project.write(change)

    assert rules(project, frozen) == {rule}


READY = "def total(items):\n    return {}\n\ndef is_ready(): return {}\n"
ONCE_READY = """import pytest
from shop import prices

@pytest.mark.skipif(not prices.is_ready(), reason="not ready")
def test_nothing_costs_nothing():
    assert prices.total([]) == 0

@pytest.mark.skip
def test_later():
    pass
"""


@pytest.mark.parametrize(("ready", "expected"), [("False", {"suite-skipped"}), ("not total([])", set())])
def test_what_passed_may_not_be_skipped(tmp_path, ready, expected):
    files = {"shop/prices.py": READY.format("0", "True"), "tests/test_old.py": ONCE_READY}
    project = made(tmp_path / "shop", files)
    frozen = project.frozen(NEW)
    project.write({"shop/prices.py": READY.format("sum(items)", ready)})

    assert rules(project, frozen) == expected


def test_a_product_that_ends_the_run_is_no_green(shop, frozen):
    shop.write({"shop/prices.py": "import os\n\ndef total(items):\n    os._exit(0)\n"})

    with pytest.raises(ExperimentError, match="not-witnessed"):
        rules(shop, frozen)


def test_a_compiled_module_planted_where_git_does_not_look_has_no_say(shop, frozen):
    shop.write({"shop/__pycache__/prices.cpython-311.pyc": "planted"})

    assert rules(shop, frozen) == {"not-green"}


def test_a_test_that_leads_elsewhere_is_refused(shop, frozen):
    (shop.root / NEW).rename(shop.root / "elsewhere.py")
    (shop.root / NEW).symlink_to("../elsewhere.py")

    assert rules(shop, frozen) == {"link"}


BESIDE = {
    "a module": (
        "from wanted import SUM",
        "wanted.py",
        "SUM = {}\n",
        "assert total([3]) == SUM",
        "test-edited",
    ),
    "a file": (
        "SUM = lambda: int(open('tests/wanted.txt').read())",
        "wanted.txt",
        "{}\n",
        "assert total([3]) == SUM()",
        "test-edited",
    ),
    "a module that was not reached": (
        "",
        "wanted.py",
        "SUM = {}\n",
        "got = total([4])\n    assert got\n    from wanted import SUM\n    assert got == SUM",
        "unfrozen-loaded",
    ),
}


@pytest.mark.parametrize("beside", BESIDE)
def test_what_a_frozen_test_loads_beside_it_is_as_it_was(tmp_path, beside):
    before, name, holds, asks, rule = BESIDE[beside]
    red = f"from shop.prices import total\n{before}\n\ndef test():\n    {asks}\n"
    project = made(tmp_path / "shop", {NEW: red, f"tests/{name}": holds.format(3)})
    frozen = project.frozen(NEW)
    project.write(
        {f"tests/{name}": holds.format(1), "shop/prices.py": "def total(items):\n    return len(items)\n"}
    )

    assert rules(project, frozen) == {rule}


def test_a_commit_is_judged_and_not_what_lies_about(shop, frozen):
    shop.write(HONEST)
    shop.commit()
    shop.write({"shop/prices.py": PRICES})

    assert shop.judge.green(frozen, "HEAD").accepted
    assert not shop.judge.green(frozen).accepted


def test_a_hook_planted_in_the_repository_is_never_run(shop, frozen):
    for name in ("post-checkout", "reference-transaction"):
        hook = shop.root / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\ntouch ../ran\ntouch ran\n")
        hook.chmod(0o755)
    shop.git("config", "core.fsmonitor", f"touch {shop.root}/ran; true")
    rules(shop, frozen)

    assert not list(shop.root.parent.rglob("ran"))


def test_a_red_set_survives_its_file(tmp_path, frozen):
    path = tmp_path / "red.json"
    path.write_text(frozen.text)

    assert load(path) == frozen
    assert load(path).digest == frozen.digest != replace(frozen, base="other").digest


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"schema": "ripstop-red/1"}', '{"schema": "other"}'])
def test_what_is_no_red_set_is_told(tmp_path, text):
    path = Path(tmp_path / "red.json")
    if text is not None:
        path.write_text(text)

    with pytest.raises(UsageError, match=r"no-red-set|bad-red-set"):
        load(path)
