"""The house rules, as tests. Each rule names its offenders, and is seen to catch a planted one."""

import ast
import functools
import re
import statistics
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "ripstop"
MAY_IMPORT_ANYTHING = ("cli", "pytest_plugin")


@dataclass(frozen=True)
class Source:
    """One Python file: its name as people write it, its dotted module name, text and tree."""

    name: str
    module: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return parsed(self.text)

    @property
    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


parsed = functools.cache(ast.parse)


@functools.cache
def sources(folder: Path) -> list[Source]:
    found = []
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        module = ".".join(parts).removesuffix(".__init__")
        found.append(Source(str(path.relative_to(ROOT)), module, path.read_text()))
    return found


# Rules: sources in, offenders out.


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def long_functions(files: list[Source]) -> list[str]:
    return [f"{s.name}:{f.lineno} {f.name}" for s in files for f in s.functions if length(f) > 70]


def long_files(files: list[Source]) -> list[str]:
    return [s.name for s in files if len(s.text.splitlines()) > 500]


def undocumented_files(files: list[Source]) -> list[str]:
    return [s.name for s in files if not ast.get_docstring(s.tree)]


def unannotated_functions(files: list[Source]) -> list[str]:
    def bare(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        a = function.args
        named = [*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))]
        missing = [x for x in named if x.annotation is None and x.arg not in ("self", "cls")]
        return bool(missing) or (function.returns is None and function.name != "__init__")

    return [f"{s.name}:{f.lineno} {f.name}" for s in files for f in s.functions if bare(f)]


def imports(source: Source) -> set[str]:
    """Dotted names a file imports anywhere, function bodies included, TYPE_CHECKING blocks left out."""
    blocks = [
        n for n in ast.walk(source.tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test)
    ]
    only_types = {inner.lineno for b in blocks for inner in ast.walk(b) if isinstance(inner, ast.stmt)}
    found: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import) and node.lineno not in only_types:
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and node.lineno not in only_types:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def import_cycles(files: list[Source]) -> list[str]:
    """Modules that reach themselves by imports. A package's own file only gathers names: left out."""
    packages = {s.module.rpartition(".")[0] for s in files}
    files = [s for s in files if s.module not in packages]
    known = {s.module for s in files}
    graph = {s.module: (imports(s) & known) - {s.module} for s in files}

    def reach(start: str) -> set[str]:
        seen: set[str] = set()
        queue = list(graph[start])
        while queue:
            module = queue.pop()
            if module not in seen:
                seen.add(module)
                queue += graph[module]
        return seen

    return sorted(module for module in graph if module in reach(module))


def root_importers(files: list[Source]) -> list[str]:
    """Files in rooms that import the package root, rather than a module below it."""
    below = {s.module for s in files}
    packages = {m.rpartition(".")[0] for m in below}

    def from_root(source: Source) -> bool:
        names = {n for n in imports(source) if n.startswith("ripstop.") and n.count(".") == 1}
        return "ripstop" in imports(source) and not (names and names <= below | packages)

    rooms = [s for s in files if "." in s.module and s.module.split(".")[1] not in MAY_IMPORT_ANYTHING]
    return [s.name for s in rooms if from_root(s)]


def skip_marks(files: list[Source]) -> list[str]:
    banned = {"skip", "skipif", "importorskip", "xfail", "skipIf", "skipUnless", "expectedFailure"}
    return [
        f"{s.name}:{node.lineno} {node.attr}"
        for s in files
        for node in ast.walk(s.tree)
        if isinstance(node, ast.Attribute)
        and node.attr in banned
        and _owner(node) in ("mark", "pytest", "unittest")
    ]


def _owner(node: ast.Attribute) -> str:
    return node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")


CODE_RULES: dict[Callable[[list[Source]], list[str]], str] = {
    long_functions: "def f() -> None:\n" + "    pass\n" * 70,
    long_files: "x = 1\n" * 501,
    undocumented_files: "x = 1\n",
    unannotated_functions: "def f(x, *, y: int) -> None: ...\n",
    import_cycles: "def f() -> None:\n    import ripstop.other\n",
    root_importers: "from ripstop import Double\n",
}


