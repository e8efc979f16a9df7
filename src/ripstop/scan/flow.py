"""From a handler through the calls it makes, in the order in which they happen: all that it reaches.

What one call reaches is `reaching`'s. Here is what only the way there tells: in which transaction, in which
loop, within whose ``except``, and when a statement that was built before is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice

from ripstop.model.survey import Place, Reach, Sureness
from ripstop.model.trace import Kind
from ripstop.scan.code import UNKNOWN, YIELD, Call, Codebase, Function, Shape
from ripstop.scan.reaching.binding import Given, bound, filled, made_with
from ripstop.scan.reaching.families import planner, reaches
from ripstop.scan.reaching.fertile import fertile, target_of
from ripstop.scan.reaching.known import SQL, inside, known
from ripstop.scan.reaching.names import before_last, last, root
from ripstop.scan.reaching.rest_framework import inherited, meant, model_of
from ripstop.scan.reaching.roles import Role
from ripstop.scan.reaching.scopes import Scope, scope
from ripstop.scan.reaching.unit import Sent, Unit
from ripstop.scan.reaching.values import positional, symbols

_DEPTH_LIMIT = 24
_REACHES_LIMIT = 400
_STEPS_LIMIT = 5_000
_ORDER = (Sureness.CERTAIN, Sureness.LIKELY, Sureness.GUESS)
_LATER = frozenset({"add_task"})
"""Hands a function over to be called after the answer."""
_GUARDING = frozenset({"Depends", "Security"})
_ENDS = {f"{UNKNOWN}.commit": Kind.COMMIT, f"{UNKNOWN}.rollback": Kind.ROLLBACK}
_OF_DOCUMENTS = {f"{UNKNOWN}.save": "UPDATE", f"{UNKNOWN}.remove": "DELETE", f"{UNKNOWN}.deleteOne": "DELETE"}
"""What an object is told that came from a document store, where that was asked for one kind."""
_NOTHING = Given()
_BEGIN, _LAZY, _COMMITS, _AUTO = "begin", "lazy", "commits", "autocommit"


@dataclass(slots=True)
class _Hand:
    """What runs where a generator hands over: a ``with`` block, or all that stands behind a dependency."""

    run: Callable[[], None]
    used: bool = False

    def take(self) -> None:
        if not self.used:
            self.used = True
            self.run()


@dataclass(frozen=True, slots=True)
class _Rest:
    """The calls of a body from one on."""

    calls: Sequence[Call] = ()
    start: int = 0

    def commits(self, code: Codebase) -> bool:
        """Whether a transaction is committed later on: what rolled back before is on another path."""
        later = inside(islice(self.calls, self.start, None))
        return any(one.kind is Kind.COMMIT for call in later for one in reaches(call, code))


_NO_REST = _Rest()


@dataclass(frozen=True, slots=True)
class _Way:
    """How the walk came to where it is. ``given`` are the arguments of the function it is in."""

    via: tuple[Place, ...] = ()
    caught: tuple[str, ...] = ()
    in_loop: bool = False
    deadline: bool = False
    sureness: Sureness = Sureness.CERTAIN
    given: Given = _NOTHING
    inside: tuple[str, ...] = ()
    hand: _Hand | None = None
    hint: str = ""
    wraps: tuple[str, ...] = ()
    """What a decorator's wrapper calls to run what it stands before."""


@dataclass(slots=True)
class _Walk:
    """One walk. ``open`` are the transactions, innermost last; ``after`` is called once it has answered.

    ``barren`` are the functions that were walked and told nothing: they are not walked again.
    """

    code: Codebase
    done: list[Sent] = field(default_factory=list)
    unit: Unit = field(default_factory=Unit)
    open: list[str] = field(default_factory=list)
    after: list[tuple[Call, _Way]] = field(default_factory=list)
    barren: set[str] = field(default_factory=set)
    steps: int = 0

    @property
    def seen(self) -> tuple[int, ...]:
        """Changes with whatever a function adds to the walk."""
        unit = self.unit
        of_unit = (len(unit.made), len(unit.loaded), len(unit.built), len(unit.waiting))
        return (len(self.done), len(self.open), len(self.after), *of_unit)

    @property
    def is_over(self) -> bool:
        return self.steps > _STEPS_LIMIT or len(self.done) > _REACHES_LIMIT


