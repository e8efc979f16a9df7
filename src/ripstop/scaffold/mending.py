"""From what a try showed to the next draft: what was refused is changed, what was missing is put in.

Pure: nothing is run here. Each way of mending is tried a bounded number of times.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ripstop.model.survey import Route
from ripstop.scaffold import requests, schemas, values
from ripstop.scaffold.blame import Blame, blamed
from ripstop.scaffold.drafts import Draft, Found, Fresh, Given, Row, Seen, Send, Step
from ripstop.scaffold.reading import Asked
from ripstop.scaffold.requests import Knowledge, bare, snake

_MOST = 6
"""How many values one field is given before it is left alone."""
_NULL = re.compile(r'null value in column "(\w+)" of relation "(\w+)"')
_ABSENT = re.compile(r'Key \((\w+)\)=\((.*?)\) is not present in table "(\w+)"')
_THERE = re.compile(r"Key \((\w+)\)=\((.*?)\) already exists")
_KEY_ERROR = re.compile(r"KeyError: '(\w+)'")
_WRONG_TYPE = re.compile(r'invalid input syntax for type (\w+): "([^"]*)"')


@dataclass(slots=True)
class Context:
    """What mending one workflow knows and remembers. ``env`` is what the service's settings are given."""

    known: Knowledge
    route: Route | None = None
    asked: Asked = field(default_factory=Asked)
    routes: Sequence[Route] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    tried: Counter[str] = field(default_factory=Counter)
    ways: set[str] = field(default_factory=set)

    @property
    def fields(self) -> Mapping[str, Any] | None:
        """The fields of the workflow's body where a schema tells them; None where only the code does."""
        schemas_ = (self.route.body if self.route else None, self.asked.schema)
        return next((found for one in schemas_ if (found := schemas.fields(one))), None)

    def again(self, what: str, most: int = _MOST) -> bool:
        """Whether to try this once more."""
        self.tried[what] += 1
        return self.tried[what] <= most


Way = Callable[[Draft, Seen, Context], Draft | None]


def mend(draft: Draft, seen: Seen, context: Context, ways: Iterable[Way] = ()) -> Draft | None:
    """The next draft; None where nothing here knows what to do. ``ways`` are asked before our own."""
    for way in (*ways, _row_refused, _row_missing, _logged, _blamed, _not_found, _other_manner, _everything):
        if (better := way(draft, seen, context)) is not None and better != draft:
            return better
    return None


def at_fault(draft: Draft, seen: Seen) -> Send | None:
    """The request that was refused: a broken one of the preparation, else the workflow's own."""
    step = next((one for one in draft.arrange if one.name == seen.broken), None) if seen.broken else draft.act
    return step if isinstance(step, Send) else None


def exchanged(draft: Draft, old: Step, new: Step) -> Draft:
    """The draft with one step in another's place."""
    if old is draft.act and isinstance(new, Send):
        return replace(draft, act=new)
    return replace(draft, arrange=tuple(new if one is old else one for one in draft.arrange))


def _row_refused(draft: Draft, seen: Seen, context: Context) -> Draft | None:
    """A row that the schema does not take: fill in the column it names."""
    row = next((one for one in draft.arrange if one.name == seen.broken), None)
    if not isinstance(row, Row):
        return None
    rules = {one.column: one for one in context.known.of(row.table)}
    found = _NULL.search(seen.text)
    if found and found[1] in rules and context.again(f"{row.table}.{found[1]}", 2):
        value = values.for_column(rules[found[1]])
        context.known.filled.setdefault(row.table, {})[found[1]] = value
        return exchanged(draft, row, replace(row, values={**row.values, found[1]: value}))
    if missing := _ABSENT.search(seen.text):
        return with_row(draft, row, missing[1], missing[3], context)
    there = _THERE.search(seen.text)
    if there and there[1] in rules and draft.arrange[0] is not row:
        # Whoever registered is the row that was to be put in.
        return exchanged(draft, row, Found(row.name, row.table, {there[1]: there[2]}))
    return None


def _row_missing(draft: Draft, seen: Seen, context: Context) -> Draft | None:
    """A foreign key that the service's own write ran into: put the row in, and point the field at it."""
    said = "\n".join((seen.text, *seen.log))
    missing = _ABSENT.search(said)
    send = at_fault(draft, seen)
    if not missing or send is None:
        return None
    column, shown, table = missing.groups()
    name = next(
        (one for one in flat(send.json) if snake(one) == column or str(flat(send.json)[one]) == shown), ""
    )
    params = [one for one in send.params if str(send.params[one]) == shown]
    if params:
        return _with_param(draft, send, params[0], table, context)
    return with_row(draft, send, name or column, table, context)


