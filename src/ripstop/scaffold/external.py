"""The external services a survey found: a seam each, with the double that fits, or a skeleton of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ripstop.model.survey import Ranked, Reach
from ripstop.scaffold import calls
from ripstop.scaffold.plan import DoublePlan, RoutePlan, SeamPlan
from ripstop.scaffold.project import Project

_BUILT_IN: Mapping[str, tuple[str, str, str]] = {
    "stripe.com": ("stripe", "api.stripe.com", "stripe"),
    "sendgrid.com": ("sendgrid", "api.sendgrid.com", "sendgrid"),
    "twilio.com": ("twilio", "api.twilio.com", "twilio"),
    "amazonaws.com": ("s3", "*.amazonaws.com", "s3:uploads"),
}
_LIBRARIES: Mapping[str, str] = {
    "stripe": "stripe.com",
    "sendgrid": "sendgrid.com",
    "@sendgrid": "sendgrid.com",
    "twilio": "twilio.com",
    "boto3": "amazonaws.com",
    "botocore": "amazonaws.com",
    "aioboto3": "amazonaws.com",
    "@aws-sdk": "amazonaws.com",
}
_SUFFIX = re.compile(r"_?(API|BASE|SERVICE|SERVER|PROVIDER)?_?(BASE)?_?(URL|URI|ENDPOINT|HOST|ADDRESS|API)$")
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
_HOST = re.compile(r"^(?:https?://)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?(?:/|$)", re.IGNORECASE)
_HERE = re.compile(r"^(localhost|127\.|0\.0\.0\.0|.*\.local$|.*\.internal$)")


@dataclass(slots=True)
class External:
    """``providers`` maps settings that hold an address to seams; ``notes`` are for the person."""

    seams: list[SeamPlan] = field(default_factory=list)
    doubles: list[DoublePlan] = field(default_factory=list)
    providers: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def external(project: Project, workflows: Iterable[Ranked]) -> External:
    """A seam for each external service that any workflow reaches."""
    found = External()
    grouped: dict[str, list[Reach]] = {}
    for reach in (
        one for ranked in workflows for one in ranked.reaches if one.protocol in ("http", "storage")
    ):
        if target := _target(reach):
            same = grouped.setdefault(target, [])
            if all((one.place, one.operation) != (reach.place, reach.operation) for one in same):
                same.append(reach)
    for target, reaches in sorted(grouped.items()):
        _add(found, project, target, reaches)
    for place in sorted(
        {
            str(one.place)
            for r in workflows
            for one in r.reaches
            if one.protocol == "http" and not _target(one)
        }
    ):
        found.notes.append(
            f"{place} calls an address that the code does not tell: give it a seam, or a setting"
        )
    return found


def _target(reach: Reach) -> str:
    """The setting, or the host; a provider's own host where its library is used."""
    library = reach.client.partition(".")[0].partition("/")[0]
    if reach.target.startswith("$"):
        return reach.target
    host = _HOST.match(reach.target)
    if host and not _HERE.match(host[1]):
        return host[1].lower()
    return _BUILT_IN[_LIBRARIES[library]][1] if library in _LIBRARIES else ""


def _add(found: External, project: Project, target: str, reaches: Sequence[Reach]) -> None:
    if known := built_in(target):
        _merge(found, known)
        return
    name = _unused(setting_name(target[1:]) if target.startswith("$") else host_name(target), found)
    hosts = () if target.startswith("$") else (target,)
    if target.startswith("$"):
        found.providers[target[1:]] = name
    if document := _document(project, name, target):
        found.seams.append(SeamPlan(name, "http", hosts, f"openapi:{document}"))
        return
    found.seams.append(SeamPlan(name, "http", hosts))
    found.doubles.append(skeleton(project, name, reaches))


