"""Checks: what one assertion asks, taken apart into the smallest parts that can hold or fail."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ripstop.integrity.guard.canonical import literal
from ripstop.integrity.guard.terms import Scope, Term
from ripstop.model.weakening import Spot

NEGATED = {
    "==": "!=", "!=": "==", "in": "not in", "not in": "in", "is": "is not", "is not": "is",
    "<": ">=", ">=": "<", ">": "<=", "<=": ">", "true": "false", "false": "true",
    "has": "has not", "has not": "has", "isinstance": "not isinstance", "not isinstance": "isinstance",
}  # fmt: skip
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!=", "is": "is", "is not": "is not"}
OPS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_MATCHING = {"match": "match", "search": "search", "fullmatch": "fullmatch"}


@dataclass(frozen=True, slots=True)
class Check:
    """``subject op value``, with the conditions it stands under.

    ``op`` is a comparison; ``true`` and ``false``; ``has`` (subject contains value); ``isinstance``;
    ``match`` and its kin; ``raises`` and ``warns`` (subject is what is run, value the class); ``mock``
    (``detail`` is the method); ``any`` (one of ``options``); ``call`` (an assertion known by its name only).
    """

    op: str
    subject: Term
    value: Term | None
    spot: Spot
    guards: frozenset[str] = frozenset()
    width: tuple[float, float] | None = None
    """A tolerance, relative and absolute, of an ``==``."""
    detail: str = ""
    options: tuple[tuple[Check, ...], ...] = ()
    turn: str = ""
    """Which turn of an unrolled loop or which case this is of."""
    era: int = 0
    """How many statements that may change something came before it in its body."""
    repeats: bool = False
    """Whether it stands in a loop that is not unrolled, so that it stands for many."""

    @property
    def key(self) -> tuple[object, ...]:
        value = self.value.deep if self.value else ""
        options = tuple(tuple(c.key for c in option) for option in self.options)
        return (self.op, self.subject.deep, value, self.width, self.detail, options, self.guards)


def conditions(node: ast.expr, scope: Scope, spot: Spot) -> Iterator[Check]:
    """The checks that an asserted expression makes; none for what cannot fail."""
    yield from (check for check in _asserted(_expanded(node, scope), scope, spot, True) if not _hollow(check))


def _expanded(node: ast.expr, scope: Scope) -> ast.expr:
    """A call of a helper that returns a condition, as that condition."""
    match node:
        case ast.Await(value=inner):
            return _expanded(inner, scope)
        case ast.Call() if scope.calls and (inner_ := scope.calls(node, scope)) is not None:
            return inner_
    return node


def _asserted(node: ast.expr, scope: Scope, spot: Spot, wanted: bool) -> Iterator[Check]:
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            yield from _asserted(inner, scope, spot, not wanted)
        case ast.BoolOp(op=op, values=parts) if isinstance(op, ast.And) == wanted:
            for part in parts:
                yield from _asserted(_expanded(part, scope), scope, spot, wanted)
        case ast.BoolOp(values=parts):
            options = tuple(tuple(_asserted(part, scope, spot, wanted)) for part in parts)
            joined = _same_subject(options)
            yield joined or Check("any", scope.term(node), None, spot, options=options)
        case ast.Compare():
            yield from _compared(node, scope, spot, wanted)
        case ast.Tuple(elts=[_, *_]):
            yield Check("true", scope.term(ast.Constant(True)), None, spot)
        case ast.Call():
            yield _called(node, scope, spot, wanted)
        case _:
            yield Check("true" if wanted else "false", scope.term(node), None, spot)


def _same_subject(options: Sequence[tuple[Check, ...]]) -> Check | None:
    """``x == 1 or x == 2`` as ``x in {1, 2}``."""
    firsts = [option[0] for option in options if len(option) == 1]
    if len(firsts) != len(options) or any(
        c.op != "==" or not c.value or not c.value.constant for c in firsts
    ):
        return None
    if len({check.subject.deep for check in firsts}) > 1:
        return None
    nodes: list[ast.expr] = [check.value.node for check in firsts if check.value]
    value = Scope({}, {}).term(ast.Set(nodes))
    return replace(firsts[0], op="in", value=value)


def _compared(node: ast.Compare, scope: Scope, spot: Spot, wanted: bool) -> Iterator[Check]:
    left = node.left
    if len(node.ops) > 1 and not wanted:
        yield Check("false", scope.term(node), None, spot)
        return
    for op, right in zip(node.ops, node.comparators, strict=True):
        yield from compared(OPS[type(op)], left, right, scope, spot, wanted)
        left = right


def compared(
    op: str, left: ast.expr, right: ast.expr, scope: Scope, spot: Spot, wanted: bool = True
) -> Iterator[Check]:
    """One comparison: the written-out side as value, tuples part by part, approximations with width."""
    op = op if wanted else NEGATED[op]
    if (
        op == "=="
        and isinstance(left, ast.Tuple)
        and isinstance(right, ast.Tuple)
        and len(left.elts) == len(right.elts)
    ):
        for one, other in zip(left.elts, right.elts, strict=True):
            yield from compared("==", one, other, scope, spot)
        return
    if (near := _near(op, left, right)) is not None:
        subject, value, width = near
        yield Check("==", scope.term(subject), scope.term(value), spot, width=width)
        return
    first, second = scope.term(left), scope.term(right)
    if op in ("in", "not in"):
        yield _contained(op, first, second, spot)
    elif op in _TURNED and first.constant and not second.constant:
        yield _plain(_TURNED[op], second, first, spot)
    else:
        yield _plain(op, first, second, spot)


def _contained(op: str, first: Term, second: Term, spot: Spot) -> Check:
    if first.constant and not second.constant:
        return Check("has" if op == "in" else "has not", second, first, spot)
    return Check(op, first, second, spot)


def _plain(op: str, subject: Term, value: Term, spot: Spot) -> Check:
    """A comparison of what mocks counted as their assertion, of booleans as truth, of None by ``is``."""
    node = subject.node
    if isinstance(node, ast.Attribute) and node.attr in ("call_count", "await_count") and op == "==":
        methods = {"1": "assert_called_once", "0": "assert_not_called"}
        if value.deep in methods:
            return Check("mock", _owner(subject, node), None, spot, detail=methods[value.deep])
    if op in ("is", "is not") and subject.deep.startswith("type("):
        op = {"is": "==", "is not": "!="}[op]
    if op in ("==", "!=") and value.deep == "None":
        op = {"==": "is", "!=": "is not"}[op]
    return Check(op, subject, value, spot)


def _owner(term: Term, node: ast.Attribute) -> Term:
    cut = len(node.attr) + 1
    return replace(
        term,
        node=node.value,
        deep=term.deep[:-cut],
        shallow=term.shallow[:-cut],
        loose=frozenset(text[:-cut] for text in term.loose),
        tail=term.tail[:-cut],
    )


def _called(node: ast.Call, scope: Scope, spot: Spot, wanted: bool) -> Check:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    owner = (
        node.func.value.id
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
        else ""
    )
    match node.args:
        case [subject, kind] if name == "isinstance":
            return Check(
                "isinstance" if wanted else "not isinstance", scope.term(subject), scope.term(kind), spot
            )
        case [pattern, subject, *_] if name in _MATCHING and owner in ("re", "regex") and wanted:
            return Check(name, scope.term(subject), scope.term(pattern), spot)
        case [left, right, *_] if name == "isclose" and wanted:
            width = (number(node, "rel_tol", 1e-9), number(node, "abs_tol", 0.0))
            return turned(Check("==", scope.term(left), scope.term(right), spot, width=width))
        case [ast.GeneratorExp(elt=asked, generators=[one])] if name == "all" and wanted and not one.ifs:
            inner = _each(scope, one)
            return next(_asserted(asked, inner, spot, True))
    return Check("true" if wanted else "false", scope.term(node), None, spot)


def _each(scope: Scope, one: ast.comprehension) -> Scope:
    inner = replace(scope, values=dict(scope.values), locals=set(scope.locals))
    if isinstance(one.target, ast.Name):
        inner.give(one.target.id, ast.Call(ast.Name("each", ast.Load()), [one.iter], []))
    return inner


def turned(check: Check) -> Check:
    """An equality with its written-out side as value."""
    if check.value and check.subject.constant and not check.value.constant:
        return replace(check, subject=check.value, value=check.subject)
    return check


def number(call: ast.Call, name: str, default: float) -> float:
    """A keyword's number; not a number where it is computed."""
    for word in call.keywords:
        if word.arg == name:
            return numeric(word.value)
    return default


