"""Code that knows its tests: an answer made up for their very values, or a look at whether it is tested.

Told by syntax, in changed files only, and only where it did not stand there before: a condition that compares
with a value that a frozen test passes in, and gives back a value that it expects. What asks for a test runner
is told in `ripstop.integrity.aware`.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ripstop.integrity.aware import Names, aware, own_names

_PLAIN = (None, True, False, 0, 1, -1, "", (), b"", Ellipsis)


@dataclass(frozen=True, slots=True)
class _Known:
    """What there is to know of tests: values ``given`` to calls and ``expected`` of them, ``names``."""

    given: frozenset[str]
    expected: frozenset[str]
    names: Names


def special_cases(
    changed: Mapping[str, str], tests: Mapping[str, str], before: Iterable[str] = ()
) -> Iterator[tuple[str, str]]:
    """Each place (``path:line``) in some files' texts that knows some tests, and what it knows.

    ``tests`` are texts by path; ``before`` the texts that changed files had.
    """
    known = _Known(*_values(tests.values()), own_names(tests))
    stood = Counter(said for text in before for _, said in _found(text, known))
    for path, text in changed.items():
        for line, said in _found(text, known):
            if stood[said]:
                stood[said] -= 1
            else:
                yield f"{path}:{line}", said


def _found(text: str, known: _Known) -> list[tuple[int, str]]:
    """What a text knows, each line's once, in the order of the lines."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return []
    return sorted({*aware(tree, known.names), *_answering(tree, known)})


def _answering(tree: ast.AST, known: _Known) -> Iterator[tuple[int, str]]:
    """Compares with what a test gives, and answers what it expects."""
    within: set[ast.AST] = set()
    for node in ast.walk(tree):
        if node in within:
            continue
        for asking, answering in _branches(node):
            asked = _keys(asking) & known.given
            told = _keys(answering) & known.expected
            if asked and told:
                within |= set(ast.walk(node)) if isinstance(node, ast.expr) else set()
                yield (
                    getattr(node, "lineno", 0),
                    f"answers {min(told)} where it is given {min(asked)}, as a test has it",
                )


def _branches(node: ast.AST) -> Iterator[tuple[list[ast.AST], list[ast.AST]]]:
    """What is asked and what is answered then, for each way a piece of code can choose."""
    match node:
        case ast.If(test=test, body=body):
            yield [test], [one for part in body for one in _results(part)]
        case ast.IfExp(test=test, body=body):
            yield [test], [body]
        case ast.Match(cases=cases):
            for one in cases:
                asking = [_as_value(one.pattern), *([one.guard] if one.guard else [])]
                yield asking, [result for part in one.body for result in _results(part)]
        case ast.BoolOp() | ast.BinOp(op=ast.Mult()) | ast.Subscript():
            comparing = [one for one in ast.walk(node) if isinstance(one, ast.Compare)]
            apart = {part for one in comparing for part in ast.walk(one)}
            yield [*comparing], [one for one in ast.walk(node) if one not in apart] if comparing else []
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                yield [key] if key else [], [value]


def _as_value(pattern: ast.AST) -> ast.AST:
    """A pattern of a match statement as the values it matches, as far as it names any."""
    match pattern:
        case ast.MatchValue(value=value):
            return value
        case ast.MatchSingleton(value=value):
            return ast.Constant(value)
        case ast.MatchSequence(patterns=patterns):
            return ast.List([_as_expression(one) for one in patterns], ast.Load())
        case ast.MatchMapping(keys=keys, patterns=patterns):
            return ast.Dict(list(keys), [_as_expression(one) for one in patterns])
        case ast.MatchOr(patterns=patterns):
            return ast.Set([_as_expression(one) for one in patterns])
        case ast.MatchAs(pattern=ast.AST() as inner):
            return _as_value(inner)
    return ast.Name("_", ast.Load())


def _as_expression(pattern: ast.AST) -> ast.expr:
    found = _as_value(pattern)
    return found if isinstance(found, ast.expr) else ast.Name("_", ast.Load())


def _results(node: ast.AST) -> Iterator[ast.AST]:
    """What a branch gives back, or keeps."""
    for one in ast.walk(node):
        if isinstance(one, ast.Return | ast.Assign) and one.value is not None:
            yield one.value


def _keys(nodes: Iterable[ast.AST]) -> set[str]:
    """Every value in some code, by name."""
    return {_key(one) for node in nodes for one in ast.walk(node)} - {""}


def _values(tests: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """What tests give to calls, and what they expect in assertions, both without what is in any program."""
    given: set[str] = set()
    expected: set[str] = set()
    for text in tests:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Compare):
                expected |= _keys(node.comparators)
            elif isinstance(node, ast.Call):
                given |= _keys([*node.args, *(word.value for word in node.keywords)])
    return frozenset(given), frozenset(expected)


def _key(node: ast.AST) -> str:
    """A value's name, empty for what is no value or too plain to know a test by."""
    if isinstance(node, ast.Constant):
        short = isinstance(node.value, str) and len(node.value) < 2
        return "" if short or node.value in _PLAIN else repr(node.value)
    if isinstance(node, ast.List | ast.Tuple | ast.Dict | ast.Set) and not any(
        isinstance(one, ast.Name | ast.Call) for one in ast.walk(node)
    ):
        return ast.unparse(node) if len(list(ast.iter_child_nodes(node))) > 1 else ""
    return ""