def built_in(host: str) -> SeamPlan | None:
    """The seam of a provider whose double comes with Ripstop."""
    known = next(
        (one for suffix, one in _BUILT_IN.items() if host == suffix or host.endswith(f".{suffix}")), None
    )
    return SeamPlan(known[0], "http", (known[1],), known[2]) if known else None


def _merge(found: External, seam: SeamPlan) -> None:
    if all(one.name != seam.name for one in found.seams):
        found.seams.append(seam)


def _unused(name: str, found: External) -> str:
    while any(one.name == name for one in found.seams) or name in ("db", "cache", "mail"):
        name += "_2"
    return name


def setting_name(setting: str) -> str:
    """What a provider is called whose address a setting holds: ``PAYMENTS_API_URL`` is payments."""
    short = _SUFFIX.sub("", setting.upper()).lower()
    short = re.sub(r"\W", "_", short).strip("_")
    return short if short.isidentifier() else "provider"


def host_name(host: str) -> str:
    """The part of a host's name that people know it by."""
    labels = host.split(".")
    if len(labels) > 2 and labels[-2] in _SECOND_LEVEL:
        labels.pop()
    name = re.sub(r"\W", "_", labels[-2] if len(labels) > 1 else labels[0])
    return name if name.isidentifier() else "provider"


def _document(project: Project, name: str, target: str) -> str:
    """An OpenAPI document of the provider's, by its file's name or the servers it lists."""
    for path in project.files:
        if not path.endswith((".yaml", ".yml", ".json")) or "openapi" not in project.text(path)[:2_000]:
            continue
        text = project.text(path)
        stem = path.rpartition("/")[2].partition(".")[0].lower()
        if re.search(r"""["']?openapi["']?\s*:\s*["']?3""", text[:2_000]) and (
            name in stem or (not target.startswith("$") and target in text)
        ):
            return path
    return ""


def skeleton(project: Project, name: str, reaches: Iterable[Reach]) -> DoublePlan:
    """A double with the routes that the code calls."""
    routes: dict[str, RoutePlan] = {}
    header = ""
    for reach in reaches:
        method, _, path = reach.operation.partition(" ")
        seen = calls.look(project, reach.place)
        header = header or seen.header
        route = RoutePlan(method, _pattern(path), effect_of(method, path), seen.sends, seen.form, seen.reads)
        known = routes.get(route.operation)
        routes[route.operation] = _both(known, route) if known else route
    return DoublePlan(name, tuple(routes.values()), header)


def _both(known: RoutePlan, other: RoutePlan) -> RoutePlan:
    """One route for two calls: what both send is asked for, what either reads is given."""
    sends = {field: kind for field, kind in known.sends.items() if field in other.sends}
    return replace(known, sends=sends, reads=tuple(dict.fromkeys((*known.reads, *other.reads))))


def _pattern(path: str) -> str:
    """A path whose variable parts are Python names."""
    taken: set[str] = {"request"}

    def named(found: re.Match[str]) -> str:
        name = re.sub(r"\W", "_", found[1].rpartition(".")[2])
        name = name if name.isidentifier() and name not in taken else f"part{len(taken)}"
        taken.add(name)
        return f"{{{name}}}"

    path = re.sub(r"\{([^{}]*)\}", named, path.partition("?")[0])
    return path if path.startswith("/") else f"/{path}"


def effect_of(method: str, path: str) -> str:
    """What a call does to the outside world, as a noun: ``POST /v1/charges`` is a charge, reading nothing."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return ""
    words = [
        one
        for one in path.partition("?")[0].split("/")
        if one and "{" not in one and not re.fullmatch(r"v\d+", one)
    ]
    last = re.sub(r"\W+", "_", words[-1]).strip("_") if words else method.lower()
    noun = (
        f"{last[:-3]}y"
        if last.endswith("ies")
        else last.removesuffix("s")
        if not last.endswith("ss")
        else last
    )
    return {"PUT": f"{noun} update", "PATCH": f"{noun} update", "DELETE": f"{noun} deletion"}.get(
        method, noun
    )
