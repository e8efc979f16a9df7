"""Code that knows its tests: an answer made up for their very values, or a look at whether it is tested.

Told by syntax, in changed files only: a condition that compares with a value that a frozen test passes in,
and gives back a value that it expects; or a mention of what is only there under a test runner.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

_PLAIN = (None, True, False, 0, 1, -1, "", (), b"", Ellipsis)
_RUNNERS = ("PYTEST_CURRENT_TEST", "PYTEST_VERSION")
_ASKED = frozenset({"pytest", "_pytest", "unittest", "ripstop"})


def special_cases(changed: Mapping[str, str], tests: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each place (``path:line``) in some files' texts that knows some tests' texts, and what it knows."""
    given, expected = _values(tests)
    for path, text in changed.items():
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        for line, said in (*_aware(tree), *_answering(tree, given, expected)):
            yield f"{path}:{line}", said


def _aware(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Looks at whether a test is running."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if text in _RUNNERS:
                yield node.lineno, f"asks for {text}"
            case ast.Compare(left=ast.Constant(value=str(name)), comparators=[ast.Attribute(attr="modules")]):
                if name in _ASKED:
                    yield node.lineno, f"asks whether {name} is loaded"
            case ast.Import(names=names) if any(
                one.name.split(".")[0] in _ASKED - {"ripstop"} for one in names
            ):
                yield node.lineno, "imports a test runner"
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in _ASKED - {"ripstop"}:
                yield node.lineno, "imports a test runner"


def _answering(tree: ast.AST, given: set[str], expected: set[str]) -> Iterator[tuple[int, str]]:
    """Compares with what a test gives, and answers what it expects."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.IfExp):
            asked = {_key(one) for one in ast.walk(node.test)} & given
            body = [node.body] if isinstance(node, ast.IfExp) else node.body
            told = {_key(one) for part in body for one in _results(part)} & expected
            if asked and told:
                yield node.lineno, f"answers {min(told)} where it is given {min(asked)}, as a test has it"
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            if any(
                key is not None and _key(key) in given and _key(value) in expected for key, value in pairs
            ):
                yield node.lineno, "lists what a test gives beside what it expects"


def _results(node: ast.AST) -> Iterator[ast.AST]:
    """What a branch gives back, or keeps."""
    if isinstance(node, ast.expr):
        yield node
        return
    for one in ast.walk(node):
        if isinstance(one, ast.Return | ast.Assign) and one.value is not None:
            yield from ast.walk(one.value)


def _values(tests: Iterable[str]) -> tuple[set[str], set[str]]:
    """What tests give to calls, and what they expect in assertions, both without what is in any program."""
    given: set[str] = set()
    expected: set[str] = set()
    for text in tests:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Compare):
                expected |= {_key(one) for side in node.comparators for one in ast.walk(side)}
            elif isinstance(node, ast.Call):
                arguments = [*node.args, *(word.value for word in node.keywords)]
                given |= {_key(one) for argument in arguments for one in ast.walk(argument)}
    return given - {""}, expected - {""}


def _key(node: ast.AST) -> str:
    """A value's name, empty for what is no value or too plain to know a test by."""
    if isinstance(node, ast.Constant):
        return (
            ""
            if node.value in _PLAIN or (isinstance(node.value, str) and len(node.value) < 2)
            else repr(node.value)
        )
    if isinstance(node, ast.List | ast.Tuple | ast.Dict | ast.Set) and not any(
        isinstance(one, ast.Name | ast.Call) for one in ast.walk(node)
    ):
        return ast.unparse(node) if list(ast.iter_child_nodes(node))[1:] else ""
    return ""
