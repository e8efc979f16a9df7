"""The order of checks: which implies which, and how two that do not imply each other are related.

A check implies another where the other holds whenever it does. What cannot be proved is judged by how strong
the two comparisons of one subject are.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from ripstop.integrity.guard import classes, values
from ripstop.integrity.guard.checks import NEGATED, Check
from ripstop.integrity.guard.classes import Parents
from ripstop.integrity.guard.terms import AKIN, ALIKE, APART, AS_WRITTEN, EXACT, Term, nearness

_STRENGTH = {
    "==": 6, "is": 6, "in": 4, "match": 3, "fullmatch": 3, "search": 3, "has": 3, "isinstance": 2, "<": 3,
    "<=": 3, ">": 3, ">=": 3, "is not": 1, "!=": 1, "true": 2, "false": 5, "has not": 2, "not in": 2,
    "not isinstance": 1,
}  # fmt: skip
_MOCK = {
    "assert_called_once_with": (
        "assert_called_with", "assert_called_once", "assert_called", "assert_any_call", "assert_has_calls",
    ),
    "assert_called_with": ("assert_any_call", "assert_called"),
    "assert_has_calls": ("assert_any_call", "assert_called"),
    "assert_called_once": ("assert_called",),
    "assert_any_call": ("assert_called",),
}  # fmt: skip


class Relation(StrEnum):
    """What became of an old check in a new one that stands for it."""

    IMPLIED = "implied"
    LOOSER = "looser"
    WIDER = "wider"
    """A tolerance or a class was widened, or a pattern dropped: the rule is that of the check's kind."""
    OTHER_VALUE = "other value"
    CONDITIONAL = "conditional"


@dataclass(frozen=True, slots=True)
class Related:
    """How an old check and a new one are related, and how near their subjects are."""

    relation: Relation
    near: int


def relate(old: Check, new: Check, known: Parents) -> Related | None:
    """What the new check makes of the old one; None where they have nothing to do with each other."""
    if near := implies(new, old, known):
        missing = new.guards - old.guards
        return Related(Relation.CONDITIONAL if missing else Relation.IMPLIED, near)
    if near := implies(old, new, known):
        wider = old.op in ("raises", "warns") or old.width != new.width
        return Related(Relation.WIDER if wider else Relation.LOOSER, near)
    return _apart(old, new)


def implies(a: Check, b: Check, known: Parents) -> int:
    """How near the subjects are where ``a`` implies ``b``; 0 where it does not. Guards are not looked at."""
    if b.op == "any":
        return _implies_any(a, b, known)
    if a.op == "any":
        return min(
            (max((implies(c, b, known) for c in option), default=0) for option in a.options), default=0
        )
    if a.op in ("raises", "warns") or b.op in ("raises", "warns"):
        return _raises(a, b, known) or _message(a, b)
    if "mock" in (a.op, b.op):
        return _mock(a, b)
    if "call" in (a.op, b.op):
        near = nearness(a.subject, b.subject)
        return near if a.op == b.op and a.detail == b.detail and near >= ALIKE else APART
    if near := max(_same_subject(a, b), _same_subject(_flipped(a), b)):
        return near
    return _derived(a, b) or _spelled(a, b) or (AKIN if _elsewhere(a, b) else APART)


def _implies_any(a: Check, b: Check, known: Parents) -> int:
    if a.op == "any" and (near := nearness(a.subject, b.subject)) >= ALIKE:
        return near
    return max((min((implies(a, c, known) for c in option), default=0) for option in b.options), default=0)


def _flipped(check: Check) -> Check:
    """An equality the other way round: which side is the subject is a matter of taste."""
    if check.op in ("==", "!=", "is", "is not") and check.value:
        return replace(check, subject=check.value, value=check.subject)
    return check


def _raises(a: Check, b: Check, known: Parents) -> int:
    if a.op != b.op or not a.value or not b.value:
        return APART
    if not classes.within(classes.kinds(a.value.node), classes.kinds(b.value.node), known):
        return APART
    return max(AKIN, nearness(a.subject, b.subject)) if pattern_within(a.detail, b.detail) else APART


