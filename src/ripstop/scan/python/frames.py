"""The state of reading one body: the names it knows, the calls seen so far, what is caught around them."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field

from ripstop.model.survey import Exit, Place
from ripstop.scan.code import Call, Shape, Value
from ripstop.scan.python.modules import Definition, Module
from ripstop.scan.python.project import Project
from ripstop.scan.python.values import UNKNOWN_VALUE, named

BUILTINS = frozenset(dir(builtins))


@dataclass(slots=True)
class Frame:
    """One body being read. ``name`` is its qualified name, ``outer`` the frame it stands in.

    A silent frame works out values alone: its calls are of no interest.
    """

    project: Project
    module: Module
    name: str
    own_class: str = ""
    outer: Frame | None = None
    names: dict[str, Value] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    caught: tuple[str, ...] = ()
    in_loop: bool = False
    branches: int = 0
    exits: list[Exit] = field(default_factory=list)
    returned: Value = UNKNOWN_VALUE
    yielded: Value = UNKNOWN_VALUE
    inner: list[tuple[Definition, Frame]] = field(default_factory=list)
    """Functions defined in this body, to be read with its names."""
    stated: set[str] = field(default_factory=set)
    """The names it declares ``global``."""
    silent: bool = False
    at_module: bool = False
    is_class: bool = False

    def look_up(self, name: str) -> Value:
        """What a plain name stands for here."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.names:
                return frame.names[name]
            frame = frame.outer
        if name in self.module.bound:
            return self.project.value(self.project.member(self.module.name, name))
        if name in BUILTINS:
            return named(name)
        if self.module.stars:
            found = self.project.member(self.module.name, name)
            if found in self.project.symbols:
                return self.project.value(found)
            return self._from_star(name)
        return UNKNOWN_VALUE

    def _from_star(self, name: str) -> Value:
        """A name that only one library's star can have brought."""
        outside = [s for s in self.module.stars if not self.project.names.imported(self.module.path, s)]
        return named(f"{outside[0]}.{name}") if len(outside) == 1 else UNKNOWN_VALUE

    def assign(self, name: str, value: Value) -> None:
        """Give a name a value. In a branch, one of which nothing is known does not undo a known one.

        A module's own names are told by the project, the same to every file.
        """
        if self.at_module and name in self.module.bound:
            return
        told_less = value.shape in (Shape.UNKNOWN, Shape.NOTHING)
        if told_less and self.branches and name in self.names:
            return
        self.names[name] = value

    def place(self, node: ast.expr | ast.stmt | ast.ExceptHandler) -> Place:
        return Place(self.module.path, node.lineno, self.name)