def with_row(draft: Draft, step: Row | Send, name: str, table: str, context: Context) -> Draft | None:
    """A row of the table before the step, and the step's field of that name pointing at it."""
    table = next((one.table for one in context.known.columns if bare(one.table) == bare(table)), "")
    if not table or not context.again(f"row of {table} for {step.name}.{name}", 1):
        return None
    arrange = _by_table(draft)
    row = requests.row_for(table, context.known, arrange)
    given = Given(row.name, (requests.key_of(table, context.known),))
    if isinstance(step, Row):
        pointed: Row | Send = replace(step, values={**step.values, name: given})
    elif step.json is not None or step.form is None:
        pointed = replace(step, json=_set(step.json or {}, name, given))
    else:
        pointed = replace(step, form={**step.form, name: given})
    added = [one for one in arrange.values() if one not in draft.arrange]
    changed = exchanged(draft, step, pointed)
    return replace(changed, arrange=(*added, *changed.arrange))


def _by_table(draft: Draft) -> dict[str, Row | Found]:
    """The rows that a draft has already."""
    return {one.table: one for one in draft.arrange if not isinstance(one, Send)}


def _with_param(draft: Draft, send: Send, name: str, table: str, context: Context) -> Draft | None:
    full = next((one.table for one in context.known.columns if bare(one.table) == bare(table)), "")
    if not full or not context.again(f"row of {full} for {name}", 1):
        return None
    arrange = _by_table(draft)
    row = requests.row_for(full, context.known, arrange)
    given = Given(row.name, (requests.key_of(full, context.known, snake(name)),))
    added = tuple(one for one in arrange.values() if one not in draft.arrange)
    changed = exchanged(draft, send, replace(send, params={**send.params, name: given}))
    return replace(changed, arrange=(*added, *changed.arrange))


def _set(body: Any, name: str, value: Any) -> Any:
    """A body with a field set, wherever in it the field is."""
    if isinstance(body, dict) and name not in body:
        inner = {key: _set(one, name, value) for key, one in body.items() if name in flat(one)}
        return {**body, **inner} if inner else {**body, name: value}
    if isinstance(body, list):
        return [_set(one, name, value) for one in body]
    return {**body, name: value} if isinstance(body, dict) else body


def flat(body: Any) -> dict[str, Any]:
    """Every field of a body by its name, those further in too."""
    found: dict[str, Any] = {}
    for key, one in body.items() if isinstance(body, dict) else ():
        found |= {key: one} | flat(one)
    for one in body if isinstance(body, list) else ():
        found |= flat(one)
    return found


def _logged(draft: Draft, seen: Seen, context: Context) -> Draft | None:
    """A failure inside the service whose log says which field it is about."""
    send = at_fault(draft, seen)
    if send is None or (seen.status or 0) < 500:
        return None
    said = "\n".join(seen.log[-60:])
    fields = flat(send.json if send.form is None else dict(send.form))
    if (wrong := _WRONG_TYPE.search(said)) and (
        name := next((k for k, v in fields.items() if str(v) == wrong[2]), "")
    ):
        kind = {"uuid": "uuid", "integer": "integer", "bigint": "integer", "date": "date"}.get(
            wrong[1], "date-time"
        )
        return _valued(draft, send, Blame("body", (name,), kind), context)
    for pattern in (_NULL, _KEY_ERROR):
        found = pattern.search(said)
        if found and found[1] not in fields and context.again(f"field {found[1]}", 1):
            spelled = next((one.name for one in context.asked.body if snake(one.name) == found[1]), found[1])
            return _valued(draft, send, Blame("body", (spelled,), missing=True), context)
    return None


def _blamed(draft: Draft, seen: Seen, context: Context) -> Draft | None:
    """A refusal that names what it is about."""
    send = at_fault(draft, seen)
    if send is None or seen.status not in (400, 409, 412, 422):
        return None
    sent = flat(send.json if send.form is None else dict(send.form))
    bodiless = send.method in ("GET", "HEAD", "DELETE") and send.json is None
    for one in blamed(seen.body, seen.text, sent):
        unknown = send is draft.act and _unheard_of(one, sent, context)
        if one.place == "body" and (bodiless or unknown):
            continue
        if (better := _valued(draft, send, one, context)) is not None:
            return better
    return None


