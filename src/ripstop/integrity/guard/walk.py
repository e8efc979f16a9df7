"""Reads a test's body: which checks it makes, under which conditions, helpers followed, loops unrolled."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ripstop.integrity.guard import asserting, loops, values
from ripstop.integrity.guard.checks import Check, conditions
from ripstop.integrity.guard.helpers import Helpers, asserts
from ripstop.integrity.guard.modules import Function
from ripstop.integrity.guard.terms import Scope
from ripstop.model.weakening import Spot

_DEEPEST = 4
_MOST_CHECKS = 3_000
_MOST_STEPS = 20_000
"""Statements walked of one body, loops multiplied out."""
_SWALLOWING = ("AssertionError", "Exception", "BaseException")
_MUTATORS = frozenset(
    {"append", "extend", "insert", "update", "add", "pop", "remove", "clear", "setdefault", "sort"}
)


@dataclass(frozen=True, slots=True)
class Skip:
    """A skip or an expected failure that the body itself decides on; no condition means always."""

    kind: str
    condition: str
    spot: Spot


@dataclass(slots=True)
class Body:
    """What was read of a test: its checks in order, its own skips, and whether it does anything at all."""

    checks: list[Check] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    era: int = 0
    steps: int = 0
    forks: set[str] = field(default_factory=set)
    """Conditions of which both sides assert something."""


@dataclass(slots=True)
class _Place:
    """Where the walk is. A copy is made for each block; ``over`` ends the walk of one body."""

    helpers: Helpers
    scope: Scope
    body: Body
    depth: int = 0
    guards: frozenset[str] = frozenset()
    turn: str = ""
    repeats: bool = False
    silent: bool = False
    """Whether a failure here is swallowed."""
    over: bool = False
    nested: dict[str, Function] = field(default_factory=dict)


def read(function: Function, helpers: Helpers, bound: Mapping[str, ast.expr], turn: str = "") -> Body:
    """The checks of a function with some of its arguments bound to values."""
    body = Body()
    place = _Place(helpers, _scope(function, helpers, bound), body, turn=turn)
    _block(function.body, place)
    return body


def _scope(function: Function, helpers: Helpers, bound: Mapping[str, ast.expr]) -> Scope:
    module = helpers.module
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    scope = Scope(
        module.imports,
        helpers.renames,
        helpers.constants,
        calls=helpers.returned,
        equals_all=helpers.equals_all,
        locals={argument.arg for argument in arguments},
    )
    for name, value in bound.items():
        scope.locals.add(name)
        scope.values[name] = value
    return scope


def _block(statements: Sequence[ast.stmt], place: _Place) -> None:
    for statement in statements:
        place.body.steps += 1
        if place.over or len(place.body.checks) > _MOST_CHECKS or place.body.steps > _MOST_STEPS:
            return
        _statement(statement, place)


def _statement(statement: ast.stmt, place: _Place) -> None:
    before = len(place.body.checks)
    _read(statement, place)
    if len(place.body.checks) == before:
        place.body.era += 1


def _read(statement: ast.stmt, place: _Place) -> None:
    match statement:
        case ast.Expr(value=value):
            _expression(value, place)
        case ast.Assert(test=test):
            _inlined(statement.test, place)
            _take(conditions(test, place.scope, _spot(statement, place)), place)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            _assigned(statement, place)
        case ast.Return(value=value):
            _inlined(value, place)
            place.over = True
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            _defined(statement, place)
        case ast.ClassDef(body=body):
            _callbacks(body, place)
        case ast.Raise(exc=raised):
            _raise(statement, raised, place)
        case _:
            _branched(statement, place)


def _branched(statement: ast.stmt, place: _Place) -> None:
    """A statement with a body of its own."""
    match statement:
        case ast.With() | ast.AsyncWith():
            _with(statement, place)
        case ast.For() | ast.AsyncFor():
            _loop(statement, place)
        case ast.While(body=body):
            _block(body, replace(place, repeats=True))
        case ast.If():
            _if(statement, place)
        case ast.Try():
            _try(statement, place)


def _spot(node: ast.stmt | ast.expr, place: _Place) -> Spot:
    shown = ast.unparse(node).partition("\n")[0]
    return Spot(place.helpers.module.path, node.lineno, shown)


def _take(checks: Iterator[Check], place: _Place) -> None:
    if place.silent:
        return
    for check in checks:
        turn = check.turn or place.turn
        guards = check.guards | place.guards
        era = place.body.era
        place.body.checks.append(replace(check, turn=turn, guards=guards, repeats=place.repeats, era=era))


def _expression(value: ast.expr, place: _Place) -> None:
    inner = value.value if isinstance(value, ast.Await) else value
    if not isinstance(inner, ast.Call):
        _inlined(value, place)
        return
    name = asserting.name_of(inner)
    if name in ("skip", "skipTest", "xfail", "importorskip"):
        _skipped(inner, name, place)
    elif name == "fail" and not place.silent:
        _failing(place)
    elif _inlined(inner, place):
        return
    elif (checks := asserting.called(inner, place.scope, _spot(inner, place))) is not None:
        _take(checks, place)
    elif (
        isinstance(inner.func, ast.Attribute) and name in _MUTATORS and isinstance(inner.func.value, ast.Name)
    ):
        place.scope.forget(inner.func.value.id)


def _skipped(call: ast.Call, name: str, place: _Place) -> None:
    kind = "xfail" if name == "xfail" else "skip"
    condition = " and ".join(sorted(place.guards))
    if name == "importorskip":
        condition = ast.unparse(call)
    place.body.skips.append(Skip(kind, condition, _spot(call, place)))
    place.over = place.over or (not condition)


def _failing(place: _Place) -> None:
    """``if wrong: fail()`` asserts that it is not wrong: whoever walks the ``if`` has told it."""
    place.over = True


def _inlined(value: ast.expr | None, place: _Place) -> bool:
    """Walks the asserting helpers that an expression calls; whether the expression was nothing else."""
    if value is None or place.depth >= _DEEPEST:
        return False
    whole = False
    for call in [node for node in ast.walk(value) if isinstance(node, ast.Call)]:
        found = _nested(call, place) or place.helpers.resolve(call)
        if found is None or not asserts(found[0]):
            continue
        _inline(call, found[0], found[1], place)
        whole = whole or call is value
    return whole


def _nested(call: ast.Call, place: _Place) -> tuple[Function, Helpers] | None:
    function = place.nested.get(call.func.id) if isinstance(call.func, ast.Name) else None
    return (function, place.helpers) if function else None


def _inline(call: ast.Call, function: Function, helpers: Helpers, place: _Place) -> None:
    bound = helpers.bound(call, function, place.scope.follow)
    inner = _scope(function, helpers, bound)
    outer_names = place.scope.locals if helpers is place.helpers else set()
    inner.locals |= outer_names
    if helpers is place.helpers and function.name in place.nested:
        inner.values = {**place.scope.values, **inner.values}
    below = replace(
        place, helpers=helpers, scope=inner, depth=place.depth + 1, over=False, nested=dict(place.nested)
    )
    _block(function.body, below)


def _defined(function: Function, place: _Place) -> None:
    place.nested[function.name] = function
    if function.decorator_list or place.helpers.names(function.name):
        _callback(function, place)


def _callbacks(body: Sequence[ast.stmt], place: _Place) -> None:
    for part in body:
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            _callback(part, place)


def _callback(function: Function, place: _Place) -> None:
    """A nested function that asserts and is handed on, not called: its checks count where it stands."""
    if not asserts(function) or place.helpers.called_by_name(function.name):
        return
    inner = replace(place.scope, values=dict(place.scope.values), locals=set(place.scope.locals))
    for argument in function.args.args:
        inner.forget(argument.arg)
    _block(function.body, replace(place, scope=inner, depth=place.depth + 1, over=False, nested={}))


def _assigned(statement: ast.Assign | ast.AnnAssign | ast.AugAssign, place: _Place) -> None:
    value = statement.value
    if value is None:
        return
    _inlined(value, place)
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        if isinstance(statement, ast.AugAssign):
            _forget(target, place)
        else:
            _bind(target, value, place)


def _forget(target: ast.expr, place: _Place) -> None:
    if isinstance(target, ast.Name):
        place.scope.forget(target.id)


def _bind(target: ast.expr, value: ast.expr, place: _Place) -> None:
    match target:
        case ast.Name(id=name):
            place.scope.give(name, value)
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
            place.scope.give(name, value)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            given = (
                value.elts
                if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(parts)
                else None
            )
            for number, part in enumerate(parts):
                item = given[number] if given else ast.Subscript(value, ast.Constant(number), ast.Load())
                _bind(part, item, place)
        case ast.Subscript(value=ast.Name(id=name)):
            place.scope.forget(name)


def _with(statement: ast.With | ast.AsyncWith, place: _Place) -> None:
    inner = replace(place, nested=place.nested)
    for item in statement.items:
        call = item.context_expr
        if isinstance(call, ast.Call):
            _entered(call, statement, inner)
        if item.optional_vars is not None:
            _bind(item.optional_vars, call, inner)
    inner.over = False
    _block(statement.body, inner)
    raising = any(
        isinstance(i.context_expr, ast.Call) and asserting.name_of(i.context_expr) in asserting.RAISING
        for i in statement.items
    )
    place.over = inner.over and not raising


def _entered(call: ast.Call, statement: ast.With | ast.AsyncWith, inner: _Place) -> None:
    name = asserting.name_of(call)
    if name in asserting.RAISING | asserting.WARNING and _is_assertion(call, name):
        check = asserting.raising_block(call, statement.body, inner.scope, _spot(call, inner))
        _take(iter([check]), inner)
    elif name == "suppress" and any(ast.unparse(a) in _SWALLOWING for a in call.args):
        inner.silent = True
    else:
        _inlined(call, inner)


def _is_assertion(call: ast.Call, name: str) -> bool:
    """``raises`` needs a class; a method of that name of something else has none."""
    return bool(call.args or call.keywords) or name == "deprecated_call" or name.startswith("assert")


def _loop(statement: ast.For | ast.AsyncFor, place: _Place) -> None:
    _inlined(statement.iter, place)
    turns = loops.turns(statement.iter, place.scope)
    if turns is None:
        inner = replace(place, repeats=True, over=False)
        each = ast.Call(ast.Name("each", ast.Load()), [statement.iter], [])
        _bind(statement.target, each, inner)
        _block(statement.body, inner)
        return
    for value in turns:
        if place.body.steps > _MOST_STEPS:
            return
        inner = replace(place, over=False, turn=f"{place.turn} {ast.unparse(value)}".strip())
        _bind(statement.target, value, inner)
        _block(statement.body, inner)


def _if(statement: ast.If, place: _Place) -> None:
    constant = _truth_of(statement.test, place)
    if constant is not None:
        _block(statement.body if constant else statement.orelse, place)
        return
    if _fails(statement.body) and not statement.orelse:
        wrong = ast.UnaryOp(ast.Not(), statement.test)
        _take(
            conditions(ast.copy_location(wrong, statement), place.scope, _spot(statement.test, place)), place
        )
        return
    asked = min(place.scope.term(statement.test).loose)
    before = len(place.body.checks)
    then = replace(place, guards=place.guards | {asked}, over=False)
    _block(statement.body, then)
    middle = len(place.body.checks)
    other = replace(place, guards=place.guards | {f"not ({asked})"}, over=False)
    _block(statement.orelse, other)
    if before < middle < len(place.body.checks):
        place.body.forks |= {asked, f"not ({asked})"}
    if then.over and not other.over:
        place.guards |= {f"not ({asked})"}
    place.over = then.over and other.over and bool(statement.orelse)


def _truth_of(test: ast.expr, place: _Place) -> bool | None:
    """Whether a condition always holds, or never; None where that depends."""
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return False
    return values.truth(place.scope.follow(test))


def _fails(body: Sequence[ast.stmt]) -> bool:
    """Whether a block does nothing but fail the test."""
    match body[-1] if body else None:
        case ast.Raise(exc=ast.Call(func=ast.Name(id="AssertionError")) | ast.Name(id="AssertionError")):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="fail") | ast.Name(id="fail"))):
            return True
        case ast.Assert(test=ast.Constant(value=False | 0)):
            return True
    return False


def _raise(statement: ast.Raise, raised: ast.expr | None, place: _Place) -> None:
    if isinstance(raised, ast.Call | ast.Attribute | ast.Name) and "SkipTest" in ast.unparse(raised):
        condition = " and ".join(sorted(place.guards))
        place.body.skips.append(Skip("skip", condition, _spot(statement, place)))
    place.over = True


def _try(statement: ast.Try, place: _Place) -> None:
    failing = _fails(statement.orelse) or _fails(statement.body)
    if failing and statement.handlers:
        _expected_error(statement, place)
        return
    silent = any(_swallows(handler) for handler in statement.handlers)
    inner = replace(place, silent=place.silent or silent)
    _block(statement.body, inner)
    _block(statement.orelse, replace(inner, over=False))
    for handler in statement.handlers:
        caught = ast.unparse(handler.type) if handler.type else "anything"
        _block(handler.body, replace(place, guards=place.guards | {f"except {caught}"}, over=False))
    _block(statement.finalbody, replace(place, over=False))
    place.over = inner.over


def _expected_error(statement: ast.Try, place: _Place) -> None:
    """``try: f() except E: ... else: fail()`` waits for E, as ``raises`` does."""
    body = statement.body[:-1] if _fails(statement.body) and len(statement.body) > 1 else statement.body
    for handler in statement.handlers:
        kind = handler.type or ast.Name("BaseException", ast.Load())
        call = ast.copy_location(ast.Call(ast.Name("raises", ast.Load()), [kind], []), statement)
        spot = Spot(place.helpers.module.path, handler.lineno, f"except {ast.unparse(kind)}")
        _take(iter([asserting.raising_block(call, body, place.scope, spot)]), place)
        inner = replace(place, over=False)
        if handler.name:
            place.scope.give(handler.name, ast.Attribute(call, "value", ast.Load()))
        _block(handler.body, inner)


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a handler takes failed assertions and says nothing of them."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    broad = any(kind is None or ast.unparse(kind) in _SWALLOWING for kind in kinds)
    raises = any(isinstance(node, ast.Raise) for part in handler.body for node in ast.walk(part))
    return broad and not raises and not _fails(handler.body) and not asserts_any(handler.body)


def asserts_any(body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Assert) for part in body for node in ast.walk(part))
