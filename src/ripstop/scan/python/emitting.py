"""Writing down a call: its resolved name, how sure that is, and the project's function it goes to."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ripstop.model.survey import Sureness
from ripstop.scan.code import UNKNOWN, Argument, Call, Shape, Value
from ripstop.scan.python.frames import Frame
from ripstop.scan.python.modules import ClassDefinition, Definition
from ripstop.scan.python.project import Project
from ripstop.scan.python.values import instance

NEVER_CALLING = frozenset({
    "fastapi.Depends", "fastapi.Security", "functools.partial", "typing.cast", "isinstance", "issubclass",
    "functools.wraps", "callable", "hasattr", "getattr", "inspect.signature",
})  # fmt: skip
"""Calls that are given a function and do not call it."""
HOOKS = {"save": ("create", "update"), "is_valid": ("validate",), "run_validation": ("validate",)}
"""Methods of Django REST framework's serializers, by those that call them."""


@dataclass(slots=True)
class Made:
    """A call as it is being read: what is called, on what, with which arguments."""

    node: ast.expr | ast.stmt
    callee: Value
    owner: Value
    written: str
    awaited: bool = False
    arguments: list[Argument] = field(default_factory=list)

    def give(self, value: Value, name: str = "") -> None:
        self.arguments.append(Argument(value, name))


def emit(made: Made, frame: Frame) -> str:
    """Add the call to the frame; its resolved name."""
    project = frame.project
    name = called_name(project, made)
    if frame.silent:
        return name
    target = target_of(project, name)
    frame.calls.append(
        Call(
            name=name,
            place=frame.place(made.node),
            arguments=tuple(made.arguments),
            sureness=_sureness(project, made, name),
            target=target,
            owner=made.owner,
            block=(*_handed_over(made, name, target, frame), *_hooks(made, name, frame)),
            caught=frame.caught,
            in_loop=frame.in_loop,
            awaited=made.awaited,
        )
    )
    return name


def called_name(project: Project, made: Made) -> str:
    """The dotted name of what is called; an object that is called itself by its ``__call__``."""
    callee = made.callee
    kind = project.type_of(callee)
    if callee.shape is Shape.NAME and not kind:
        return callee.text
    if kind:
        own = project.inherited(kind, "__call__")
        outside = project.outside(kind) if kind in project.symbols else kind
        return own or f"{outside or kind}.__call__"
    return f"{UNKNOWN}.{made.written}"


def target_of(project: Project, name: str) -> str:
    """The qualified name of the project's own function that runs; of a class its ``__init__``."""
    symbol = project.symbols.get(name)
    if isinstance(symbol, Definition):
        return name
    if isinstance(symbol, ClassDefinition):
        found = project.inherited(name, "__init__") or project.inherited(name, "__post_init__")
        return found if isinstance(project.symbols.get(found), Definition) else ""
    return ""


def _sureness(project: Project, made: Made, name: str) -> Sureness:
    if name.startswith(f"{UNKNOWN}."):
        return Sureness.GUESS
    inferred = project.type_of(made.owner) if made.owner.shape is not Shape.UNKNOWN else ""
    return Sureness.LIKELY if inferred or made.callee.text != name else Sureness.CERTAIN


def _hooks(made: Made, name: str, frame: Frame) -> tuple[Call, ...]:
    """Methods of the project that a library's method calls on the same object."""
    head, _, method = name.rpartition(".")
    if not head.startswith("rest_framework.") or method not in HOOKS:
        return ()
    kind, place = frame.project.type_of(made.owner), frame.place(made.node)
    found = [frame.project.inherited(kind, one) for one in HOOKS[method]]
    own = [one for one in found if isinstance(frame.project.symbols.get(one), Definition)]
    if own or method != "save":
        return tuple(
            Call(one, place, sureness=Sureness.LIKELY, target=one, owner=made.owner, caught=frame.caught)
            for one in own
        )
    stated = frame.project.inherited(kind, "Meta.model")
    if not stated:
        return ()
    model = frame.project.value(stated)
    manager = instance("django.db.models.Manager", (("model", model),))
    create = "django.db.models.Manager.create"
    return (Call(create, place, sureness=Sureness.LIKELY, owner=manager, caught=frame.caught),)


def _handed_over(made: Made, name: str, target: str, frame: Frame) -> tuple[Call, ...]:
    """Calls of the project's functions that were given as arguments, to be called by who got them.

    Where one of a table's functions is called, by a key that is not known, all that it may be.
    """
    if (
        frame.at_module
        or name in NEVER_CALLING
        or isinstance(frame.project.symbols.get(name), ClassDefinition)
    ):
        return ()
    choices = [value.text for _, value in made.callee.items] if made.callee.shape is Shape.UNKNOWN else []
    given = [a.value.text for a in made.arguments if a.value.shape is Shape.NAME]
    functions = [one for one in choices + given if isinstance(frame.project.symbols.get(one), Definition)]
    place = frame.place(made.node)
    return tuple(
        Call(
            one,
            place,
            arguments=tuple(made.arguments) if one in choices else (),
            sureness=Sureness.GUESS if one in choices else Sureness.LIKELY,
            target=one,
            caught=frame.caught,
            in_loop=frame.in_loop,
        )
        for one in functions
        if one != target
    )
