"""A pytest plugin (``-p ripstop.suite.witness``) that tells of a session what a verdict on it needs.

A JSON line each, in the order in which they are known (``ripstop.integrity.witnessed`` reads them):

    {"kind": "session", "plugins": [...], "machinery": {"pytest": "" | path in the project}}
    {"kind": "collected", "nodeid": ..., "file": ...}         {"kind": "deselected", "nodeid": ...}
    {"kind": "not-collected", "nodeid": ..., "error": "SyntaxError", "said": ...}
    {"kind": "phase", "nodeid": ..., "when": "setup", "outcome": "passed", "xfail": false,
     "error": {...} | null, "product": true, "socket": false, "requests": 2, "status": 404 | null,
     "within": false}
    {"kind": "end", "status": 1, "files": [...], "elsewhere": [...], "tampered": [...]}

An error has its ``types`` (its class and those it comes from), what it ``said``, and the ``frames`` of its
traceback as file, line and function, outermost first. ``within``: it tells of a part of the call, a subtest.
Each line has a ``seal`` besides. Files are relative to the folder of the project: at the end, all modules',
and what was read of the tests'.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ripstop.model.trace import Phase
from ripstop.suite.judges import Judges
from ripstop.suite.seal import sealed
from ripstop.suite.touching import Touch, is_about_tests

NAME = __name__
_SAID_CHARS = 500
_INSTALLED = frozenset({"site-packages", "node_modules", ".venv", "venv"})
_MACHINERY = ("pytest", "_pytest", "pluggy", "ripstop", "unittest")
_WITNESS = pytest.StashKey["Witness"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ripstop")
    group.addoption(
        "--ripstop-witness", metavar="PATH", help="append a JSON line for each event to this file"
    )
    group.addoption(
        "--ripstop-seal", metavar="PATH", help="seal each with the key in this file, and take it away"
    )
    group.addoption("--ripstop-home", metavar="PATH", help="where the project was checked out from")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before any conftest, and so before any code of the project: see what judges as it is."""
    given = early_config.known_args_namespace
    if given.ripstop_witness:
        root = early_config.invocation_params.dir
        path, home, key = Path(given.ripstop_witness), given.ripstop_home or "", _taken(given.ripstop_seal)
        early_config.stash[_WITNESS] = Witness(path, root, home, key, early_config.pluginmanager)


def pytest_configure(config: pytest.Config) -> None:
    witness = config.stash.get(_WITNESS, None)
    if witness:
        config.pluginmanager.register(witness, "ripstop-witness")