def _message(a: Check, b: Check) -> int:
    """``raises(E, match="x")`` says what ``"x" in str(caught.value)`` says."""
    if a.op not in ("raises", "warns") or b.op != "has" or not b.value or "raises(" not in b.subject.deep:
        return APART
    return EXACT if a.detail and pattern_within(a.detail, b.value.deep) else APART


def pattern_within(narrow: str, wide: str) -> bool:
    """Whether whatever one pattern finds the other finds as well, as far as their texts tell."""
    if wide in ("", "''", "'.*'", "'.+'", "'.'") or narrow == wide:
        return True
    one, other = narrow.strip("rbf'\"").replace("\\", ""), wide.strip("rbf'\"").replace("\\", "")
    return bool(other) and other.strip("^$.*") in one.strip("^$")


def _mock(a: Check, b: Check) -> int:
    if a.op != b.op:
        return _mock_attribute(a, b)
    near = nearness(a.subject, b.subject)
    if a.detail == b.detail:
        return near if _arguments_within(a.value, b.value) else APART
    if b.detail not in _MOCK.get(a.detail, ()):
        return APART
    return (
        near
        if b.value is None or b.detail == "assert_has_calls" or _arguments_within(a.value, b.value)
        else APART
    )


def _mock_attribute(a: Check, b: Check) -> int:
    """``assert m.called`` is what ``m.assert_called()`` asks."""
    if a.op == "mock" and b.op == "true" and b.subject.deep == f"{a.subject.deep}.called":
        return EXACT if a.detail != "assert_not_called" else APART
    if a.op == "true" and b.op == "mock" and a.subject.deep == f"{b.subject.deep}.called":
        return EXACT if b.detail == "assert_called" else APART
    if a.op == "mock" and b.op == "false" and b.subject.deep == f"{a.subject.deep}.called":
        return EXACT if a.detail == "assert_not_called" else APART
    return APART


def _arguments_within(narrow: Term | None, wide: Term | None) -> bool:
    if wide is None or narrow is None:
        return wide is None or narrow is wide
    return nearness(narrow, wide) >= ALIKE or values.covers(wide.node, narrow.node)


def _same_subject(a: Check, b: Check) -> int:
    """Two checks of one subject."""
    near = nearness(a.subject, b.subject)
    if near == APART:
        return _not_none(a, b)
    return near if _stronger(a, b, near) else APART


def _not_none(a: Check, b: Check) -> int:
    """Who looks into a thing relies on its being there."""
    there = b.op == "true" or (b.op == "is not" and b.value is not None and b.value.deep == "None")
    inside = (f"{b.subject.deep}.", f"{b.subject.deep}[")
    if b.op == "has" and b.value and a.subject.deep.startswith(f"{b.subject.deep}[{b.value.deep}]"):
        return EXACT
    if there and a.op in ("==", "is", "true", "has", "in") and a.subject.deep.startswith(inside):
        return EXACT
    return APART


def _stronger(a: Check, b: Check, near: int) -> bool:
    if a.op == b.op and _equal_values(a, b, near):
        return True
    if (some := values.allowed(a)) is not None:
        told = [values.holds(b, value) for value in some]
        if some and None not in told:
            return all(told)
    if _truth(a) == _truth(b) != "":
        return True
    if a.op in ("<", "<=", ">", ">=") and b.op in ("<", "<=", ">", ">="):
        return _tighter(a, b)
    if a.op == "==" and b.op == "==" and a.value and b.value:
        return a.width == b.width and values.covers(b.value.node, a.value.node)
    if a.op == "isinstance" and b.op == "isinstance" and a.value and b.value:
        return classes.within(classes.kinds(a.value.node), classes.kinds(b.value.node), {})
    if (a.op == "fullmatch" and b.op in ("match", "search")) or (a.op, b.op) == ("match", "search"):
        return _equal_values(a, b, near)
    return _outranks(a, b)


def _outranks(a: Check, b: Check) -> bool:
    """What cannot be computed is judged by strength: an equality says more than a bound or a type."""
    if (
        a.value is not None
        and a.value.constant
        and b.op in ("==", "is", "in", "<", "<=", ">", ">=", "!=", "false")
    ):
        return False
    if b.op in ("==", "is", "false"):
        return False
    return (a.op in ("==", "is") and _STRENGTH.get(b.op, 9) < _STRENGTH["=="] and b.op != "is not") or (
        a.op in ("==", "has", "match", "isinstance", "in") and b.op in ("true", "is not")
    )


