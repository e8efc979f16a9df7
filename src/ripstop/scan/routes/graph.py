"""Routers inside routers: what is declared on each, which holds which, and the whole paths that follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ripstop.model.survey import Place, Route, Sureness
from ripstop.scan.code import Codebase, Function
from ripstop.scan.routes.made import Key, is_known
from ripstop.scan.routes.paths import join

_MOST_WAYS = 50
_NO_GUARDS = frozenset(
    {
        "require_GET", "require_POST", "require_safe", "require_http_methods", "csrf_exempt", "csrf_protect",
        "atomic", "api_view", "action", "staticmethod", "classmethod", "property", "override", "overload",
        "abstractmethod", "contextmanager", "asynccontextmanager", "wraps", "cache", "lru_cache",
        "cache_page", "never_cache", "method_decorator", "inject", "sync_to_async", "permission_classes",
        "authentication_classes", "throttle_classes", "parser_classes", "renderer_classes", "use_kwargs",
        "marshal_with", "swag_from", "extend_schema", "swagger_auto_schema", "doc",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """An application, router, blueprint or controller; ``is_root`` where requests come in."""

    prefix: str = ""
    guards: tuple[str, ...] = ()
    is_root: bool = False


@dataclass(frozen=True, slots=True)
class Joint:
    """One holds another below ``prefix``; with ``instead`` that takes the place of the other's own."""

    parent: str
    child: str
    prefix: str = ""
    guards: tuple[str, ...] = ()
    instead: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A route as it is declared on ``owner``; ``path`` is written with braces already."""

    owner: str
    method: str
    path: str
    handler: str
    place: Place
    guards: tuple[str, ...] = ()
    sureness: Sureness = Sureness.CERTAIN


@dataclass(frozen=True, slots=True)
class Gap:
    """A line that makes routes which only the running application can tell; ``what`` is a sentence's end."""

    place: Place
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


@dataclass(slots=True)
class Graph:
    """All of one framework in a project, by the dotted names of what was made."""

    framework: str
    nodes: dict[str, Node] = field(default_factory=dict)
    joints: list[Joint] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    loops: frozenset[Key] = frozenset()
    """What stands for many, since it is made in a loop."""

    def routes(self) -> Iterator[Route]:
        """Every declared route under each whole path it has; what no application holds as a guess."""
        ways = self._ways()
        for point in self.points:
            for prefix, guards, sureness in ways.get(point.owner, ()):
                sure = _less_sure(point.sureness, sureness)
                yield Route(
                    method=point.method,
                    path=join(prefix, point.path),
                    handler=point.handler,
                    place=point.place,
                    framework=self.framework,
                    sureness=sure,
                    guards=tuple(dict.fromkeys((*guards, *point.guards))),
                )

    def _ways(self) -> dict[str, list[tuple[str, tuple[str, ...], Sureness]]]:
        below: dict[str, list[Joint]] = {}
        for joint in self.joints:
            below.setdefault(joint.parent, []).append(joint)
        held = {joint.child for joint in self.joints}
        ways: dict[str, list[tuple[str, tuple[str, ...], Sureness]]] = {}
        roots = [name for name, node in self.nodes.items() if node.is_root and name not in held]
        self._walk(roots, Sureness.CERTAIN, below, ways)
        loose = [name for name in self.nodes if name not in ways]
        self._walk([name for name in loose if name not in held], Sureness.GUESS, below, ways)
        self._walk([name for name in loose if name not in ways], Sureness.GUESS, below, ways)
        return ways

    def _walk(
        self,
        starts: Sequence[str],
        sureness: Sureness,
        below: Mapping[str, Sequence[Joint]],
        ways: dict[str, list[tuple[str, tuple[str, ...], Sureness]]],
    ) -> None:
        """From each start down; the names on the way there keep a router inside itself from going on."""
        waiting: list[tuple[str, str, tuple[str, ...], str, tuple[str, ...]]]
        waiting = [(name, "", (), self.nodes[name].prefix, (name,)) for name in starts]
        while waiting:
            name, above, guards, own, way = waiting.pop()
            node, prefix = self.nodes[name], join(above, own) if above or own else ""
            all_guards = (*guards, *node.guards)
            found = ways.setdefault(name, [])
            if len(found) >= _MOST_WAYS:
                continue
            found.append((prefix, all_guards, sureness))
            for joint in reversed(below.get(name, ())):
                if joint.child in self.nodes and joint.child not in way:
                    inner = self.nodes[joint.child].prefix
                    base, rest = (prefix, joint.prefix) if joint.instead else (prefix + joint.prefix, inner)
                    waiting.append(
                        (joint.child, base, (*all_guards, *joint.guards), rest, (*way, joint.child))
                    )


def _less_sure(one: Sureness, other: Sureness) -> Sureness:
    order = (Sureness.CERTAIN, Sureness.LIKELY, Sureness.GUESS)
    return max(one, other, key=order.index)


def decorator_guards(function: Function | None, verbs: Sequence[str]) -> tuple[str, ...]:
    """The decorators that may refuse a request: all but those that only register or change how it runs."""
    if function is None:
        return ()
    return tuple(one.name for one in function.decorators if is_guard(one.name, verbs))


def is_guard(name: str, verbs: Sequence[str]) -> bool:
    """Whether a decorator of that name may refuse a request; ``verbs`` are those that register."""
    return is_known(name) and name.rpartition(".")[2] not in (*verbs, *_NO_GUARDS)


def place_of(handler: str, fallback: Place, code: Codebase) -> Place:
    """Where a handler is defined; the line that names it where that is not in the project."""
    function = code.functions.get(handler)
    return function.place if function is not None else fallback