class Witness:
    """Writes to ``path`` what happens to tests of the project in ``root``, checked out from ``home``."""

    def __init__(
        self, path: Path, root: Path, home: str, key: str, manager: pytest.PytestPluginManager
    ) -> None:
        self._path = path
        self._root = root
        self._home = home
        self._key = key
        self._seal = ""
        self._touch = Touch(self._is_product, self._is_beside_tests)
        self._test_files: set[str] = set()
        self._calling = False
        self._judges = Judges(manager, self._is_product)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._touch.listen()
        self._judges.settle()
        machinery = {name: self._inside(sys.modules.get(name)) for name in _MACHINERY}
        self._tell(kind="session", plugins=sorted(set(self._plugins(session.config))), machinery=machinery)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            said = str(getattr(report, "longreprtext", ""))
            self._tell(
                kind="not-collected", nodeid=report.nodeid, error=_named(said), said=said[-_SAID_CHARS:]
            )

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._test_files = {str(item.path) for item in session.items}
        for item in session.items:
            self._tell(kind="collected", nodeid=item.nodeid, file=self._relative(str(item.path)))

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        for item in items:
            self._tell(kind="deselected", nodeid=item.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        self._calling = True
        try:
            with self._touch.watched():
                return (yield)
        finally:
            self._calling = False
            self._judges.look()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        requests, status = _asked(item)
        self._tell(
            kind="phase",
            nodeid=item.nodeid,
            when=call.when,
            outcome=report.outcome,
            within=self._calling,
            xfail=hasattr(report, "wasxfail"),
            error=self._error(call) if call.excinfo and not report.passed else None,
            product=self._touch.product,
            socket=self._touch.socket,
            requests=requests,
            status=status,
        )
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        loaded = sorted({str(file) for module in list(sys.modules.values()) if (file := _file(module))})
        files = {self._relative(one) for one in loaded if Path(one).is_relative_to(self._root)}
        self._judges.look()
        self._tell(
            kind="end",
            status=int(exitstatus),
            files=sorted(files | {self._relative(one) for one in self._touch.read}),
            elsewhere=[one for one in loaded if self._home and Path(one).is_relative_to(self._home)],
            tampered=sorted(self._judges.changed),
        )

    def _plugins(self, config: pytest.Config) -> Iterator[str]:
        """Every plugin there is: distributions with versions, modules and the project's classes by name."""
        given = [plugin for plugin, _ in config.pluginmanager.list_plugin_distinfo()]
        for plugin, distribution in config.pluginmanager.list_plugin_distinfo():
            yield f"{_name_of(plugin)} ({_versioned(distribution)})"
        for name, plugin in config.pluginmanager.list_name_plugin():
            if isinstance(plugin, ModuleType) and plugin not in given and not name.startswith("_"):
                yield str(plugin.__name__) if not _file(plugin).endswith("conftest.py") else "conftest"
            elif plugin is not None and not isinstance(plugin, ModuleType):
                kind = plugin if isinstance(plugin, type) else type(plugin)
                if self._is_product(_file(sys.modules.get(kind.__module__))):
                    yield f"{kind.__module__}.{kind.__qualname__}"

    def _error(self, call: pytest.CallInfo[None]) -> dict[str, object]:
        assert call.excinfo is not None
        raised = call.excinfo
        frames = [
            {"file": self._relative(str(one.path)), "line": one.lineno + 1, "function": one.name}
            for one in raised.traceback
        ]
        answered = getattr(getattr(raised.value, "response", None), "status_code", None)
        return {
            "types": [f"{kind.__module__}.{kind.__qualname__}" for kind in raised.type.__mro__[:-1]],
            "said": raised.exconly(tryshort=True).strip()[:_SAID_CHARS],
            "frames": frames,
            "status": answered if isinstance(answered, int) else None,
        }

    def _is_product(self, file: str) -> bool:
        """Code of the project that is neither a test nor installed beside it."""
        path = Path(file)
        if not path.is_relative_to(self._root) or file in self._test_files:
            return False
        inside = path.relative_to(self._root)
        return not _INSTALLED.intersection(inside.parts) and not is_about_tests(inside.as_posix())

    def _is_beside_tests(self, file: str) -> bool:
        return file.startswith(f"{self._root}/") and is_about_tests(self._relative(file))

    def _relative(self, file: str) -> str:
        path = Path(file)
        return path.relative_to(self._root).as_posix() if path.is_relative_to(self._root) else file

    def _inside(self, module: ModuleType | None) -> str:
        """Where in the project a module lies, empty where it is installed."""
        file = _file(module)
        inside = bool(file) and Path(str(file)).is_relative_to(self._root)
        return self._relative(str(file)) if inside else ""

    def _tell(self, **line: object) -> None:
        self._seal = sealed(self._key, self._seal, line)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**line, "seal": self._seal}) + "\n")


def _taken(path: str | None) -> str:
    """A key that nobody else is to read."""
    if not path:
        return ""
    key = Path(path).read_text(encoding="ascii")
    Path(path).unlink()
    return key


def _asked(item: pytest.Item) -> tuple[int, int | None]:
    """How many requests the ``service`` fixture sent in the call, and the last answer's status."""
    ours = sys.modules.get(
        "ripstop.suite.plugin"
    )  # Imported by whoever uses the fixture, and by nobody else.
    rig = item.config.stash.get(ours.RIG, None) if ours else None
    if rig is None:
        return 0, None
    calls = [one for one in rig.caller.exchanges if one.phase == Phase.CALL.value]
    return len(calls), calls[-1].answer.status if calls else None


def _name_of(plugin: object) -> str:
    return str(getattr(plugin, "__name__", type(plugin).__name__))


def _versioned(distribution: Any) -> str:
    return f"{distribution.metadata['name']} {distribution.version}"


def _file(module: object) -> str:
    file = getattr(module, "__file__", None)
    return file if isinstance(file, str) else ""


def _named(said: str) -> str:
    """The class of the error that a collection report ends with."""
    lines = [line.removeprefix("E").strip() for line in said.splitlines() if line.startswith("E ")]
    words = [line.partition(":")[0] for line in lines if line.partition(":")[0].isidentifier()]
    return words[-1] if words else "Error"
