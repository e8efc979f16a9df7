"""The server: each tool by its name, what it may be asked and what it answers. The kit is `mcp`, an extra."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from importlib.metadata import version
from typing import Annotated, TypeVar

import anyio.to_thread
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from ripstop.errors import RipstopError, UsageError
from ripstop.mcp import catalog, reader, running, telling
from ripstop.mcp.answers import (
    Answer,
    Findings,
    GateStatus,
    Narrated,
    Page,
    Risks,
    RunOf,
    SchemaOf,
    Workflows,
)
from ripstop.mcp.standing import Standing
from ripstop.mcp.telling import Knowledge

T = TypeVar("T")
INSTRUCTIONS = """Ripstop tests web services by breaking every crossing with real servers, one at a time.
Start with list_workflows. Before testing a route ask schema for its tables and findings for what tore.
run_test runs one test of the project; a new one is to be red for the right reason first (ripstop red FILE).
The database behind schema and query is its own, set up as the project says; the role can only SELECT."""
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_RUNS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
_REPLAY = re.compile(r"[0-9a-f]{4,64}")
_MOST_S = 900.0
Seam = Annotated[str, Field(description="a postgres seam; may be left out where there is one")]
Most = Annotated[int, Field(ge=1, le=100, description="at most so many")]
Seconds = Annotated[float, Field(gt=0, le=_MOST_S, description="how long it may take")]


def server(known: Knowledge) -> MCPServer[None]:
    """The server over a project. It starts nothing until it is asked, and stops it when its run is over."""
    standing = Standing(known.config)

    @contextlib.asynccontextmanager
    async def running_now(_: MCPServer[None]) -> AsyncIterator[None]:
        try:
            yield
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(standing.close)

    made: MCPServer[None] = MCPServer(
        "ripstop",
        instructions=INSTRUCTIONS,
        version=version("ripstop"),
        lifespan=running_now,
        log_level="WARNING",
    )
    _add_reading(made, known)
    _add_asking(made, standing)
    _add_running(made, known)
    return made


@contextlib.contextmanager
def _speaking() -> Iterator[None]:
    """What a person would be told, told to the agent: the cause, the details, the way out."""
    try:
        yield
    except RipstopError as error:
        raise ToolError(str(error)) from error


async def _aside(work: Callable[[], T]) -> T:
    """Work that waits for files or servers, beside the loop."""
    with _speaking():
        return await anyio.to_thread.run_sync(work)


def _add_reading(made: MCPServer[None], known: Knowledge) -> None:
    """Tools that read the code and what runs left."""

    @made.tool(annotations=_READS)
    async def list_workflows(ctx: Context, most: Most = 20) -> Workflows:
        """Rank the routes of this repository by risk: what each crosses, its tests, what no test covers."""
        await ctx.report_progress(0, 1, "reading the code")
        found = await _aside(partial(telling.workflows, known, most))
        await ctx.report_progress(1, 1, f"{len(found.workflows)} workflows")
        return found

    @made.tool(annotations=_READS)
    async def list_risks(ctx: Context, operation: str = "", most: Most = 30) -> Risks:
        """Tell why workflows are risky, each reason with its line; of all, or of one as `POST /orders`."""
        await ctx.report_progress(0, 1, "reading the code")
        found = await _aside(partial(telling.risks, known, operation, most))
        await ctx.report_progress(1, 1, f"{len(found.risks)} risks")
        return found

    @made.tool(annotations=_READS)
    async def findings(workflow: str = "") -> Findings:
        """Tell what tore in the last `ripstop explore`, with the id that replay takes."""
        return await _aside(partial(telling.findings, known, workflow))

    @made.tool(annotations=_READS)
    async def gate_status() -> GateStatus:
        """Tell which red tests are frozen, whether they are as they were, and the last accepted patch."""
        return await _aside(partial(telling.gate_status, known.root))

    @made.tool(annotations=_READS)
    async def explain(name: str) -> Page:
        """Give the page of a rule (RS204), of a fault (reply_lost) or of a risk (no-timeout)."""
        return Page(name=name, page=await _aside(partial(known.page, name)))


def _add_asking(made: MCPServer[None], standing: Standing) -> None:
    """Tools that ask the database, as a role that can only SELECT."""

    @made.tool(annotations=_READS)
    async def schema(ctx: Context, table: str = "", seam: Seam = "") -> SchemaOf:
        """Read the live schema: columns, constraints and indexes of all tables, or of one."""
        await ctx.report_progress(0, 2, "starting the project's database, if it does not run yet")
        name, who = await _aside(partial(standing.reader, seam))
        await ctx.report_progress(1, 2, "reading the catalog")
        tables, cut = await _aside(partial(catalog.tables, who, table))
        if table and not tables:
            raise ToolError(f"no table {table!r} at the seam {name} [no-such-table]")
        await ctx.report_progress(2, 2, f"{len(tables)} tables")
        return SchemaOf(seam=name, role=who.user, tables=tables, cut=cut)

    @made.tool(annotations=_READS)
    async def query(
        ctx: Context,
        sql: Annotated[str, Field(description="one SELECT, VALUES or TABLE")],
        limit: Annotated[int, Field(ge=1, le=reader.MOST_ROWS)] = 100,
        seam: Seam = "",
    ) -> Answer:
        """Run one SELECT on the set-up database, as a role that can do nothing else; five seconds at most."""
        await ctx.report_progress(0, 2, "starting the project's database, if it does not run yet")
        name, who = await _aside(partial(standing.reader, seam))
        await ctx.report_progress(1, 2, "asking")
        found = await _aside(partial(reader.ask, who, sql, limit=limit))
        return Answer(
            seam=name,
            role=who.user,
            columns=list(found.columns),
            rows=[list(row) for row in found.rows],
            cut=found.cut,
        )


def _add_running(made: MCPServer[None], known: Knowledge) -> None:
    """Tools that run the project's own code."""

    @made.tool(annotations=_RUNS)
    async def run_test(ctx: Context, nodeid: str, timeout_s: Seconds = 120.0) -> RunOf:
        """Run one test, or one file of tests, of this project by its node id, and tell how each went."""
        with _speaking():
            return await running.tests(known.root, nodeid, timeout_s, ctx.report_progress)

    @made.tool(annotations=_RUNS)
    async def replay(ctx: Context, id: str, timeout_s: Seconds = 120.0) -> Narrated:  # noqa: A002
        """Run the experiment behind a finding again and narrate it, crossing by crossing."""
        with _speaking():
            if not _REPLAY.fullmatch(id):
                raise UsageError("no-such-replay", f"{id!r} is no replay id", way_out="findings has them")
            await ctx.report_progress(0, 1, "starting the service")
            done = await running.run(
                [*known.ripstop, "replay", id], known.root, dict(os.environ), timeout_s, _silence
            )
            if done.status not in (0, 1):
                raise ToolError(done.said[-2_000:])
            await ctx.report_progress(1, 1, "done")
            return Narrated(replay=id, status="torn" if done.status else "held", narration=done.said)


async def _silence() -> None: ...
