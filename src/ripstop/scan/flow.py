"""From a handler through the calls it makes, in the order in which they happen: all that it reaches.

What one call reaches is `reaching`'s. Here is what only the way there tells: in which transaction, in which
loop, within whose ``except``, and when a statement that was built before is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ripstop.model.survey import Place, Reach, Sureness
from ripstop.model.trace import Kind
from ripstop.scan.code import Call, Codebase, Function, Shape
from ripstop.scan.reaching.binding import Given, bound, filled
from ripstop.scan.reaching.families import planner, reaches
from ripstop.scan.reaching.fertile import fertile, target_of
from ripstop.scan.reaching.known import SQL
from ripstop.scan.reaching.names import last, root
from ripstop.scan.reaching.roles import Role
from ripstop.scan.reaching.scopes import Scope, scope
from ripstop.scan.reaching.unit import Sent, Unit

_DEPTH_LIMIT = 24
_REACHES_LIMIT = 400
_STEPS_LIMIT = 20_000
_ORDER = (Sureness.CERTAIN, Sureness.LIKELY, Sureness.GUESS)
_LATER = frozenset({"add_task"})
"""Hands a function over to be called after the answer."""
_GUARDING = frozenset({"Depends", "Security"})
_NOTHING = Given()
_BEGIN, _LAZY, _COMMITS = "begin", "lazy", "commits"


@dataclass(frozen=True, slots=True)
class _Way:
    """How the walk came to where it is. ``given`` are the arguments of the function it is in."""

    via: tuple[Place, ...] = ()
    caught: tuple[str, ...] = ()
    in_loop: bool = False
    deadline: bool = False
    guard: bool = False
    sureness: Sureness = Sureness.CERTAIN
    given: Given = _NOTHING
    inside: tuple[str, ...] = ()


@dataclass(slots=True)
class _Walk:
    """One walk. ``open`` are the transactions, innermost last; ``tail`` what dependencies do at their end."""

    code: Codebase
    done: list[Sent] = field(default_factory=list)
    unit: Unit = field(default_factory=Unit)
    open: list[str] = field(default_factory=list)
    tail: list[Reach] = field(default_factory=list)
    after: list[tuple[Call, _Way]] = field(default_factory=list)
    steps: int = 0

    @property
    def is_over(self) -> bool:
        return self.steps > _STEPS_LIMIT or len(self.done) > _REACHES_LIMIT


def flow(handler: str, code: Codebase, guards: Sequence[str] = ()) -> tuple[Reach, ...]:
    """All that answering reaches, in order: the guards' first, then the handler's, then what comes after.

    ``handler`` and ``guards`` are qualified names of functions; an unknown one reaches nothing. Bounded in
    depth and number, so that any code is walked in a moment.
    """
    walk = _Walk(code)
    for name in _dependencies((*guards, handler), code):
        _enter_named(walk, name, _Way(guard=name != handler))
    _flush(walk)
    for reach in walk.tail:
        _emit(walk, reach)
    for call, way in walk.after:
        walk.open.clear()
        for one in call.block:
            _follow(walk, one, way)
    return tuple(sent.reach for sent in walk.done if sent.live)[:_REACHES_LIMIT]


def _dependencies(names: Iterable[str], code: Codebase) -> list[str]:
    """Functions with all they depend on, each after its own dependencies and only once."""
    found: list[str] = []

    def add(name: str, above: tuple[str, ...]) -> None:
        function = code.functions.get(name) or code.functions.get(f"{name}.__call__")
        if function is None or name in above or name in found or len(above) > _DEPTH_LIMIT:
            return
        for one in _depends(function):
            add(one, (*above, name))
        if name not in found:
            found.append(name)

    for name in names:
        add(name, ())
    return found


def _depends(function: Function) -> Iterator[str]:
    for parameter in function.parameters:
        notes = (*parameter.notes, parameter.default) if parameter.default else parameter.notes
        for note in notes:
            if note.shape is Shape.CALL and last(note.text) in _GUARDING:
                given = note.get("0") or note.get("dependency")
                yield given.text if given is not None and given.text else parameter.annotation


def _enter_named(walk: _Walk, name: str, way: _Way) -> None:
    function = walk.code.functions.get(name) or walk.code.functions.get(f"{name}.__call__")
    if function is not None:
        atomic = next(
            (one for one in function.decorators if scope(one, walk.code) is Scope.TRANSACTION), None
        )
        if atomic is not None:
            _scoped(
                walk, replace(atomic, block=function.calls), Scope.TRANSACTION, replace(way, inside=(name,))
            )
        else:
            _walk(walk, function.calls, replace(way, inside=(name,)))


def _walk(walk: _Walk, calls: Sequence[Call], way: _Way) -> None:
    commits = [at for at, call in enumerate(calls) if _commits(call, walk.code)]
    for at, call in enumerate(calls):
        if walk.is_over:
            return
        _follow(walk, call, way, more=bool(commits) and commits[-1] > at)


def _commits(call: Call, code: Codebase) -> bool:
    """Whether a call ends a transaction for good, so that what rolls back before it is on another path."""
    return any(one.kind is Kind.COMMIT for one in reaches(call, code)) or any(
        _commits(one, code) for one in call.block
    )


def _follow(walk: _Walk, call: Call, way: _Way, *, more: bool = False) -> None:
    """One call: what it reaches itself, then what is called while it is open, then what it calls."""
    walk.steps += 1
    call = filled(call, way.given)
    walk.unit.see(call, walk.code)
    if _send(walk, call, way, more=more):
        return
    if last(call.name) in _LATER:
        walk.after.append((call, _joined(way, call)))
        return
    kind, opening = _opened(call, walk.code)
    if opening.block and kind is not Scope.NONE:
        _scoped(walk, opening, kind, way)
    else:
        _call_in(walk, call, way)
        _walk(walk, call.block, _joined(way, call, enters=False))
        _unscoped(walk, call, kind, way)


def _opened(call: Call, code: Codebase) -> tuple[Scope, Call]:
    """What a call's block stands in; of the project's own context manager, what its body opens."""
    kind = scope(call, code)
    function = code.functions.get(call.target) if kind is Scope.NONE and call.block else None
    if function is None:
        return kind, call
    for one in function.calls:
        if (inner := scope(one, code)) not in (Scope.NONE, Scope.DEADLINE):
            if inner is Scope.SESSION and any(
                _commits(other, code) for other in (*function.calls, *one.block)
            ):
                inner = Scope.COMMITTING
            return inner, replace(one, block=call.block, caught=call.caught, in_loop=call.in_loop)
    return kind, call


def _call_in(walk: _Walk, call: Call, way: _Way) -> None:
    """Walk the project's own function that a call goes to."""
    name = target_of(call, walk.code)
    function = walk.code.functions.get(name)
    if function is None or name in way.inside or len(way.inside) >= _DEPTH_LIMIT:
        return
    if name not in fertile(walk.code):
        return
    inner = replace(_joined(way, call), given=bound(function, call), inside=(*way.inside, name))
    atomic = next((one for one in function.decorators if scope(one, walk.code) is Scope.TRANSACTION), None)
    if atomic is not None:
        _scoped(walk, replace(atomic, block=function.calls), Scope.TRANSACTION, inner)
    else:
        _walk(walk, function.calls, inner)