def numeric(node: ast.expr) -> float:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return float("nan")
    return float(value) if isinstance(value, int | float) else float("nan")


def _near(op: str, left: ast.expr, right: ast.expr) -> tuple[ast.expr, ast.expr, tuple[float, float]] | None:
    """``a == approx(b)`` and ``abs(a - b) < c``: subject, value, and how far apart they may be."""
    if op == "==":
        for one, other in ((left, right), (right, left)):
            if width := approximate(one):
                return other, one.args[0], width  # type: ignore[attr-defined]
    match left:
        case ast.Call(func=ast.Name(id="abs"), args=[ast.BinOp(left=a, op=ast.Sub(), right=b)]) if op in (
            "<",
            "<=",
        ):
            subject, value = (b, a) if literal(a) else (a, b)
            return subject, value, (0.0, numeric(right))
    return None


def approximate(node: ast.expr) -> tuple[float, float] | None:
    """The tolerances of a call of pytest's ``approx``: relative 1e-6 and absolute 1e-12 unless given."""
    match node:
        case ast.Call(func=ast.Name(id="approx") | ast.Attribute(attr="approx"), args=[_, *rest]):
            given = {word.arg for word in node.keywords} | ({"rel"} if rest else set())
            rel = numeric(rest[0]) if rest else number(node, "rel", 0.0 if "abs" in given else 1e-6)
            return rel, number(node, "abs", 1e-12)
    return None


def _hollow(check: Check) -> bool:
    """What holds whatever the code does: a constant, or both sides the same."""
    if check.op == "any":
        return any(not option or all(map(_hollow, option)) for option in check.options)
    if check.op == "true":
        return check.subject.constant and check.subject.deep not in ("False", "0", "None", "''")
    if check.op in ("==", "is", "<=", ">=") and check.value:
        return check.subject.deep == check.value.deep and not check.subject.deep.startswith("next(")
    return check.op in ("match", "search") and bool(check.value) and check.value.deep in ("''", "'.*'")  # type: ignore[union-attr]
