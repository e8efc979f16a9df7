"""AGENTS.md: one marked block on a page that is otherwise a person's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ripstop.agents.recipes import marking
from ripstop.agents.recipes.marking import Kind
from ripstop.agents.recipes.source import Recipe
from ripstop.agents.recipes.targets.written import ASK, Written

_HEAD = f"""## Tests against real seams

This project tests its service with Ripstop: real servers, one crossing broken at a time, judged by rows
and effects.

- Before testing a route: `{ASK} "METHOD /path"`. It prints the route's stack, rows, constraints, seams, what
  tore and the cases that are asked for; each becomes a test or gets a reason.
- New tests are red first, for the right reason: `ripstop red FILE`. Then `ripstop green`.
- No mock of a seam, no skip, no sleep, no assertion loosened; conftest and pytest's configuration stay.

Recipes (`ripstop recipes list`):

"""


def files(recipes: Iterable[Recipe]) -> Iterator[Written]:
    lines = "".join(f"- `{one.title}`: {one.description}\n" for one in recipes)
    yield Written("AGENTS.md", marking.block(_HEAD + lines), Kind.BLOCK)
