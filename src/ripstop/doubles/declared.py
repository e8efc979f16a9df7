"""What a double is declared to be: its routes, its errors, the provider's own error bodies."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

from ripstop.doubles.refusals import default_shapes
from ripstop.doubles.routes import Route
from ripstop.errors import UsageError
from ripstop.model.http import Reply


@dataclass(slots=True)
class Declared:
    """The part of a double that no run changes. ``double`` is its name, for messages."""

    double: str
    routes: list[Route] = field(default_factory=list)
    errors: dict[str, tuple[str | None, Reply]] = field(default_factory=dict)
    shapes: dict[int, Reply] = field(default_factory=default_shapes)

    def add(self, route: Route) -> None:
        """Raises UsageError ``double-route`` for a second route of the same pattern."""
        if any(known.pattern == route.pattern for known in self.routes):
            raise UsageError("double-route", f"the double {self.double!r} answers {route.pattern} twice")
        self.routes.append(route)

    def check(self) -> None:
        """Raises UsageError ``double-route`` where an error belongs to a route that is not there."""
        for on, _ in self.errors.values():
            if on is not None:
                self.pattern(on)

    def facts_for(self, operation: str) -> tuple[Mapping[str, Reply], Mapping[int, Reply]]:
        """The errors an operation can give, by name, and all bodies by status."""
        errors = {name: reply for name, (on, reply) in self.errors.items() if on in (None, operation)}
        return errors, dict(self.shapes)

    def pattern(self, wanted: str) -> str:
        """The pattern itself. Raises UsageError ``double-route`` where no route has it."""
        patterns = [route.pattern for route in self.routes]
        if wanted in patterns:
            return wanted
        raise UsageError(
            "double-route",
            f"the double {self.double!r} has no route {wanted!r}",
            details=patterns,
            way_out=_did_you_mean(wanted, patterns),
        )

    def failure(self, error: str | int) -> Reply:
        """The reply of a declared error or of a status. Raises UsageError ``double-error``."""
        if isinstance(error, int):
            return self.shapes.get(error) or Reply(error)
        if error in self.errors:
            return self.errors[error][1]
        names = list(self.errors)
        raise UsageError(
            "double-error",
            f"the double {self.double!r} declares no error {error!r}",
            details=names,
            way_out=_did_you_mean(error, names) or f"declare it with .error({error!r}, reply=...)",
        )


def _did_you_mean(wanted: str, known: list[str]) -> str:
    close = difflib.get_close_matches(wanted, known, n=1)
    return f"did you mean {close[0]!r}?" if close else ""