def flow(handler: str, code: Codebase, guards: Sequence[str] = ()) -> tuple[Reach, ...]:
    """All that answering reaches, in order: the guards' first, then the handler's, then what comes after.

    ``handler`` and ``guards`` are qualified names of functions; an unknown one reaches nothing. Bounded in
    depth and number, so that any code is walked in a moment.
    """
    walk = _Walk(code)
    with suppress(RecursionError):
        _enter(walk, _dependencies((*guards, handler), code))
    walk.unit.waiting = [one for one in walk.unit.waiting if not one.operation.startswith("UPDATE")]
    _flush(walk)
    for call, way in walk.after:
        walk.open.clear()
        with suppress(RecursionError):
            _walk(walk, call.block, way)
    return tuple(sent.reach for sent in walk.done if sent.live)[:_REACHES_LIMIT]


def _enter(walk: _Walk, names: Sequence[str]) -> None:
    """Walk the first function; the others where it hands over, else after it."""
    if not names:
        return
    hand = _Hand(lambda: _enter(walk, names[1:]))
    function = _function(walk.code, names[0])
    if function is not None:
        _body(walk, function, _Way(inside=(function.name,), hand=hand))
        if len(names) > 1:
            _wrapped(walk, function.name, hand)
    hand.take()


def _wrapped(walk: _Walk, decorator: str, hand: _Hand) -> None:
    """Walk what a decorator puts in a handler's place; the handler where that calls what it was given."""
    for name in known(walk.code).wrappers(decorator):
        way = _Way(inside=(name,), hand=hand, wraps=tuple(_given_around(name, walk.code)))
        _body(walk, walk.code.functions[name], way)


def _given_around(name: str, code: Codebase) -> Iterator[str]:
    """The names under which calls of what the functions around one were given are told."""
    while (around := code.functions.get(name := before_last(name))) is not None:
        yield from (f"{UNKNOWN}.{parameter.name}" for parameter in around.parameters)


def _function(code: Codebase, name: str) -> Function | None:
    """A function by its name; of a class what makes an object, of an object what it does when called."""
    found = (code.functions.get(f"{name}{ending}") for ending in ("", ".__init__", ".__call__"))
    return next((one for one in found if one is not None), None) or inherited(name, code)


def _body(walk: _Walk, function: Function, way: _Way) -> None:
    """A function's calls, in a transaction where a decorator says so."""
    wrapped = (replace(one, block=function.calls) for one in function.decorators)
    atomic = next((one for one in wrapped if scope(one, walk.code) is Scope.TRANSACTION), None)
    if atomic is not None and function.calls:
        _scoped(walk, atomic, Scope.TRANSACTION, way)
    else:
        _walk(walk, function.calls, way)


def _dependencies(names: Iterable[str], code: Codebase) -> list[str]:
    """Functions with all they depend on, each after its own dependencies and only once."""
    found: list[str] = []

    def add(name: str, above: tuple[str, ...]) -> None:
        function = _function(code, name)
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


def _walk(walk: _Walk, calls: Sequence[Call], way: _Way) -> None:
    for at, call in enumerate(calls):
        if walk.is_over:
            return
        _follow(walk, call, way, _Rest(calls, at + 1))


