"""From calls that no double answered to a plan in which one does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ripstop.model.trace import operation_of
from ripstop.scaffold import external
from ripstop.scaffold.drafts import Seen
from ripstop.scaffold.plan import DoublePlan, Plan, RoutePlan, SeamPlan

_REFUSED = re.compile(r"the double '(\w+)' refused ([A-Z]+) (\S+): (.*)", re.DOTALL)
_FIELD = re.compile(r"body\.(\w+)")
_MISSED = re.compile(r"KeyError: '(\w+)'")
_KINDS: Mapping[type, str] = {
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    list: "list",
    dict: "dict",
}


def answered(plan: Plan, seen: Seen) -> Plan | None:
    """The plan with what a try's refused calls ask for; None where they ask for nothing new."""
    better = plan
    for one in seen.refusals:
        if found := _REFUSED.match(one):
            better = _route(better, *found.groups())
    for host in seen.kept_from:
        better = _host(better, host)
    return better if better != plan else None


def read_of_reply(plan: Plan, seen: Seen) -> Plan | None:
    """The plan with a field that the service missed in the last reply it was given."""
    missed = [found[1] for line in seen.log[-80:] if (found := _MISSED.search(line))]
    last = [(name, calls[-1][0]) for name, calls in seen.heard.items() if calls]
    for name, operation in last if missed else ():
        double = next((one for one in plan.doubles if one.name == name), None)
        route = next((one for one in double.routes if one.operation == operation), None) if double else None
        if double and route and missed[-1] not in route.reads:
            return _with(plan, double, route, replace(route, reads=(*route.reads, missed[-1])))
    return None


def typed(plan: Plan, seen: Seen) -> Plan:
    """The plan with the types of the fields that a green run was seen to send."""
    for name, calls in seen.heard.items():
        for operation, body in calls:
            double = next((one for one in plan.doubles if one.name == name), None)
            route = (
                next((one for one in double.routes if one.operation == operation), None) if double else None
            )
            if double and route and isinstance(body, dict) and not route.form:
                plan = _with(plan, double, route, replace(route, sends=_types(route.sends, body)))
    return plan


def _types(sends: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, str]:
    kinds = {name: _KINDS.get(type(value), "object") for name, value in body.items()}
    known = {name: kinds[name] if kind == "object" else kind for name, kind in sends.items() if name in kinds}
    return known or {name: kind for name, kind in kinds.items() if kind != "object"}


def _with(plan: Plan, double: DoublePlan, old: RoutePlan, new: RoutePlan) -> Plan:
    routes = tuple(new if one is old else one for one in double.routes)
    return _redoubled(plan, replace(double, routes=routes))


def _redoubled(plan: Plan, double: DoublePlan) -> Plan:
    kept = tuple(double if one.name == double.name else one for one in plan.doubles)
    return replace(plan, doubles=kept if double in kept else (*kept, double))


def _route(plan: Plan, name: str, method: str, target: str, differences: str) -> Plan:
    double = next((one for one in plan.doubles if one.name == name), None)
    if double is None:
        return plan
    path = distinct(operation_of(method, target).partition(" ")[2])
    known = next((one for one in double.routes if one.method == method and _answers(one.path, target)), None)
    if known is None:
        route = RoutePlan(method, path, external.effect_of(method, path))
        return _redoubled(plan, replace(double, routes=(*double.routes, route)))
    wrong = set(_FIELD.findall(differences))
    sends = {field: kind for field, kind in known.sends.items() if field not in wrong}
    return _with(plan, double, known, replace(known, sends=sends if wrong else {}))


def _answers(pattern: str, target: str) -> bool:
    parts = (re.escape(part) if "{" not in part else "[^/]+" for part in pattern.split("/"))
    return re.fullmatch("/".join(parts), target.partition("?")[0]) is not None


def distinct(path: str) -> str:
    """A path with each of its variables named once."""
    count = 0

    def name(_: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return "{id}" if count == 1 else f"{{id{count}}}"

    return re.sub(r"\{id\}", name, path)


def _host(plan: Plan, host: str) -> Plan:
    """A seam for a host that the service was kept from, unless one has it already."""
    name = external.host_name(host)
    if any(host in one.hosts or one.name == name for one in plan.seams):
        return plan
    known = external.built_in(host)
    if known:
        return replace(plan, seams=(*plan.seams, known))
    return replace(
        plan, seams=(*plan.seams, SeamPlan(name, "http", (host,))), doubles=(*plan.doubles, DoublePlan(name))
    )


def hosts(refused: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """Of the places a service was kept from, those that are web servers known by a name."""
    named = (host for host, port in refused if port in (0, 80, 443, 8080, 8443) and re.search(r"[a-z]", host))
    return tuple(dict.fromkeys(named))