def _joined(way: _Way, call: Call, *, enters: bool = True) -> _Way:
    return replace(
        way,
        via=(*way.via, call.place) if enters else way.via,
        caught=(*call.caught, *way.caught) if enters else way.caught,
        in_loop=way.in_loop or call.in_loop,
        sureness=_least(way.sureness, call.sureness) if enters and call.target else way.sureness,
    )


def _scoped(walk: _Walk, call: Call, kind: Scope, way: _Way) -> None:
    """Walk a block that stands in a transaction, a session, or under a limit."""
    level, start = len(walk.open), len(walk.done)
    nested = any(one == _BEGIN for one in walk.open)
    if kind is Scope.TRANSACTION:
        walk.open.append(_BEGIN)
    elif kind is Scope.COMMITTING:
        walk.open.append(_COMMITS)
    inner = replace(way, deadline=way.deadline or kind is Scope.DEADLINE)
    _walk(walk, call.block, inner)
    if kind in (Scope.TRANSACTION, Scope.COMMITTING, Scope.SESSION):
        _flush(walk)
    del walk.open[level:]
    statements = [one.reach for one in walk.done[start:] if one.live and one.reach.protocol in SQL]
    if not statements or nested or kind not in (Scope.TRANSACTION, Scope.COMMITTING):
        return
    mark = _mark(call, statements[0], way)
    if kind is Scope.TRANSACTION:
        walk.done.insert(start, Sent(replace(mark, operation="BEGIN", kind=Kind.BEGIN, in_transaction=False)))
    if statements[-1].kind is not Kind.COMMIT:
        _emit(walk, mark)


def _unscoped(walk: _Walk, call: Call, kind: Scope, way: _Way) -> None:
    """A transaction begun with no block, until it is committed; a limit on what came just before."""
    if kind is Scope.TRANSACTION and root(call.name) == "sqlalchemy" and not call.block:
        walk.open.append(_BEGIN)
    if kind is Scope.DEADLINE:
        for sent in walk.done[-1:]:
            if sent.reach.place.path == call.place.path and sent.reach.place.line >= call.place.line:
                sent.reach = _limited(sent.reach)
    if last(call.name) == "$transaction" and not call.block:
        _together(walk, call, way)


