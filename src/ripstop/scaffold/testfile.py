"""The text of a first test: fixtures for what it needs, one request, what was seen to be stable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ripstop.model.survey import Ranked, Route
from ripstop.scaffold.asserting import assertions
from ripstop.scaffold.drafts import Draft, Found, Fresh, Given, Joined, Path, Row, Seen, Send, Step
from ripstop.scaffold.greening import Outcome
from ripstop.scaffold.source import Code, identifier, literal, prose, string

_VERBS = {"POST": "create", "PUT": "replace", "PATCH": "change", "DELETE": "delete", "GET": "read"}
_ACTIONS = re.compile(
    r"^(cancel|pay|refund|confirm|approve|reject|login|logout|register|signup|checkout|verify|reset|transfer|send|complete|"
    r"publish|archive|activate|close|open|submit|ship|return|redeem|withdraw|deposit|charge|capture|invite|accept|join|book)"
)


def name_of(route: Route) -> str:
    """What a workflow is called: its handler's words, else its route's."""
    last = route.handler.rpartition(".")[2]
    if re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", last) and not last.startswith(("handle_", "post_", "get_")):
        return last.replace("_", " ")
    if re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)+", last):
        return re.sub(r"(?=[A-Z])", " ", last).lower()
    words = [
        one for one in route.path.split("/") if one and "{" not in one and not re.fullmatch(r"api|v\d+", one)
    ]
    words = [one.replace("-", " ").replace("_", " ") for one in words]
    if words and _ACTIONS.match(words[-1]):
        return " ".join([words[-1], *(_one(word) for word in words[-2:-1])])
    return f"{_VERBS.get(route.method.upper(), route.method.lower())} {_one(words[-1]) if words else 'root'}"


def _one(word: str) -> str:
    return (
        f"{word[:-3]}y"
        if word.endswith("ies")
        else word.removesuffix("s")
        if not word.endswith("ss")
        else word
    )


def key_of(draft: Draft) -> str:
    """Where the request carries what makes it safe to repeat, as the marker says it; empty for nowhere."""
    header = next((name for name, one in draft.act.headers.items() if isinstance(one, Fresh)), "")
    if header:
        return f"header:{header}"
    body = draft.act.form if draft.act.form is not None else draft.act.json
    named = (
        [name for name, one in body.items() if isinstance(one, Fresh)] if isinstance(body, Mapping) else []
    )
    return f"body:{named[0]}" if named else ""


def text(outcome: Outcome) -> str:
    """The whole file."""
    draft, ranked = outcome.draft, outcome.ranked
    seen = outcome.seen[-1] if outcome.seen else outcome.last
    fixtures = "".join(f"\n\n{_fixture(one, draft, seen)}\n" for one in draft.arrange)
    body = f"{fixtures}\n\n{_test(outcome)}\n"
    uuid = "from uuid import uuid4\n\n" if "uuid4()" in body else ""
    kind = "The first workflow of" if outcome.green else "A first draft for"
    head = (
        f'"""{kind} {prose(ranked.route.operation)}, written by `ripstop init`; it is yours to change."""\n\n'
    )
    return f"{head}{uuid}import pytest\n{body}"


def _test(outcome: Outcome) -> str:
    draft, ranked = outcome.draft, outcome.ranked
    name = name_of(ranked.route)
    seen = outcome.seen[-1] if outcome.seen else outcome.last
    call = _call(draft.act, seen, "response", 4)
    lines = [call, ""]
    if outcome.green:
        lines += [f"    {line}" for line in assertions(draft, *outcome.seen)]
        marker = _marker(ranked, draft, name)
        said = ""
    else:
        lines.append("    assert response.status_code < 300, response.text")
        marker = f"@pytest.mark.xfail(strict=True, reason={string(prose(outcome.note)[:160])})"
        said = _unfinished(outcome.note, _marker(ranked, draft, name))
    body = "\n".join(lines)
    used = [one.name for one in draft.arrange if re.search(rf"\b{one.name}\[", body)]
    needed = {name for one in draft.arrange for name in _needs(one, draft)}
    rest = [one.name for one in draft.arrange if one.name not in used and one.name not in needed]
    uses = f"@pytest.mark.usefixtures({', '.join(map(string, rest))})\n" if rest else ""
    arguments = ", ".join(["service", "seams", *used])
    return f"{marker}\n{uses}def test_{identifier(name)}({arguments}):\n{said}{body}"


def _unfinished(note: str, marker: str) -> str:
    """A docstring for the person who finishes it."""
    then = marker.replace('"', "'")
    return f'    """TODO: {prose(note)}.\n\n    Once it is green, in the place of xfail: {then}\n    """\n\n'


def _marker(ranked: Ranked, draft: Draft, name: str) -> str:
    """What a person said of the risk is repeated; ours would stand above what the code tells."""
    risk = f", risk={string(ranked.stake.risk)}" if ranked.stake.risk else ""
    key = f", idempotency_key={string(key_of(draft))}" if key_of(draft) else ""
    return f"@pytest.mark.workflow({string(name)}{risk}{key})"


def _fixture(step: Step, draft: Draft, seen: Seen) -> str:
    needs = [*_needs(step, draft)]
    if isinstance(step, Row):
        arguments = ", ".join(["seams", *needs])
        return f"@pytest.fixture\ndef {step.name}({arguments}):\n{_insert(step, seen)}"
    if isinstance(step, Found):
        where = ", ".join(f"{name}={literal(one)}" for name, one in step.where.items())
        arguments = ", ".join(["seams", *needs])
        call = f"seams.db.row({string(step.table)}, {where})"
        return f"@pytest.fixture\ndef {step.name}({arguments}):\n    return {call}"
    arguments = ", ".join(["service", *needs])
    call = _call(step, seen, "response", 4)
    return (
        f"@pytest.fixture\ndef {step.name}({arguments}):\n{call}\n"
        "    assert response.is_success, response.text\n    return response.json()"
    )


def _insert(step: Row, seen: Seen) -> str:
    given = [string(step.table), *(f"{name}={_shown(one, seen, 8)}" for name, one in step.values.items())]
    flat = f"    return seams.db.insert({', '.join(given)})"
    if len(flat) <= 88:
        return flat
    return "\n".join(["    return seams.db.insert(", *(f"        {one}," for one in given), "    )"])


def _needs(step: Step, draft: Draft) -> Iterator[str]:
    """The fixtures that one asks for: those whose values it takes, and what has to have happened before."""
    taken = dict.fromkeys(one.step for one in _givens(step))
    after = step.name == "login" or isinstance(step, Found)
    if after and any(one.name == "register" for one in draft.arrange):
        taken["register"] = None
    yield from taken


def _givens(value: Any) -> Iterator[Given]:
    if isinstance(value, Given):
        yield value
    elif isinstance(value, Row):
        yield from _givens(value.values)
    elif isinstance(value, Send):
        for part in (value.params, value.headers, value.query, value.json, value.form):
            yield from _givens(part)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _givens(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _givens(one)
    elif isinstance(value, Joined):
        yield from _givens(list(value.parts))


def _call(send: Send, seen: Seen, name: str, indent: int) -> str:
    """``response = service.post(...)``, over several lines where it is long."""
    options = [(key, part) for key, part in (("params", send.query), ("headers", send.headers)) if part]
    if send.form is not None:
        options.append(("data", send.form))
    elif send.json is not None:
        options.append(("json", send.json))
    method = send.method.lower()
    head = (
        f"{name} = service.{method}("
        if method != "delete" or not send.json
        else f'{name} = service.request("DELETE", '
    )
    shown = [(key, _coded(part, seen)) for key, part in options]
    flat = ", ".join([_path(send), *(f"{key}={literal(part, 0, -1000)}" for key, part in shown)])
    pad = " " * indent
    if len(pad + head + flat) < 100:
        return f"{pad}{head}{flat})"
    inner = " " * (indent + 4)
    lines = [f"{inner}{_path(send)},"]
    lines += [f"{inner}{key}={literal(part, indent + 4, len(key) + 1)}," for key, part in shown]
    return "\n".join([f"{pad}{head}", *lines, f"{pad})"])


def _path(send: Send) -> str:
    """The path, an f-string where a step before gives a part of it."""
    if not any(isinstance(one, Given) for one in send.params.values()):
        return string(re.sub(r"\{(\w+)\}", lambda found: str(send.params.get(found[1], found[0])), send.path))
    shown = {name: _inside(one) if isinstance(one, Given) else str(one) for name, one in send.params.items()}
    return 'f"' + re.sub(r"\{(\w+)\}", lambda found: shown.get(found[1], found[0]), send.path) + '"'


def _inside(one: Given) -> str:
    return "{" + one.step + "".join(f"[{part!r}]" for part in one.path) + "}"


def _coded(value: Any, seen: Seen) -> Any:
    """A value with code in the place of what is only known at run time."""
    if isinstance(value, Fresh):
        return Code("str(uuid4())")
    if isinstance(value, Given):
        said = value.step + "".join(f"[{string(p) if isinstance(p, str) else p}]" for p in value.path)
        plain = isinstance(taken(seen.arranged, value.step, value.path), str | int | float | bool | None)
        return Code(said if plain else f"str({said})")
    if isinstance(value, Joined):
        return Code('f"' + "".join(_inside(p) if isinstance(p, Given) else str(p) for p in value.parts) + '"')
    if isinstance(value, Mapping):
        return {key: _coded(one, seen) for key, one in value.items()}
    return [_coded(one, seen) for one in value] if isinstance(value, list | tuple) else value


def _shown(value: Any, seen: Seen, indent: int) -> str:
    if isinstance(value, Given):
        return value.step + "".join(f"[{string(p) if isinstance(p, str) else p}]" for p in value.path)
    return literal(_coded(value, seen), indent)


def taken(arranged: Mapping[str, Any], step: str, path: Path) -> Any:
    """A value out of what a step gave; None where it is not there."""
    found = arranged.get(step)
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def file_name(route: Route, taken_names: Sequence[str]) -> str:
    """``test_place_order.py``, or with a number where there is one."""
    base = name = f"test_{identifier(name_of(route))}"
    number = 2
    while f"{name}.py" in taken_names:
        name, number = f"{base}_{number}", number + 1
    return f"{name}.py"
