"""Bodies to functions: each read once, when its turn comes or when what it gives is asked for."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from ripstop.model.survey import Place, Unread
from ripstop.scan.code import Function, Shape, Value
from ripstop.scan.python.annotations import annotation
from ripstop.scan.python.calling import entered
from ripstop.scan.python.defining import body_frame, decorators, parameters
from ripstop.scan.python.expressions import value
from ripstop.scan.python.frames import Frame
from ripstop.scan.python.modules import Assigned, Definition, Module
from ripstop.scan.python.project import Project, Summary
from ripstop.scan.python.statements import run
from ripstop.scan.python.values import UNKNOWN_VALUE, first_known

ITERATOR = "collections.abc.Iterator"
MOST_NESTED = 12
"""Functions are followed so deep for what they give; beyond, only their annotations tell."""


@dataclass(slots=True)
class Reading:
    """The functions read so far, by name, and the frames of those whose inner names still count."""

    project: Project
    functions: dict[str, Function] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    _given: dict[str, Summary] = field(default_factory=dict)
    _started: set[str] = field(default_factory=set)
    _late: list[tuple[Definition, Frame]] = field(default_factory=list)
    _depth: int = 0
    _copied: int = 0

    def read_module(self, module: Module) -> None:
        """Read a module's body and every function in it, inner ones included."""
        frame = Frame(self.project, module, module.name, at_module=True)
        self._run(module.tree.body, frame, f"{module.name}.<module>")
        end = module.tree.body[-1].end_lineno if module.tree.body else 1
        name = f"{module.name}.<module>"
        place = Place(module.path, 1, name)
        self.functions[name] = Function(
            name, place, end or 1, calls=tuple(frame.calls), exits=tuple(frame.exits)
        )
        self._read_inner(frame)

    def forget(self) -> None:
        """Let go of all trees at once, without waiting for a search for cycles."""
        self.project.forget()

    def _read_inner(self, frame: Frame) -> None:
        self._note(frame.inner)
        while self._late or self._copied < len(self.project.copies):
            if not self._late:
                self._late.append((self.project.copies[self._copied], frame))
                self._copied += 1
            definition, around = self._late.pop()
            if definition.name not in self._started:
                self._try_read(definition, around)

    def _note(self, inner: list[tuple[Definition, Frame]]) -> None:
        """Remember functions that were defined, to be read where nobody asks for them before."""
        self._late += inner
        inner.clear()

    def _try_read(self, definition: Definition, outer: Frame) -> None:
        """Read a function; what stands in the way costs that function alone."""
        try:
            self._read(definition, outer)
        except Exception as error:
            self._give_up(definition.module, definition.node.lineno, definition.name, error)

    def _give_up(self, module: Module, line: int, name: str, error: Exception) -> None:
        deep = isinstance(error, RecursionError)
        why = (
            "it is nested too deeply"
            if deep
            else f"it could not be followed: {type(error).__name__}: {error}"
        )
        self.unread.append(Unread(Place(module.path, line, name), why))

    def _read(self, definition: Definition, outer: Frame) -> None:
        self._started.add(definition.name)
        frame = body_frame(definition, outer)
        node = definition.node
        place = Place(definition.module.path, node.lineno, definition.name)
        told = annotation(getattr(node, "returns", None), frame)
        decorated = decorators(getattr(node, "decorator_list", []), outer)
        known = parameters(definition, frame)
        frame.calls.clear()
        if isinstance(node, ast.Lambda):
            frame.returned = self._value(node.body, frame)
        else:
            self._run(node.body, frame, definition.name)
        self._given[definition.name] = Summary(frame.returned, frame.yielded)
        self.functions[definition.name] = Function(
            name=definition.name,
            place=place,
            end_line=node.end_lineno or node.lineno,
            parameters=known,
            decorators=decorated,
            calls=tuple(frame.calls),
            exits=tuple(frame.exits),
            returns=told.name,
            is_async=isinstance(node, ast.AsyncFunctionDef),
        )
        self._note(frame.inner)

    def _run(self, body: list[ast.stmt], frame: Frame, name: str) -> None:
        try:
            run(body, frame)
        except Exception as error:
            self._give_up(frame.module, body[0].lineno if body else 1, name, error)

    def _value(self, node: ast.expr, frame: Frame) -> Value:
        try:
            return value(node, frame)
        except RecursionError:
            return UNKNOWN_VALUE

    def summarise(self, definition: Definition) -> Summary | None:
        """What calling a function gives: as its annotation says, or else as its body shows.

        None while it is being read, and where too many calls lead here: another time it may be told.
        """
        home = definition.around if isinstance(definition.around, Frame) else None
        home = home or Frame(self.project, definition.module, definition.module.name, at_module=True)
        declared = self._declared(definition, home)
        if declared is not None and _is_own(self.project, declared):
            return declared
        if definition.name not in self._started and self._depth < MOST_NESTED:
            self._depth += 1
            self._try_read(definition, home)
            self._depth -= 1
        given = self._given.get(definition.name)
        return given if declared is None else _more_told(declared, given)

    def _declared(self, definition: Definition, home: Frame) -> Summary | None:
        returns = getattr(definition.node, "returns", None)
        if returns is None:
            return None
        told = annotation(returns, body_frame(definition, home)).of
        if told.shape is Shape.INSTANCE and told.text == ITERATOR:
            given = told.get("0") or UNKNOWN_VALUE
            return Summary(yielded=given) if given.shape is not Shape.UNKNOWN else None
        plain = told.shape is Shape.INSTANCE and "." not in told.text
        return None if plain or told.shape in (Shape.UNKNOWN, Shape.NOTHING) else Summary(returned=told)

    def evaluate(self, assigned: Assigned, module: Module, prefix: str) -> Value:
        """The value of an assignment, read on its own."""
        frame = self._silent(assigned, module, prefix)
        told = self._value(assigned.value, frame) if assigned.value is not None else UNKNOWN_VALUE
        vague = told.shape in (Shape.UNKNOWN, Shape.NOTHING, Shape.CALL) and not self.project.type_of(told)
        if vague and assigned.annotation is not None:
            told = _with_secondary(first_known(annotation(assigned.annotation, frame).of, told), told)
        if assigned.part is not None:
            found = told.get(str(assigned.part)) if told.shape is Shape.LIST else None
            return found or UNKNOWN_VALUE
        return entered(self.project, told) if assigned.is_entered else told

    def _silent(self, assigned: Assigned, module: Module, prefix: str) -> Frame:
        frame = Frame(self.project, module, module.name, at_module=True, silent=True)
        if prefix in self.project.symbols and prefix != module.name:
            frame = Frame(
                self.project, module, prefix, own_class=prefix, is_class=True, silent=True, outer=frame
            )
        if assigned.within is not None:
            within = assigned.within
            if prefix in self.project.symbols and within.own_class:
                within = replace(within, own_class=prefix)
            frame = body_frame(within, frame)
            frame.silent = True
            parameters(within, frame)
        return frame


def _with_secondary(kind: Value, made: Value) -> Value:
    """Rows that a relationship gives, with the table between where there is one (``secondary=``)."""
    between = made.get("secondary")
    return kind if between is None or kind.items else replace(kind, items=(("secondary", between),))


def _is_own(project: Project, declared: Summary) -> bool:
    """Whether an annotation names a class of the project, about which a body would tell no more."""
    return any(one.text in project.symbols for one in (declared.returned, declared.yielded))


def _more_told(declared: Summary, given: Summary | None) -> Summary:
    """An object of the declared type, with the arguments it was made with where the body makes it."""
    if given is None:
        return declared
    returned, yielded = (
        seen if seen.text == said.text and seen.items else said
        for said, seen in ((declared.returned, given.returned), (declared.yielded, given.yielded))
    )
    return Summary(returned, yielded)
