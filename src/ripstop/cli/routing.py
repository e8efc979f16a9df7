"""All that is known of one route, from the code, the live schema and what experiments left, for a recipe."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ripstop import config as configuration
from ripstop.agents.recipes.route.facts import Facts, Schema, Told
from ripstop.agents.recipes.route.fixtures import fixtures
from ripstop.cli import keeping, store
from ripstop.cli.offering import faults_at
from ripstop.config import Config
from ripstop.errors import RipstopError, UsageError
from ripstop.model.state import ColumnRule, UniqueIndex
from ripstop.model.survey import Ranked, Route, Survey
from ripstop.records.reading import records
from ripstop.records.record import Record
from ripstop.rig.parts import founded
from ripstop.rig.stands.postgres import PostgresStand
from ripstop.scan import files
from ripstop.scan.kept import asked_of
from ripstop.scan.survey import Options, declared, survey
from ripstop.scan.testing.matching import Router
from ripstop.state import columns
from ripstop.state import schema as schemas
from ripstop.state.connection import connect
from ripstop.suite import noting

_NEAR = 5
_LIVE = "the live schema has them"
_DECLARED = "the code declares them (nothing is known of uniqueness and checks)"


def facts(root: Path, asked: str, *, servers: bool = True, importing: bool = True) -> Facts:
    """What is known of the route that was asked for, such as ``POST /orders``.

    Raises UsageError: ``no-such-route`` with the nearest ones, ``which-route`` where several have that path,
    and those of ``ripstop scan``.
    """
    stakes = configuration.stakes(root)
    found = survey(root, Options(stakes=stakes, faults=faults_at, importing=importing))
    workflow = chosen(found, asked)
    config = _config(root)
    known = list(_explored(config.root if config else root, found, workflow.route))
    one = Facts(workflow, Schema(""), config, fixtures=tuple(fixtures(root, files.find(root).tests)))
    schema = _schema(root, config, servers=servers) if one.tables else Schema("it writes no table")
    return replace(
        one,
        schema=schema,
        crossed={(c.protocol, c.operation): c.seam for r in known for c in r.crossings},
        told=tuple(told for record in known for told in _told(record, found, workflow.route)),
        usual=tuple(line for record in known for line in _usual(record, found, workflow.route)),
        key=next((record.idempotency_key for record in known if record.idempotency_key), ""),
    )


def chosen(found: Survey, asked: str) -> Ranked:
    """The workflow of a route as people write it: the method may be missing where only one has the path."""
    ranked = {one.route.operation: one for one in found.workflows}
    others = {one.route.operation: Ranked(one.route) for one in found.left_out}
    every: dict[str, Ranked] = {**others, **ranked}
    method, _, path = asked.strip().rpartition(" ")
    if method:
        route = Router.of([one.route for one in every.values()]).route(asked_of(f"{method.upper()} {path}"))
        if route is not None:
            return every[route.operation]
        raise _unknown(asked, f"{method.upper()} {path}", every)
    fits = [name for name, one in every.items() if one.route.path.rstrip("/") == path.rstrip("/")]
    if len(fits) > 1:
        raise UsageError(
            "which-route", f"{len(fits)} routes have the path {path}", details=fits, way_out="say which one"
        )
    if not fits:
        raise _unknown(asked, path, every)
    return every[fits[0]]


def _unknown(asked: str, wanted: str, every: Mapping[str, Ranked]) -> UsageError:
    path = wanted.rpartition(" ")[2]
    same = [name for name, one in every.items() if one.route.path == path]
    near = dict.fromkeys([*same, *difflib.get_close_matches(wanted, list(every), n=_NEAR, cutoff=0.3)])
    return UsageError(
        "no-such-route",
        f"no route {asked.strip()!r} was found in the code" if asked.strip() else "no route was named",
        details=[f"near it: {name}" for name in list(near)[:_NEAR]],
        way_out='name one as in "POST /orders"; `ripstop scan --all` lists all',
    )


def _config(root: Path) -> Config | None:
    try:
        return configuration.load(root)
    except UsageError as error:
        if error.slug == "no-config":
            return None
        raise


def _explored(root: Path, found: Survey, route: Route) -> Iterator[Record]:
    """What experiments showed of the workflows that call this route."""
    suite = store.read_private(root, noting.FILE)
    for record in records(store.read_private(root, keeping.FILE), suite, {}):
        if any(_is(step, found, route) for step in record.steps):
            yield record


def _is(step: str, found: Survey, route: Route) -> bool:
    routes = [*(one.route for one in found.workflows), *(one.route for one in found.left_out)]
    answered = Router.of(routes).route(asked_of(step))
    return answered is not None and answered.operation == route.operation


def _told(record: Record, found: Survey, route: Route) -> Iterator[Told]:
    mine = {step for step in record.steps if _is(step, found, route)}
    for mode in record.modes:
        if mode.step in mine:
            yield Told(
                mode.seam, mode.operation, mode.fault, mode.mark, mode.note, mode.reason, mode.replay,
                mode.after, bool(mode.tested_by),
            )  # fmt: skip


def _usual(record: Record, found: Survey, route: Route) -> Iterator[str]:
    for usual in record.usual:
        if _is(usual.step, found, route):
            parts = [f"{count} {what}" for what, count in {**usual.rows, **usual.effects}.items()]
            yield f"as in {record.name!r}: {usual.status}, {', '.join(parts) or 'no rows and no effects'}"


def _schema(root: Path, config: Config | None, *, servers: bool) -> Schema:
    """The constraints of the live schema; where it cannot be had, those the code declares, and why."""
    why = "no server was started"
    if config is None:
        why = "the project has no [tool.ripstop] yet, so there is no live schema"
    elif servers:
        try:
            return live(config)
        except RipstopError as error:
            why = f"the live schema cannot be had ({error.message})"
    rules = tuple(_declared(root))
    return Schema(f"{_DECLARED}; {why}" if rules else f"No constraint is known: {why}", rules, live=False)


def live(config: Config) -> Schema:
    """What PostgreSQL itself says, after the set-up commands. Raises StartError, UsageError."""
    rules: list[ColumnRule] = []
    unique: list[UniqueIndex] = []
    with founded(config) as parts:
        for stand in parts.stands.values():
            if isinstance(stand, PostgresStand):
                session = connect(replace(stand.server.admin, database=stand.service.database))
                rules += columns.load(session)
                unique += schemas.load(session).unique_indexes
                session.close()
    if not rules:
        return Schema("No table was found in the database that the set-up commands made")
    return Schema(_LIVE, tuple(rules), tuple(unique))


def _declared(root: Path) -> Iterable[ColumnRule]:
    for table in declared(root):
        for one in table.columns:
            leads = one.references.rpartition(".")[0] or one.references
            yield ColumnRule(
                table.name, one.name, one.type or "?", nullable=not one.required, references=leads
            )
