"""Assertions that are calls: unittest's, mock's, numpy's and others by their name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from ripstop.integrity.guard.checks import Check, compared, conditions, number, numeric, turned
from ripstop.integrity.guard.terms import Scope, Term
from ripstop.model.weakening import Spot

MOCK = frozenset(
    f"assert_{name}"
    for word in ("called", "awaited")
    for name in (word, f"{word}_once", f"{word}_with", f"{word}_once_with", f"not_{word}")
) | {"assert_has_calls", "assert_has_awaits", "assert_any_call", "assert_any_await"}
RAISING = frozenset({"raises", "assertRaises", "assertRaisesRegex", "assertRaisesRegexp", "RaisesGroup"})
WARNING = frozenset(
    {"warns", "deprecated_call", "assertWarns", "assertWarnsRegex", "assertLogs", "assertNoLogs"}
)
_COMPARED = {
    "assertEqual": "==", "assertEquals": "==", "assertNotEqual": "!=", "assertIs": "is",
    "assertIsNot": "is not", "assertIn": "in", "assertNotIn": "not in", "assertLess": "<",
    "assertLessEqual": "<=", "assertGreater": ">", "assertGreaterEqual": ">=", "assertDictEqual": "==",
    "assertListEqual": "==", "assertTupleEqual": "==",
    "assertSetEqual": "==", "assertSequenceEqual": "==", "assertMultiLineEqual": "==",
    "assert_equal": "==", "assert_array_equal": "==", "assert_in": "in", "assert_not_equal": "!=",
}  # fmt: skip
_TOLD = {"assertTrue": True, "assertFalse": False, "assert_": True, "failUnless": True, "assert_true": True}
_PATTERN = {"assertRegex": "search", "assertRegexpMatches": "search"}
_NEAR = {"assert_allclose": ("rtol", 1e-7, "atol", 0.0), "assert_close": ("rtol", 1e-7, "atol", 0.0)}


def name_of(call: ast.Call) -> str:
    """The last part of what is called."""
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def called(call: ast.Call, scope: Scope, spot: Spot) -> Iterator[Check] | None:
    """The checks of a call that stands as a statement; None where it is no assertion."""
    name, args = name_of(call), call.args
    if name in MOCK and isinstance(call.func, ast.Attribute):
        return iter([_mock(call, call.func, scope, spot)])
    for known, made in _MADE:
        if name in known and len(args) >= known[name]:
            return made(call, name, scope, spot)
    if name in RAISING | WARNING and len(args) >= 2:
        return raising_call(call, scope, spot)
    if name.startswith(("assert", "expect_that", "check_equal")) and args:
        return iter([Check("call", scope.term(_bare(call)), None, spot, detail=name)])
    return None


def _bare(call: ast.Call) -> ast.Call:
    """Without the message, which is of no account."""
    return ast.Call(
        call.func, call.args, [w for w in call.keywords if w.arg not in ("msg", "message", "err_msg")]
    )


def _comparison(call: ast.Call, name: str, scope: Scope, spot: Spot) -> Iterator[Check]:
    return compared(_COMPARED[name], call.args[0], call.args[1], scope, spot)


def _truth(call: ast.Call, name: str, scope: Scope, spot: Spot) -> Iterator[Check]:
    node = call.args[0] if _TOLD[name] else ast.UnaryOp(ast.Not(), call.args[0])
    return conditions(node, scope, spot)


def _none(call: ast.Call, name: str, scope: Scope, spot: Spot) -> Iterator[Check]:
    return compared(
        "is" if name == "assertIsNone" else "is not", call.args[0], ast.Constant(None), scope, spot
    )


def _type(call: ast.Call, name: str, scope: Scope, spot: Spot) -> Iterator[Check]:
    op = "isinstance" if name == "assertIsInstance" else "not isinstance"
    yield Check(op, scope.term(call.args[0]), scope.term(call.args[1]), spot)


def _pattern(call: ast.Call, name: str, scope: Scope, spot: Spot) -> Iterator[Check]:
    yield Check(_PATTERN[name], scope.term(call.args[0]), scope.term(call.args[1]), spot)


def _almost(call: ast.Call, _name: str, scope: Scope, spot: Spot) -> Iterator[Check]:
    """unittest rounds the difference to ``places``, seven unless given, or takes ``delta``."""
    places = numeric(call.args[2]) if len(call.args) > 2 else number(call, "places", 7)
    width = number(call, "delta", 0.5 * 10**-places)
    yield turned(Check("==", scope.term(call.args[0]), scope.term(call.args[1]), spot, width=(0.0, width)))


def _close(call: ast.Call, name: str, scope: Scope, spot: Spot) -> Iterator[Check]:
    rel, rel_default, absolute, abs_default = _NEAR[name]
    width = (number(call, rel, rel_default), number(call, absolute, abs_default))
    yield turned(Check("==", scope.term(call.args[0]), scope.term(call.args[1]), spot, width=width))


def _unordered(call: ast.Call, _name: str, scope: Scope, spot: Spot) -> Iterator[Check]:
    left, right = (ast.Call(ast.Name("sorted", ast.Load()), [side], []) for side in call.args[:2])
    return compared("==", left, right, scope, spot)


_Made = Callable[[ast.Call, str, Scope, Spot], Iterator[Check]]
_MADE: tuple[tuple[dict[str, int], _Made], ...] = (
    (dict.fromkeys(_COMPARED, 2), _comparison),
    (dict.fromkeys(_TOLD, 1), _truth),
    (dict.fromkeys(("assertIsNone", "assertIsNotNone"), 1), _none),
    (dict.fromkeys(("assertIsInstance", "assertNotIsInstance"), 2), _type),
    (dict.fromkeys(_PATTERN, 2), _pattern),
    (dict.fromkeys(("assertAlmostEqual", "assertAlmostEquals", "assert_almost_equal"), 2), _almost),
    (dict.fromkeys(_NEAR, 2), _close),
    (dict.fromkeys(("assertCountEqual", "assertItemsEqual"), 2), _unordered),
)


def _mock(call: ast.Call, func: ast.Attribute, scope: Scope, spot: Spot) -> Check:
    """A mock's assertion: the mock is the subject, the arguments the value."""
    given = ast.Call(ast.Name("call", ast.Load()), call.args, call.keywords)
    value = scope.term(given) if call.args or call.keywords else None
    detail = (
        func.attr.replace("awaited", "called").replace("awaits", "calls").replace("any_await", "any_call")
    )
    if func.attr.endswith("_with") and value is None:
        value = scope.term(given)
    return Check("mock", scope.term(func.value), value, spot, detail=detail)


