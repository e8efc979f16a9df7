"""The text of a file of doubles: one for each external service, answering what the code was seen to call."""

from __future__ import annotations

from collections.abc import Iterable

from ripstop.scaffold import values
from ripstop.scaffold.plan import DoublePlan, RoutePlan
from ripstop.scaffold.source import Code, identifier, literal, string

_VERBS = {"GET": "read", "POST": "create", "PUT": "replace", "PATCH": "change", "DELETE": "delete"}
_HEAD = '''"""Stand-ins for what the service calls, begun by `ripstop init` from the calls in its code."""

from ripstop.doubles import Double, Reply, Request
'''


def text(doubles: Iterable[DoublePlan]) -> str:
    """The whole file."""
    return _HEAD + "".join(_double(one) for one in doubles)


def _double(one: DoublePlan) -> str:
    header = f", idempotency_header={string(one.header)}" if one.header else ""
    made = f"\n{one.name} = Double({string(one.name)}{header})\n"
    taken: set[str] = {one.name}
    return made + "".join(_route(one, route, taken) for route in one.routes)


def _route(double: DoublePlan, route: RoutePlan, taken: set[str]) -> str:
    options = f", effect={string(route.effect)}" if route.effect else ""
    if route.sends:
        shape = {name: Code(kind) for name, kind in route.sends.items()}
        options += f", {'form' if route.form else 'json'}={literal(shape, 0, 60)}"
    name = _name(route, taken)
    return (
        f"\n\n@{double.name}.route({string(route.operation)}{options})\n"
        f"def {name}(request: Request) -> Reply:\n"
        f"    return Reply.of({201 if route.method == 'POST' else 200}, {_reply(double, route)})\n"
    )


def _name(route: RoutePlan, taken: set[str]) -> str:
    words = [word for word in route.path.split("/") if word and "{" not in word]
    subject = (
        (route.effect or (words[-1] if words else "root"))
        if route.method == "POST"
        else (words[-1] if words else "root")
    )
    base = name = identifier(f"{_VERBS.get(route.method, route.method.lower())} {subject}")
    while name in taken:
        name = f"{base}_{len(taken)}"
    taken.add(name)
    return name


def _reply(double: DoublePlan, route: RoutePlan) -> str:
    """What is read is in it; a creation has an id, a status and what it was sent."""
    fields: dict[str, object] = {}
    if route.effect or not route.reads:
        fields["id"] = Code(f"{double.name}.new_id({string(identifier(route.effect or double.name))})")
        fields["status"] = "succeeded"
    for name in route.reads:
        fields.setdefault(name, values.candidates(name)[0])
    echo = route.effect and route.sends and not route.form
    inner = literal(fields, 4, 200 if len(fields) > 4 else 30)
    if not echo:
        return inner
    return inner.removesuffix("}").rstrip().rstrip(",") + (
        ",\n        **request.json(),\n    }" if "\n" in inner else ", **request.json()}"
    )
