"""What a double is declared to be: its routes, its errors, the provider's own error bodies."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ripstop.doubles.refusals import default_shapes
from ripstop.doubles.routes import Route
from ripstop.errors import UsageError
from ripstop.model.http import Reply, Request


@dataclass(slots=True)
class DeclaredError:
    """One error of the provider's domain. ``on`` is the route that can give it, None for any.

    ``when`` says of a request to that route whether it can be answered so; ``possible`` is what the
    requests heard so far said, None before the first.
    """

    on: str | None
    reply: Reply
    when: Callable[[Request], bool] | None = None
    possible: bool | None = None

    def heard(self, request: Request) -> None:
        if self.when is not None:
            self.possible = self.possible or self.when(request)


@dataclass(slots=True)
class Declared:
    """The part of a double that no run changes. ``double`` is its name, for messages."""

    double: str
    routes: list[Route] = field(default_factory=list)
    errors: dict[str, list[DeclaredError]] = field(default_factory=dict)
    shapes: dict[int, Reply] = field(default_factory=default_shapes)

    def add(self, route: Route) -> None:
        """Raises UsageError ``double-route`` for a second route of the same pattern."""
        if any(known.pattern == route.pattern for known in self.routes):
            raise UsageError("double-route", f"the double {self.double!r} answers {route.pattern} twice")
        self.routes.append(route)

    def check(self) -> None:
        """Raises UsageError ``double-route`` where an error belongs to a route that is not there."""
        for error in (one for several in self.errors.values() for one in several):
            if error.on is not None:
                self.pattern(error.on)

    def declare(self, name: str, error: DeclaredError) -> None:
        """Add an error, in place of one of the same name on the same route."""
        kept = [one for one in self.errors.get(name, ()) if one.on != error.on]
        self.errors[name] = [*kept, error]

    def heard(self, operation: str, request: Request) -> None:
        """Learn from a request which errors its operation can be answered with."""
        for several in self.errors.values():
            for error in several:
                if error.on == operation:
                    error.heard(request)

    def facts_for(self, operation: str) -> tuple[Mapping[str, Reply], Mapping[int, Reply]]:
        """The errors an operation can give, by name, and all bodies by status.

        Left out are those that no request to it so far could have been answered with.
        """
        found = ((name, self._error(name, operation)) for name in self.errors)
        errors = {name: error.reply for name, error in found if error and error.possible is not False}
        return errors, dict(self.shapes)

    def _error(self, name: str, operation: str) -> DeclaredError | None:
        several = self.errors[name]
        own = next((one for one in several if one.on == operation), None)
        return own or next((one for one in several if one.on is None), None)

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

    def failure(self, error: str | int, operation: str) -> Reply:
        """The reply of a declared error or of a status. Raises UsageError ``double-error``."""
        if isinstance(error, int):
            return self.shapes.get(error) or Reply(error)
        if error in self.errors:
            return (self._error(error, operation) or self.errors[error][0]).reply
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
