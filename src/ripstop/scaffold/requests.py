"""The first draft of a workflow's request: its path, its body, its headers, and the rows they point at."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ripstop.model.state import ColumnRule
from ripstop.model.survey import Ranked, Route
from ripstop.scaffold import reading_javascript, reading_python, schemas, values
from ripstop.scaffold.drafts import Draft, Found, Fresh, Given, Row, Send
from ripstop.scaffold.project import Project
from ripstop.scaffold.reading import Asked, Field

_PARAMETER = re.compile(r"\{(\w+)\}")
_STAMP = re.compile(r"^(created|updated|modified|inserted)")
_REFERENCE = re.compile(r"^(\w+?)_?(?:[iI][dD]|uuid|pk)$")


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a draft is made of: the project, the live schema, and the tables that the workflow writes.

    ``filled`` holds what rows were seen to need, by table and column; ``read`` are the tables that its
    handler itself reads, in order.
    """

    project: Project
    columns: Sequence[ColumnRule] = ()
    written: tuple[str, ...] = ()
    filled: dict[str, dict[str, Any]] = field(default_factory=dict)
    read: tuple[str, ...] = ()

    def rule(self, field: str) -> ColumnRule | None:
        """The column in which a field ends, by its name, of a table that is written before others."""
        name = snake(field)
        fitting = [one for one in self.columns if one.column == name]
        return next((one for one in fitting if bare(one.table) in self.written), None)

    def table(self, noun: str) -> str:
        """The table whose rows a noun names: ``product`` is one of products."""
        wanted = {
            noun,
            f"{noun}s",
            f"{noun}es",
            f"{noun[:-1]}ies" if noun.endswith("y") else noun,
            noun.removesuffix("s"),
        }
        tables = list(dict.fromkeys(one.table for one in self.columns))
        exact = [one for one in tables if bare(one).lower() in wanted]
        ended = [one for one in tables if bare(one).lower().rpartition("_")[2] in wanted]
        return next(iter(exact or ended), "")

    def of(self, table: str) -> list[ColumnRule]:
        return [one for one in self.columns if one.table == table]


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


def bare(table: str) -> str:
    return table.rpartition(".")[2]


def asked(project: Project, route: Route) -> Asked:
    """What a route's handler asks for, by its code."""
    if route.place.path.endswith(".py"):
        return reading_python.read(project, route)
    return reading_javascript.read(project, route)


def first(ranked: Ranked, known: Knowledge) -> Draft:
    """The request as far as anything tells it, with the rows that its path and its fields point at."""
    route = ranked.route
    act = request(route, known)
    arrange: dict[str, Row | Found] = {}
    params = {name: _pointed(name, route.path, known, arrange) for name in _PARAMETER.findall(route.path)}
    json = _referring(act.json, known, arrange) if isinstance(act.json, dict) else act.json
    return Draft(replace(act, params=params, json=json), tuple(arrange.values()))


def request(route: Route, known: Knowledge) -> Send:
    """A request to a route, its path's variables still without values of any row."""
    said = asked(known.project, route)
    schema = next((one for one in (route.body, said.schema) if _tells(one)), None)
    params = {name: values.candidates(name)[0] for name in _PARAMETER.findall(route.path)}
    headers: dict[str, Any] = {name: Fresh() for name in said.headers if values.is_key(name)}
    query = {one.name: value(one, known) for one in said.query if not one.optional}
    send = Send("response", route.method.upper(), route.path, params, headers, query)
    if send.method in ("GET", "HEAD", "DELETE") and not schema:
        return send
    if schema and not said.form:
        return replace(send, json=_keyed(schemas.example(schema)))
    body = {one.name: value(one, known) for one in said.body if not one.optional or values.is_key(one.name)}
    if schema and said.form:
        body = dict(schemas.example(schema)) | body if isinstance(schemas.example(schema), dict) else body
    return replace(send, form=body) if said.form else replace(send, json=body or None)


def _tells(schema: object) -> bool:
    """Whether a schema says anything: that of a plain mapping names no field."""
    found = schemas.resolved(schema, schema)
    return bool(set(found) - {"title", "type", "description", "additionalProperties"}) or found.get(
        "type", "object"
    ) not in ("object", None)