def _follow(walk: _Walk, call: Call, way: _Way, rest: _Rest = _NO_REST) -> None:
    """One call: what it reaches itself, then what it calls, with what is called while it is open."""
    walk.steps += 1
    if call.name == YIELD or call.name in way.wraps:
        if way.hand is not None:
            way.hand.take()
        return
    call = meant(filled(call, way.given), walk.code)
    walk.unit.hint = way.hint
    walk.unit.see(call, walk.code)
    if _send(walk, call, way, rest):
        return
    if last(call.name) in _LATER:
        walk.after.append((call, _joined(way, call)))
        return
    kind = scope(call, walk.code)
    if call.block and kind is not Scope.NONE:
        _scoped(walk, call, kind, way)
        return
    hand = _Hand(lambda: _walk(walk, call.block, way))
    _call_in(walk, call, replace(way, hand=hand, wraps=()))
    hand.take()
    _unscoped(walk, call, kind, way)


def _call_in(walk: _Walk, call: Call, way: _Way) -> None:
    """Walk the project's own function that a call goes to."""
    name = target_of(call, walk.code)
    function = walk.code.functions.get(name)
    if function is None or name in way.inside or name in walk.barren or len(way.inside) >= _DEPTH_LIMIT:
        return
    if name in fertile(walk.code) or call.block:
        own = name.startswith((f"{way.inside[-1]}.", f"{before_last(way.inside[-1])}."))
        outer = made_with(call, walk.code)
        outer = way.given if own and not outer.values else outer
        inner = replace(
            _joined(way, call),
            given=bound(function, call, outer),
            inside=(*way.inside, name),
            hint=_made_for(call, walk.code) or way.hint,
        )
        before = walk.seen
        _body(walk, function, inner)
        if walk.seen == before and not call.block:
            walk.barren.add(name)


def _made_for(call: Call, code: Codebase) -> str:
    """The table that the object a call is made on was made for: ``users = Repository(User)``."""
    if call.owner.shape is Shape.NAME and last(call.owner.text) == "objects":
        table = known(code).table(call.owner.text)
        return table.name if table is not None else ""
    owner = known(code).resolve(call.owner)
    tables = {known(code).tables[name].name for name in symbols(owner)[1:] if name in known(code).tables}
    if not tables and owner.text in code.bases:
        written = known(code).tables.get(model_of(owner.text, code))
        return written.name if written is not None else ""
    return tables.pop() if len(tables) == 1 else ""


def _joined(way: _Way, call: Call) -> _Way:
    return replace(
        way,
        via=(*way.via, call.place),
        caught=(*call.caught, *way.caught),
        in_loop=way.in_loop or call.in_loop,
        sureness=_least(way.sureness, call.sureness),
    )


def _scoped(walk: _Walk, call: Call, kind: Scope, way: _Way) -> None:
    """Walk a block that stands in a transaction, a session, or under a limit."""
    level, start = len(walk.open), len(walk.done)
    nested = any(one == _BEGIN for one in walk.open)
    if kind is Scope.TRANSACTION:
        walk.open.append(_BEGIN)
    elif kind in (Scope.COMMITTING, Scope.AUTOCOMMIT):
        walk.open.append(_COMMITS if kind is Scope.COMMITTING else _AUTO)
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
    first = positional(call, 0)
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


def _send(walk: _Walk, call: Call, way: _Way, rest: _Rest) -> bool:
    """Send what a call sends, keep what it builds. True where it hands work over to another process."""
    family = planner(call, walk.code)
    role = family.role(call, walk.code) if family else Role.NOW
    found = [_placed(one, call, way) for one in reaches(call, walk.code)] or _of_unknown(walk, call, way)
    if role is Role.AMENDS and family and walk.unit.built:
        sent = walk.unit.built[-1]
        sent.reach = family.amended(sent.reach, call, walk.code)
    elif role is Role.PREPARED:
        for one in found:
            is_inside = one.in_transaction or bool(_inside(walk))
            walk.unit.built.append(Sent(replace(one, in_transaction=is_inside)))
            walk.done.append(walk.unit.built[-1])
    elif role is Role.SENDS:
        _flush(walk)
        taken = walk.unit.taken(found[0] if found else None)
        if taken is not None:
            taken = walk.unit.decided(taken) or taken
            _emit(walk, _placed(replace(taken, caught=(), via=()), call, way))
    elif role is Role.DEFERRED:
        walk.unit.defer(found, fresh=_is_fresh(call, walk.code))
    elif role is Role.SAVES:
        for one in filter(None, map(walk.unit.saved, found)):
            _emit(walk, one)
    else:
        _now(walk, found, rest, flushes=role is Role.FLUSHES)
    return any(one.protocol == "queue" for one in found)