def _truth(check: Check) -> str:
    """``true`` or ``false`` for what asks for nothing but that, a comparison with a boolean among it."""
    if check.op in ("true", "false"):
        return check.op
    if check.op == "==" and check.value and check.value.deep in ("True", "False"):
        return check.value.deep.lower()
    return ""


def _equal_values(a: Check, b: Check, near: int) -> bool:
    if a.value is None or b.value is None:
        return a.value is b.value
    if not (values.same(a.value, b.value) or _near_values(a.value, b.value, near)):
        return False
    if a.width == b.width:
        return True
    value = values.value_of(b.value.node)
    narrow = values.width(a.width or (0.0, 0.0), value)
    wide = values.width(b.width or (0.0, 0.0), value)
    return narrow <= wide * (1 + 1e-9)


def _near_values(a: Term, b: Term, near: int) -> bool:
    if a.constant and b.constant:
        return a.deep == b.deep
    found = nearness(a, b)
    return found >= ALIKE or (found == AKIN and near >= ALIKE)


def _tighter(a: Check, b: Check) -> bool:
    """``x < 1`` implies ``x < 2``, and ``x > 0`` does not imply ``x > 1``."""
    if a.op[0] != b.op[0] or not a.value or not b.value:
        return False
    first, second = values.value_of(a.value.node), values.value_of(b.value.node)
    if not isinstance(first, int | float) or not isinstance(second, int | float):
        return False
    if first == second:
        return a.op == b.op or len(b.op) > len(a.op)
    return first < second if a.op[0] == "<" else first > second


def _derived(a: Check, b: Check) -> int:
    """``body == {...}`` implies what is said of ``body['id']``, of its length, of being there."""
    if a.op in ("true", "<", "<=", ">", ">=", "==", "!=") and (near := _length(a, b)):
        return near
    if a.op != "==" or a.value is None:
        return APART
    for base, near in _bases(a, b):
        given = values.value_of(a.value.node)
        if given is not values.UNKNOWN:
            value = values.derive(_over(b.subject), base, given)
            if value is not values.UNKNOWN:
                return near if values.holds(b, value) else APART
        if (piece := values.part(a.value.node, _over(b.subject), base)) is not None and b.value is not None:
            return near if b.op == "==" and ast.unparse(piece) == b.value.deep else APART
        if not a.value.constant:
            return near
    return APART


def _spelled(a: Check, b: Check) -> int:
    """``str(x) == "[1]"`` says as much as ``x == [1]``."""
    match a.subject.node:
        case ast.Call(func=ast.Name(id="str" | "repr")) if a.op == b.op == "==" and a.value and b.value:
            known = values.value_of(a.value.node), values.value_of(b.value.node)
            told = [near for base, near in _bases(b, a) if base == b.subject.deep]
            return max(told, default=APART) if known[0] == str(known[1]) else APART
    return APART


def _over(term: Term) -> ast.expr:
    return term.node


def _bases(a: Check, b: Check) -> list[tuple[str, int]]:
    """The parts of b's subject that are a's subject: what it is a length, an item or an order of."""
    found = []
    node: ast.expr | None = b.subject.node
    peeled = b.subject
    while node is not None:
        peel = _peel(node)
        if peel is None:
            break
        node, cut = peel
        deep, shallow = ast.unparse(node), cut(peeled.shallow)
        shallow = shallow if shallow != peeled.shallow else deep
        loose = frozenset(one for one in map(cut, peeled.loose) if one not in peeled.loose)
        peeled = Term(node, deep, shallow, loose, cut(peeled.tail))
        near = nearness(a.subject, peeled)
        if near > AKIN:
            found.append((peeled.deep, near))
    return found


