"""A green request made to do more: one that writes what its handler writes, where the smallest did not.

An update that sends what the row holds already changes nothing, and a list that is left out writes no
rows. Pure: which drafts to try, and which is better; running them is `greening`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ripstop.model.survey import Ranked
from ripstop.scaffold import requests, schemas, values
from ripstop.scaffold.drafts import Draft, Found, Row, Seen, Send
from ripstop.scaffold.mending import Context

MOST = 6
"""How many fuller drafts are tried for one workflow."""
_VERBS = {"INSERT": "insert", "UPDATE": "update", "DELETE": "delete"}
Write = tuple[str, str]


def wanted(ranked: Ranked) -> frozenset[Write]:
    """What a workflow's code writes: kind of change and table."""
    words = (one.operation.split() for one in ranked.reaches if one.protocol == "postgres")
    return frozenset(
        (_VERBS[first], requests.bare(rest[0]).strip('"'))
        for first, *rest in words
        if first in _VERBS and rest
    )


def unseen(ranked: Ranked, seen: Seen) -> frozenset[Write]:
    """Of that, what a try did not show."""
    return wanted(ranked) - {(one.kind, requests.bare(one.table)) for one in seen.changes}


def drafts(draft: Draft, seen: Seen, context: Context) -> Iterator[Draft]:
    """Fuller requests than this green one, those most likely to write more first."""
    body = draft.act.json
    if not isinstance(body, dict):
        return
    held = frozenset(_leaves(seen.arranged))
    schema = next((one for one in (context.route and context.route.body, context.asked.schema) if one), {})
    whole = _filled(body, schema, schema)
    whole |= {
        one.name: requests.value(one, context.known) for one in context.asked.body if one.name not in whole
    }
    seldom = [_only(body, whole, name) for name in _added(body, whole)]
    for one in (whole, *seldom, body) if seldom else (body,):
        yield _with(draft, _changed(one, held), context)


def with_rows(draft: Draft, left: frozenset[Write], context: Context) -> Iterator[Draft]:
    """The draft with a row to be deleted, for each table of which the code deletes and no row is there."""
    for _, name in sorted(one for one in left if one[0] == "delete"):
        arrange: dict[str, Row | Found] = {
            one.table: one for one in draft.arrange if not isinstance(one, Send)
        }
        table = next((one.table for one in context.known.columns if requests.bare(one.table) == name), "")
        if table and table not in arrange:
            before = len(arrange)
            requests.row_for(table, context.known, arrange)
            yield replace(draft, arrange=(*draft.arrange, *list(arrange.values())[before:]))


def _filled(body: Mapping[str, Any], schema: object, root: object) -> dict[str, Any]:
    """A body with the fields that its schema allows beside those it has, one level into what it holds."""
    fields = schemas.resolved(schema, root).get("properties", {})
    found = {
        name: _filled(one, fields[name], root) if isinstance(one, dict) and name in fields else one
        for name, one in body.items()
    }
    for name, one in fields.items():
        if name not in found and not schemas.resolved(one, root).get("readOnly"):
            found[name] = schemas.example(one, name, root, 1)
    return found


def _added(body: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """The places in a whole body at which the first has nothing."""
    for name, one in whole.items():
        if name not in body:
            yield (name,)
        elif isinstance(one, dict) and isinstance(body[name], dict):
            yield from ((name, *rest) for rest in _added(body[name], one))


def _only(body: Mapping[str, Any], whole: Mapping[str, Any], at: tuple[str, ...]) -> dict[str, Any]:
    """The body with one field more."""
    name, *rest = at
    return {**body, name: _only(body[name], whole[name], tuple(rest)) if rest else whole[name]}


def _leaves(value: object) -> Iterator[Any]:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else None
    if inner is None:
        if isinstance(value, str) and value:
            yield value
        return
    for one in inner:
        yield from _leaves(one)


def _changed(value: Any, held: frozenset[str]) -> Any:
    """A body whose texts that a row holds already are others."""
    if isinstance(value, dict):
        return {name: _changed(one, held) for name, one in value.items()}
    return values.other(value) if isinstance(value, str) and value in held else value


def _with(draft: Draft, body: Mapping[str, Any], context: Context) -> Draft:
    """The draft with this body, and the rows that its fields point at."""
    arrange: dict[str, Row | Found] = {one.table: one for one in draft.arrange if not isinstance(one, Send)}
    before = len(arrange)
    json = {name: requests.refer(name, one, context.known, arrange) for name, one in body.items()}
    act = replace(draft.act, json=json)
    return Draft(act, (*draft.arrange, *list(arrange.values())[before:]))
