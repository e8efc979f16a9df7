"""``ripstop mcp``: a server of the Model Context Protocol on standard input and output, for coding agents."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ripstop import config as configuration
from ripstop.cli import store
from ripstop.cli.explain import page
from ripstop.cli.offering import faults_at
from ripstop.errors import UsageError
from ripstop.model.survey import Survey
from ripstop.scan.survey import Options, survey

HELP = "serve what is known here to a coding agent, over the Model Context Protocol"
_EPILOG = """it speaks on standard input and output, to the agent that starts it.
Exit codes: 0 the agent hung up, 2 usage: the extra is not installed, no such folder"""


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="ripstop mcp", description=HELP, epilog=_EPILOG)
    parser.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="the project's folder (default: here)"
    )
    parser.add_argument(
        "--no-import", action="store_true", help="do not import the application for its routes"
    )
    given = parser.parse_args(list(arguments))
    root = Path(given.path).resolve()
    if not root.is_dir():
        raise UsageError("no-such-folder", f"{root} is no folder", way_out="name the project's")
    _serve(root, importing=not given.no_import)
    return 0


def _serve(root: Path, *, importing: bool) -> None:
    """Speak until the agent hangs up. Raises UsageError ``missing-extra``."""
    try:
        from ripstop.mcp.server import server
        from ripstop.mcp.telling import Knowledge
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types", "pydantic", "anyio"):
            raise
        raise UsageError(
            "missing-extra",
            "ripstop mcp needs the package mcp, which is not installed",
            way_out="pip install 'ripstop[mcp]'",
        ) from error

    def read() -> Survey:
        said = configuration.stakes(root)
        return survey(root, Options(stakes=said, faults=faults_at, importing=importing))

    known = Knowledge(
        root,
        config=lambda: configuration.load(root),
        survey=read,
        kept=lambda name: store.read_private(root, name),
        page=page,
        ripstop=(sys.executable, "-m", "ripstop.cli.main"),
    )
    server(known).run("stdio")