def raising_call(call: ast.Call, scope: Scope, spot: Spot) -> Iterator[Check]:
    """``raises(E, f, x)``: the class and the call together."""
    name = name_of(call)
    offset = 2 if name.endswith(("Regex", "Regexp")) else 1
    if len(call.args) <= offset:
        return
    run = ast.Call(call.args[offset], call.args[offset + 1 :], call.keywords)
    run = run.func.body if isinstance(run.func, ast.Lambda) and not run.args else run  # type: ignore[assignment]
    yield _raised(call, scope, spot, scope.term(run))


def raising_block(call: ast.Call, body: list[ast.stmt], scope: Scope, spot: Spot) -> Check:
    """The check of a ``with raises(...)`` over a body; its subject is the body's last statement."""
    last = body[-1]
    while isinstance(last, ast.With | ast.AsyncWith | ast.For) and last.body:
        last = last.body[-1]
    run = getattr(last, "value", None) or ast.Constant(ast.unparse(last)[:300])
    return _raised(call, scope, spot, scope.term(run if isinstance(run, ast.expr) else ast.Constant(...)))


def _raised(call: ast.Call, scope: Scope, spot: Spot, subject: Term) -> Check:
    name = name_of(call)
    op = "raises" if name in RAISING else "warns"
    if name == "deprecated_call":
        kind: ast.expr = ast.Name("DeprecationWarning", ast.Load())
    elif call.args:
        kind = call.args[0]
    else:
        kind = next(
            (w.value for w in call.keywords if w.arg == "expected_exception"),
            ast.Name("Exception", ast.Load()),
        )
    pattern = next((w.value for w in call.keywords if w.arg in ("match", "check")), None)
    if name.endswith(("Regex", "Regexp")) and len(call.args) > 1:
        pattern = call.args[1]
    detail = scope.term(pattern).deep if pattern is not None else ""
    return Check(op, subject, scope.term(kind), spot, detail=detail)