def value(one: Field, known: Knowledge) -> Any:
    """What a field is given at first."""
    if values.is_key(one.name):
        return Fresh()
    if one.choices:
        return one.choices[0]
    return values.candidates(one.name, one.kind, known.rule(one.name))[0]


def _keyed(body: Any) -> Any:
    """A body with a new value in each run for its idempotency key."""
    if not isinstance(body, dict):
        return body
    return {name: Fresh() if values.is_key(name) else inner for name, inner in body.items()}


def _pointed(name: str, path: str, known: Knowledge, arrange: dict[str, Row | Found]) -> Any:
    """A variable of the path: the key of a row that is put in, where a table goes by its name."""
    before = path.partition(f"/{{{name}}}")[0].rstrip("/").rpartition("/")[2]
    found = _REFERENCE.match(snake(name))
    nouns = [found[1].rstrip("_")] if found and found[1] else []
    for noun in (*nouns, snake(before)):
        if table := known.table(noun):
            return Given(row_for(table, known, arrange).name, (key_of(table, known, snake(name)),))
    # No noun beside it names a table: then it is a row of what the handler looks up first.
    if name in ("id", "pk", "uuid") and (table := next(filter(None, map(known.table, known.read)), "")):
        return Given(row_for(table, known, arrange).name, (key_of(table, known, name),))
    return values.candidates(name)[0]


def _referring(body: Mapping[str, Any], known: Knowledge, arrange: dict[str, Row | Found]) -> dict[str, Any]:
    """A body whose fields that name another table's row have one."""
    return {name: refer(name, one, known, arrange) for name, one in body.items()}


def refer(name: str, one: Any, known: Knowledge, arrange: dict[str, Row | Found]) -> Any:
    if isinstance(one, dict):
        return _referring(one, known, arrange)
    if isinstance(one, list):
        return [refer(name.removesuffix("s"), inner, known, arrange) for inner in one]
    found = _REFERENCE.match(snake(name))
    rule = known.rule(name)
    table = (rule.references if rule else "") or (known.table(found[1].rstrip("_")) if found else "")
    if not table or isinstance(one, Fresh) or not known.of(table):
        return one
    return Given(row_for(table, known, arrange).name, (key_of(table, known),))


def row_for(table: str, known: Knowledge, arrange: dict[str, Row | Found], depth: int = 0) -> Row | Found:
    """A row of a table, after the rows its foreign keys need; one for each table."""
    if table in arrange:
        return arrange[table]
    given: dict[str, Any] = {}
    for rule in known.of(table):
        if rule.references and not rule.nullable and depth < 5 and rule.references != bare(table):
            parent = row_for(_full(rule.references, known), known, arrange, depth + 1)
            given[rule.column] = Given(parent.name, (key_of(parent.table, known),))
        elif rule.nullable and _STAMP.match(rule.column) and rule.type.startswith("timestamp"):
            # Not demanded by the schema, and yet what code that reads the row expects.
            given[rule.column] = values.for_column(rule)
    given |= {name: one for name, one in known.filled.get(table, {}).items() if name not in given}
    row = Row(_singular(bare(table)), table, given)
    arrange[table] = row
    return row


def _full(table: str, known: Knowledge) -> str:
    return next((one.table for one in known.columns if bare(one.table) == bare(table)), table)


def key_of(table: str, known: Knowledge, wanted: str = "") -> str:
    """The column a row is named by."""
    columns = {one.column: one for one in known.of(table)}
    unique = [name for name, one in columns.items() if one.unique and not one.nullable]
    for name in (wanted, "id", "uuid", "pk"):
        if name in columns and (name in unique or name == wanted):
            return name
    return next(iter(unique), next(iter(columns), "id"))


def _singular(table: str) -> str:
    name = snake(table)
    if name.endswith("ies"):
        name = f"{name[:-3]}y"
    elif name.endswith("s") and not name.endswith("ss"):
        name = name[:-1]
    return name if name.isidentifier() and name not in ("service", "seams", "response") else f"{name}_row"