@pytest.mark.parametrize("rule", CODE_RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps_the_rule(rule):
    assert rule(sources(PACKAGE)) == []


@pytest.mark.parametrize(("rule", "bad"), CODE_RULES.items(), ids=lambda x: getattr(x, "__name__", ""))
def test_the_rule_catches_a_planted_offender(rule, bad):
    planted = Source("planted.py", "ripstop.planted.room", bad)
    other = Source("other.py", "ripstop.other", '"""Other."""\nfrom ripstop.planted.room import f\n')
    home = Source("home.py", "ripstop", '"""Home."""\n')

    assert any("planted" in offender for offender in rule([planted, other, home]))


def test_the_figures_of_the_package_stay_within_the_house_style():
    files = sources(PACKAGE)
    spans = sorted(length(f) for s in files for f in s.functions)

    assert statistics.median(spans) <= 8
    assert spans[int(0.95 * len(spans))] <= 45
    assert statistics.median(len(s.text.splitlines()) for s in files) <= 150


def test_tests_are_never_skipped_nor_expected_to_fail():
    marks = skip_marks(sources(ROOT / "tests") + sources(ROOT / "examples"))

    # Only of a coding agent's own tool, which no registry has for every platform.
    assert [mark for mark in marks if not mark.startswith("tests/agents/installed.py:")] == []


@pytest.mark.parametrize("line", ["@pytest.mark.skip\ndef test(): ...", "pytest.importorskip('x')"])
def test_a_planted_skip_is_caught(line):
    assert skip_marks([Source("planted.py", "tests.planted", line)])


def test_examples_say_what_lives_in_each_file():
    assert undocumented_files(sources(ROOT / "examples")) == []


def test_the_public_door_stays_narrow():
    door = ast.parse((PACKAGE / "__init__.py").read_text())
    exported = [
        ast.literal_eval(node.value)
        for node in door.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
    ]
    assert len(exported) == 1
    assert 1 <= len(exported[0]) <= 12


# Rooms: the folders, the table in ARCHITECTURE.md and the contracts say the same.


def rooms_on_disk() -> set[str]:
    entries = (p for p in PACKAGE.iterdir() if not p.name.startswith(("_", ".")))
    return {p.stem for p in entries if p.suffix == ".py" or (p.is_dir() and any(p.glob("*.py")))}


def rooms_in_table() -> dict[str, set[str] | None]:
    """Each room's allowed imports by ARCHITECTURE.md; None for anything."""
    rows = re.findall(
        r"^\| `(\w+)` \|[^|]*\|([^|]*)\|$", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE
    )
    return {room: None if "anything" in may else set(re.findall(r"`(\w+)`", may)) for room, may in rows}


def contracts() -> dict[str, set[str]]:
    """Each room's forbidden rooms by pyproject.toml."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return {
        c["id"]: {m.removeprefix("ripstop.") for m in c["forbidden_modules"]}
        for c in settings
        if c["source_modules"] == [f"ripstop.{c['id']}"]
    }


def test_every_room_has_a_row_in_the_table_and_a_contract():
    assert set(rooms_in_table()) == rooms_on_disk()
    assert set(contracts()) == rooms_on_disk()


@pytest.mark.parametrize("room", sorted(rooms_on_disk()))
def test_the_contract_forbids_exactly_what_the_table_does_not_allow(room):
    rooms = set(rooms_in_table())
    may = rooms_in_table()[room]
    always = {room, "errors"} if room in ("errors", "model") else {room, "errors", "model"}

    allowed = rooms - set(MAY_IMPORT_ANYTHING) | {room} if may is None else always | may
    assert contracts()[room] == rooms - allowed


# Files: everything under version control.


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


HOSTS = (
    "pypi" + ".org",
    "python" + "hosted",
    "npm" + "js",
    "docker" + ".io",
    "artifact" + "ory",
    "pypi" + "/simple",
)
OURS = re.compile(r"(?<![\w.])/(work|root|tmp/" + r"venv)(?=[/\s\"'`]|$)|file:/" + "//opt", re.MULTILINE)


def traces_of_a_machine(text: str) -> list[str]:
    """Registry hosts and one machine's paths in a text."""
    hosts = [host for host in HOSTS if host in text]
    return hosts + [found.group() for found in OURS.finditer(text)]


def test_no_tracked_file_names_a_registry_or_a_path_of_one_machine():
    texts = {path: path.read_text(errors="ignore") for path in tracked() if path != Path(__file__)}

    assert {str(p): found for p, text in texts.items() if (found := traces_of_a_machine(text))} == {}


@pytest.mark.parametrize("text", ["https://pypi" + ".org/simple", "see /wo" + "rk/main/x", "cd /ro" + "ot/x"])
def test_a_planted_trace_of_a_machine_is_caught(text):
    assert traces_of_a_machine(text)


def test_pins_are_names_versions_and_hashes_only():
    pin = re.compile(r"[a-z0-9-]+==[\w.+!]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    lines = (ROOT / "constraints.txt").read_text().splitlines()

    assert [line for line in lines if not pin.fullmatch(line)] == []


def test_every_fault_and_every_oracle_has_a_test_file_of_its_name():
    faults = [s for s in sources(PACKAGE / "faults") if "name: ClassVar[str] =" in s.text]
    oracles = [s for s in sources(PACKAGE / "oracles") if re.search(r"^RULE = ", s.text, re.MULTILINE)]
    named = [(s.module.split(".")[0], s.module.split(".")[-1]) for s in faults + oracles]

    missing = [
        f"{room}/{name}" for room, name in named if not (ROOT / "tests" / room / f"test_{name}.py").exists()
    ]
    assert faults
    assert oracles
    assert missing == []


@pytest.mark.parametrize(("name", "most"), [("AGENTS.md", 59), ("ARCHITECTURE.md", 80)])
def test_the_pages_everyone_reads_stay_short(name, most):
    assert len((ROOT / name).read_text().splitlines()) <= most


def test_every_runtime_dependency_has_its_reason():
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    decision = (ROOT / "docs" / "decisions" / "0001-runtime-dependencies.md").read_text()

    assert set(re.findall(r"^\| ([a-z0-9-]+) \|", decision, re.MULTILINE)) - {"dependency"} == {
        re.split(r"[<>=~\[]", line)[0] for line in needed
    }