def _peel(node: ast.expr) -> tuple[ast.expr, Callable[[str], str]] | None:
    """The outermost layer taken off, and how to take it off a spelling of the same expression."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]):
            return inner, lambda text: text.removeprefix(f"{name}(").removesuffix(")")
        case ast.Subscript(value=inner, slice=index):
            suffix = f"[{ast.unparse(index)}]"
            return inner, lambda text: text.removesuffix(suffix)
        case ast.Call(func=ast.Attribute(value=inner, attr=attr), args=args):
            tail = f".{attr}({', '.join(map(ast.unparse, args))})"
            return inner, lambda text: text.removesuffix(tail)
    return None


def _length(a: Check, b: Check) -> int:
    """``len(x) > 0`` and ``x`` say the same."""
    for one, other in ((a, b), (b, a)):
        if one.op in ("true", "false") and other.subject.deep == f"len({one.subject.deep})" and other.value:
            size = values.value_of(other.value.node)
            full = (other.op, size) in ((">", 0), (">=", 1), ("!=", 0))
            more = one is b and isinstance(size, int) and size > 0 and other.op in ("==", ">", ">=")
            empty = (other.op, size) == ("==", 0)
            return EXACT if (one.op == "true" and (full or more)) or (one.op == "false" and empty) else APART
    return APART


def _apart(old: Check, new: Check) -> Related | None:
    """Two checks of one subject of which neither implies the other."""
    if old.op in ("raises", "warns") or new.op in ("raises", "warns"):
        return _other_error(old, new)
    if "mock" in (old.op, new.op) or "call" in (old.op, new.op) or "any" in (old.op, new.op):
        return _other_call(old, new)
    near = max(_told_near(old.subject, new.subject), _value_near(old, new))
    if near == APART:
        return Related(Relation.LOOSER, AKIN) if _elsewhere(old, new, weaker=True) else None
    first, second = values.allowed(old), values.allowed(new)
    if first and second and _overlap(first, second):
        return Related(Relation.LOOSER, near)
    if new.op == old.op or new.op == NEGATED.get(old.op) or (first is not None and second is not None):
        looser = old.op in ("<", "<=", ">", ">=")
        return Related(Relation.LOOSER if looser else Relation.OTHER_VALUE, near)
    weaker = _STRENGTH.get(new.op, 0) < _STRENGTH.get(old.op, 0)
    return Related(Relation.LOOSER if weaker else Relation.OTHER_VALUE, near)


def _told_near(old: Term, new: Term) -> int:
    """A bare local of another name is hardly the same thing."""
    near = nearness(old, new)
    return AKIN if near == ALIKE and old.loose & new.loose == {"_"} else near


def _elsewhere(a: Check, b: Check, *, weaker: bool = False) -> bool:
    """Whether the same telling value is asked for, of something that is reached in another way."""
    if not a.value or not b.value or "==" not in (a.op, b.op) or nearness(a.subject, b.subject) > APART:
        return False
    ops = {a.op, b.op} == {"==", "has"} if weaker else a.op == b.op
    first, second = values.value_of(a.value.node), values.value_of(b.value.node)
    return ops and values.telling(second) and values.contains(first, second)


def _overlap(first: list[object], second: list[object]) -> bool:
    return any(one == other for one in first for other in second)


def _value_near(old: Check, new: Check) -> int:
    """Where an equality between two computed things was turned round."""
    if old.value and new.value and not new.value.constant and not old.value.constant:
        near = min(nearness(old.subject, new.value), nearness(old.value, new.subject))
        return near if near >= AS_WRITTEN else APART
    return APART


def _other_error(old: Check, new: Check) -> Related | None:
    if old.op != new.op or not old.value or not new.value:
        return None
    near = nearness(old.subject, new.subject)
    same_kind = classes.kinds(old.value.node) == classes.kinds(new.value.node)
    return Related(Relation.OTHER_VALUE, max(near, AKIN)) if near or same_kind else None


def _other_call(old: Check, new: Check) -> Related | None:
    if old.op != new.op:
        return None
    near = nearness(old.subject, new.subject)
    if old.op == "call" and old.detail == new.detail:
        return Related(Relation.OTHER_VALUE, max(near, AKIN))
    if near == APART:
        return None
    return Related(Relation.OTHER_VALUE if old.detail == new.detail else Relation.LOOSER, near)
