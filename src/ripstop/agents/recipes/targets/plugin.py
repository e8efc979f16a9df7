"""A plugin for Claude Code, under `plugins/ripstop`: manifest, skills, commands and the MCP server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from importlib.metadata import version

from ripstop.agents.recipes import marking
from ripstop.agents.recipes.marking import Kind
from ripstop.agents.recipes.source import Recipe
from ripstop.agents.recipes.targets.written import Written, expanding, skill

FOLDER = "plugins/ripstop"
_ABOUT = "Tests of web services against real seams: what to test of a route, red first, findings mended."


def files(recipes: Iterable[Recipe]) -> Iterator[Written]:
    known = tuple(recipes)
    yield Written(f"{FOLDER}/.claude-plugin/plugin.json", marking.manifest(_manifest()), Kind.MANIFEST)
    yield Written(f"{FOLDER}/README.md", marking.markdown(_readme(known)))
    for recipe in known:
        yield skill(recipe, f"{FOLDER}/skills")
        if recipe.argument:
            yield expanding(recipe, f"{FOLDER}/commands/{recipe.name}.md")


def _manifest() -> str:
    document = {
        "name": "ripstop",
        "version": version("ripstop"),
        "description": _ABOUT,
        "author": {"name": "Ripstop"},
        "license": "Apache-2.0",
        "keywords": ["testing", "fault injection", "integration tests", "pytest"],
        "mcpServers": {"ripstop": {"command": "ripstop", "args": ["mcp"]}},
    }
    return json.dumps(document, indent=2) + "\n"


def _readme(recipes: Iterable[Recipe]) -> str:
    lines = "".join(f"- `{one.title}`: {one.description}\n" for one in recipes)
    return (
        f"# Ripstop\n\n{_ABOUT}\n\n"
        "The plugin needs `ripstop` on the PATH, installed where the service's own tests run, and for its\n"
        "MCP server the extra of that name: `pip install 'ripstop[mcp]'`. It reads the repository it is\n"
        "used in and starts that project's own servers, on this machine only; it sends nothing anywhere.\n\n"
        "`/test-route POST /orders` fills itself in from the route's code, its live schema and what\n"
        "experiments showed.\n\n"
        f"{lines}"
    )