def _together(walk: _Walk, call: Call, way: _Way) -> None:
    """``prisma.$transaction([a, b])``: what was just built is sent in one transaction."""
    first = call.argument("", 0)
    count = len(first.items) if first is not None and first.shape is Shape.LIST else 0
    parts = [sent for sent in walk.done[-count:] if count and sent.live]
    if parts:
        for sent in parts:
            sent.reach = replace(sent.reach, in_transaction=True)
        mark = _mark(call, parts[0].reach, way)
        begin = replace(mark, operation="BEGIN", kind=Kind.BEGIN, in_transaction=False)
        walk.done.insert(len(walk.done) - len(parts), Sent(begin))
        walk.done.append(Sent(mark))


def _mark(call: Call, like: Reach, way: _Way) -> Reach:
    """The COMMIT at the end of a call's block."""
    return Reach(
        like.protocol,
        "COMMIT",
        Kind.COMMIT,
        call.place,
        client=like.client,
        sureness=_least(call.sureness, way.sureness),
        via=way.via,
        in_transaction=True,
        in_loop=way.in_loop or call.in_loop,
        caught=(*call.caught, *way.caught),
    )


def _send(walk: _Walk, call: Call, way: _Way, *, more: bool) -> bool:
    """Send what a call sends, keep what it builds. True where it hands work over to another process."""
    family = planner(call, walk.code)
    role = family.role(call, walk.code) if family else Role.NOW
    found = [_placed(one, call, way) for one in reaches(call, walk.code)]
    if role is Role.AMENDS and family and walk.unit.built:
        sent = walk.unit.built[-1]
        sent.reach = family.amended(sent.reach, call, walk.code)
    elif role is Role.PREPARED:
        for one in found:
            walk.unit.built.append(Sent(one))
            walk.done.append(walk.unit.built[-1])
    elif role is Role.SENDS:
        _flush(walk)
        taken = walk.unit.taken(found[0] if found else None)
        if taken is not None:
            _emit(walk, _placed(replace(taken, caught=(), via=()), call, way))
    elif role is Role.DEFERRED:
        walk.unit.waiting += [one for one in map(walk.unit.decided, found) if one is not None]
    else:
        _now(walk, found, way, more=more, flushes=role is Role.FLUSHES)
    return any(one.protocol == "queue" for one in found)


def _now(walk: _Walk, found: list[Reach], way: _Way, *, more: bool, flushes: bool) -> None:
    if flushes or (found and found[0].client in ("sqlalchemy", "sqlmodel")):
        _end_of_work(walk, found, way)
    for one in found:
        decided = walk.unit.decided(one) if one.protocol in SQL else one
        if decided is None:
            continue
        if way.guard and decided.kind in (Kind.COMMIT, Kind.ROLLBACK):
            if decided.kind is Kind.COMMIT:
                walk.tail.append(decided)
            continue
        _emit(walk, decided, more=more)


def _end_of_work(walk: _Walk, found: list[Reach], way: _Way) -> None:
    """Flush; a commit that would send nothing must have had something that was not seen."""
    commits = [one for one in found if one.kind is Kind.COMMIT]
    if commits and not way.guard:
        unseen = walk.unit.unseen_update(commits[0])
        if unseen is not None:
            _emit(walk, unseen)
    _flush(walk)


def _flush(walk: _Walk) -> None:
    waiting, walk.unit.waiting = walk.unit.waiting, []
    for one in waiting:
        _emit(walk, one)


def _emit(walk: _Walk, reach: Reach, *, more: bool = False) -> None:
    """Add a crossing, in whatever transaction is open; open or close one where it says so."""
    if reach.protocol not in SQL:
        walk.done.append(Sent(replace(reach, in_transaction=bool(_inside(walk)))))
        return
    if reach.in_transaction and not _inside(walk) and reach.kind not in (Kind.COMMIT, Kind.ROLLBACK):
        walk.open.append(_LAZY)
    inside = bool(_inside(walk)) or reach.kind is Kind.COMMIT
    walk.done.append(Sent(replace(reach, in_transaction=inside and reach.kind is not Kind.BEGIN)))
    walk.unit.noted(reach)
    if reach.kind is Kind.BEGIN:
        walk.open.append(_BEGIN)
    elif _inside(walk) and (reach.kind is Kind.COMMIT or (reach.kind is Kind.ROLLBACK and not more)):
        walk.open.remove(_inside(walk)[-1])


def _inside(walk: _Walk) -> list[str]:
    return [one for one in walk.open if one != _COMMITS]


def _placed(reach: Reach, call: Call, way: _Way) -> Reach:
    """A crossing with what the way to it tells."""
    if way.deadline:
        reach = _limited(reach)
    return replace(
        reach,
        place=call.place,
        via=way.via,
        caught=(*call.caught, *way.caught),
        in_loop=way.in_loop or call.in_loop,
        sureness=_least(reach.sureness, way.sureness),
    )


def _limited(reach: Reach) -> Reach:
    return replace(reach, timeout=True) if reach.protocol not in SQL and reach.timeout is not True else reach


def _least(*sureness: Sureness) -> Sureness:
    return max(sureness, key=_ORDER.index)