def _is_fresh(call: Call, code: Codebase) -> bool:
    """Whether the object given was made on the spot, not brought from elsewhere."""
    first = positional(call, 0)
    if first is None or not first.items:
        return False
    return first.shape is Shape.INSTANCE or (first.shape is Shape.CALL and first.text not in code.functions)


def _of_unknown(walk: _Walk, call: Call, way: _Way) -> list[Reach]:
    """What an object of unknown class must be doing: it ends a transaction, or saves the row at hand."""
    if call.name == f"{UNKNOWN}.save" and way.hint:
        verb = "UPDATE" if last(way.inside[-1]) == "update" else "INSERT"
        told = Reach(known(walk.code).dialect, f"{verb} {way.hint}", Kind.WRITE, call.place, target=way.hint)
        return [_placed(replace(told, client="django", sureness=Sureness.GUESS), call, way)]
    if (verb := _OF_DOCUMENTS.get(call.name, "")) and (kept := _only_of(walk, "mongodb")):
        document = replace(kept, operation=f"{verb} {kept.target}", kind=Kind.WRITE, sureness=Sureness.GUESS)
        return [_placed(replace(document, caught=(), via=()), call, way)]
    kind = _ENDS.get(call.name)
    open_one = next((sent.reach for sent in reversed(walk.done) if sent.reach.protocol in SQL), None)
    like = next(iter(walk.unit.waiting), open_one if _inside(walk) else None)
    if kind is None or like is None:
        return []
    return [_placed(Reach(like.protocol, kind.upper(), kind, call.place, client=like.client), call, way)]


def _only_of(walk: _Walk, protocol: str) -> Reach | None:
    """What was reached of such a server before, where it was one thing only."""
    found = {sent.reach.target: sent.reach for sent in walk.done if sent.reach.protocol == protocol}
    return next(iter(found.values())) if len(found) == 1 else None


def _now(walk: _Walk, found: list[Reach], rest: _Rest, *, flushes: bool) -> None:
    if flushes or (found and found[0].client in ("sqlalchemy", "sqlmodel")):
        _flush(walk)
    for one in found:
        decided = walk.unit.decided(one) if one.protocol in SQL else one
        if decided is not None:
            _emit(walk, decided, rest)


def _flush(walk: _Walk) -> None:
    waiting, walk.unit.waiting = walk.unit.waiting, []
    for one in waiting:
        _emit(walk, one)


def _emit(walk: _Walk, reach: Reach, rest: _Rest = _NO_REST) -> None:
    """Add a crossing, in whatever transaction is open; open or close one where it says so."""
    if reach.protocol not in SQL:
        walk.done.append(Sent(replace(reach, in_transaction=bool(_inside(walk)))))
        return
    ends = reach.kind in (Kind.COMMIT, Kind.ROLLBACK)
    if reach.in_transaction and not ends and not _inside(walk) and walk.open[-1:] != [_AUTO]:
        walk.open.append(_LAZY)
    is_inside = bool(_inside(walk)) or reach.kind is Kind.COMMIT
    walk.done.append(Sent(replace(reach, in_transaction=is_inside and reach.kind is not Kind.BEGIN)))
    walk.unit.noted(reach)
    if reach.kind is Kind.BEGIN:
        walk.open.append(_BEGIN)
    elif _inside(walk) and (
        reach.kind is Kind.COMMIT or (reach.kind is Kind.ROLLBACK and not rest.commits(walk.code))
    ):
        walk.open.remove(_inside(walk)[-1])


def _inside(walk: _Walk) -> list[str]:
    return [one for one in walk.open if one in (_BEGIN, _LAZY)]


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