def _unheard_of(one: Blame, sent: Mapping[str, Any], context: Context) -> bool:
    """Whether words name a field that neither the request nor the schema of its body has."""
    known = context.fields
    return known is not None and len(one.path) == 1 and one.path[0] not in {**known, **sent}


def _valued(draft: Draft, send: Send, one: Blame, context: Context) -> Draft | None:
    """The draft with the blamed part given the next value it may have."""
    name = str(one.path[-1])
    one = replace(one, path=_placed(send.json, one.path)) if one.place == "body" else one
    if not context.again(f"{send.name} {one.place} {one.path}"):
        return None
    if one.place == "header":
        value: Any = Fresh() if values.is_key(name) else values.text(name)
        return exchanged(draft, send, replace(send, headers={**send.headers, name: value}))
    rule = context.known.rule(name)
    kind = {"email": "string"}.get(one.kind, one.kind) if one.kind else ""
    options = values.candidates(name, kind, rule) + ([] if kind else values.candidates(name))
    turn = context.tried[f"{send.name} {one.place} {one.path}"] - 1
    current = _at(send.json if send.form is None else send.form, one.path)
    options = [v for v in options if v != current] or options
    value = (
        Fresh()
        if values.is_key(name)
        else "ada@example.com"
        if one.kind == "email"
        else options[turn % len(options)]
    )
    if one.place == "path":
        return exchanged(draft, send, replace(send, params={**send.params, name: value}))
    if one.place == "query":
        return exchanged(draft, send, replace(send, query={**send.query, name: value}))
    if send.form is not None:
        return exchanged(draft, send, replace(send, form={**send.form, name: value}))
    return exchanged(draft, send, replace(send, json=_put(send.json, one.path, value)))


def _placed(body: Any, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Where a field that was named alone is, if it is further in."""
    if len(path) != 1 or not isinstance(body, dict) or path[0] in body:
        return path
    return next(((key, *_placed(one, path)) for key, one in body.items() if path[0] in flat(one)), path)


def _at(body: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        if isinstance(body, dict):
            body = body.get(str(part))
        elif isinstance(body, list) and isinstance(part, int) and part < len(body):
            body = body[part]
        else:
            return None
    return body


def _put(body: Any, path: Sequence[str | int], value: Any) -> Any:
    """A copy of a body with one place filled."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(body, list) and str(first).isdigit():
        index = int(first)
        return [_put(one, rest, value) if at == index else one for at, one in enumerate(body)] or [
            _put(None, rest, value)
        ]
    there = body if isinstance(body, dict) else {}
    return {**there, str(first): _put(there.get(str(first)), rest, value)}


def _not_found(draft: Draft, seen: Seen, context: Context) -> Draft | None:
    """Something that the request points at is not there: the noun that is told, else any that has a table."""
    send = at_fault(draft, seen)
    if send is None or seen.status not in (400, 404, 422):
        return None
    nouns = [
        noun.lower()
        for noun in re.findall(
            r"([A-Za-z_]+) (?:with \w+ \S+ )?(?:was |is |does )?not (?:found|exist)", seen.text
        )
    ]
    fields = flat(send.json)
    for name in [*send.params, *fields]:
        noun = re.sub(r"_?(id|uuid|pk|slug)$", "", snake(name))
        table = context.known.table(noun) if noun else ""
        if table and (seen.status == 404 or noun in nouns):
            pointed = _with_param if name in send.params else with_row
            if better := pointed(draft, send, name, table, context):
                return better
    return None


def _other_manner(draft: Draft, seen: Seen, context: Context) -> Draft | None:
    """A form in JSON's place, or the other way round."""
    send = at_fault(draft, seen)
    told = send is draft.act and context.fields is not None and seen.status != 415
    if told or send is None or seen.status not in (400, 415, 422):
        return None
    if not context.again(f"manner of {send.name}", 1):
        return None
    if send.form is not None:
        return exchanged(draft, send, replace(send, form=None, json=dict(send.form)))
    flat = isinstance(send.json, dict) and not any(isinstance(one, dict | list) for one in send.json.values())
    return exchanged(draft, send, replace(send, json=None, form=send.json)) if flat and send.json else None


def _everything(draft: Draft, seen: Seen, context: Context) -> Draft | None:
    """A refusal that names nothing: add the fields that the code has defaults for."""
    send = at_fault(draft, seen)
    if send is not draft.act or seen.status not in (400, 422) or not context.again("everything", 1):
        return None
    more = {one.name: requests.value(one, context.known) for one in context.asked.body}
    body = {**more, **(send.json if isinstance(send.json, dict) else {})}
    return replace(draft, act=replace(send, json=body)) if send.form is None else None
