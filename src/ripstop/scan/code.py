"""Code as the rest of this room sees it, whatever language it is written in: functions and their calls.

A reader of a language turns files into a Codebase; routes, seams and hazards are found in that alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ripstop.model.survey import Exit, Place, Sureness, Unread

UNKNOWN = "?"
"""The first part of a dotted name whose owner could not be inferred, as in ``?.execute``."""
YIELD = "<yield>"
"""The name of the call that stands where a generator hands over: the block of who entered it runs there."""


class Shape(StrEnum):
    """What is known of a value."""

    TEXT = "text"
    """A literal text; its holes are ``{name}``, as in ``{PAYMENTS_URL}/v1/charges``."""
    NUMBER = "number"
    NOTHING = "nothing"
    """None, null or undefined, written as such."""
    SETTING = "setting"
    """Read from the environment; ``text`` is the variable's name."""
    NAME = "name"
    """Something named: ``text`` is its resolved dotted name (a class, a function, a constant)."""
    INSTANCE = "instance"
    """An object; ``text`` is the dotted name of its class."""
    MAPPING = "mapping"
    LIST = "list"
    CALL = "call"
    """The result of a call; ``text`` is the resolved dotted name that was called."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Value:
    """An argument or a constant, as far as it can be read.

    ``items`` are those of a mapping or a list; of a call and an instance made on the spot the arguments,
    by name, positional ones by their number: ``APIRouter(prefix="/x")`` has the item ``prefix``,
    ``path("x", view)`` the items ``0`` and ``1``, nested to any depth.
    Under ``.`` is the value it was called on: ``select(Order).where(x)`` is the CALL
    ``sqlalchemy.Select.where`` with the items ``0`` and ``.``, the CALL ``sqlalchemy.select``. A list's
    items are named by their number, a setting's may be its ``default``.
    """

    shape: Shape = Shape.UNKNOWN
    text: str = ""
    items: tuple[tuple[str, Value], ...] = ()

    def get(self, key: str) -> Value | None:
        """The item of a mapping with that key, compared without case."""
        return next((value for name, value in self.items if name.lower() == key.lower()), None)


@dataclass(frozen=True, slots=True)
class Argument:
    """``name`` is empty for a positional one, ``*`` and ``**`` for those that are unpacked."""

    value: Value
    name: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call in the order in which it happens.

    ``name`` is dotted and resolved through imports, assignments and annotations:
    ``requests.post``, ``sqlalchemy.orm.Session.add``, ``?.execute``. ``target`` is the qualified name of
    the project's own function that is called, empty where it is none. ``block`` are the calls made while
    this one is open: the body of ``with``, or of the callback it was given. ``owner`` is the value it was
    called on: for what the project named a NAME (``app.main.router``, ``app.main.create_app.router`` for
    a local one). ``caught`` are the exceptions caught around it, innermost first.

    Three are no calls as written: YIELD, where a generator hands over to whoever entered it; an
    assignment ``order.status = "paid"`` to an object of a table's class, as ``shop.Order.__setattr__``
    with the attribute's name and the value; and in the block of a call to elsewhere those of the
    project's functions that it was given to call (``to_thread(charge, order)``).
    """

    name: str
    place: Place
    arguments: tuple[Argument, ...] = ()
    sureness: Sureness = Sureness.CERTAIN
    target: str = ""
    owner: Value = Value()
    block: tuple[Call, ...] = ()
    caught: tuple[str, ...] = ()
    in_loop: bool = False
    awaited: bool = False

    def argument(self, name: str, position: int | None = None) -> Value | None:
        """The argument of that name, or at that position among the positional ones (from 0)."""
        for given in self.arguments:
            if given.name == name:
                return given.value
        positional = [given.value for given in self.arguments if not given.name]
        return positional[position] if position is not None and position < len(positional) else None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A function's parameter: the dotted name of its annotation, and its default where it has one.

    ``notes`` are what ``Annotated`` adds, such as the CALL ``fastapi.Depends``, through an alias as well.
    """

    name: str
    annotation: str = ""
    default: Value | None = None
    notes: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A function, method, or module body (``name`` then ends in ``.<module>``), by its qualified name.

    A method inherited from a generic class, or one whose attributes the class below replaces, is told for
    that class as well: ``shop.OrderRepository.get`` beside ``shop.Repository.get``, at the same place.
    """

    name: str
    place: Place
    end_line: int
    parameters: tuple[Parameter, ...] = ()
    decorators: tuple[Call, ...] = ()
    calls: tuple[Call, ...] = ()
    exits: tuple[Exit, ...] = ()
    returns: str = ""
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """``type`` is as written in the code, lower case; ``references`` is ``table.column``."""

    name: str
    type: str = ""
    required: bool = False
    references: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table the code declares; ``symbol`` is the dotted name of the class or variable standing for it."""

    name: str
    symbol: str
    place: Place
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Codebase:
    """All that a language's readers found. Compared by identity, so that what follows from it can be kept.

    ``constants`` are values by dotted name: module-level (``app.main.router``), in a class body
    (``app.views.Orders.permission_classes``), local to a function where made by a call
    (``app.main.create_app.router``).
    """

    functions: Mapping[str, Function] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    constants: Mapping[str, Value] = field(default_factory=dict)
    bases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()
    files: int = 0
