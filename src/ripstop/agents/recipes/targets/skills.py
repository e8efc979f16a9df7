"""`.agents/skills/`: the folder of skills that Codex and other tools read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ripstop.agents.recipes.source import Recipe
from ripstop.agents.recipes.targets.written import Written, skill


def files(recipes: Iterable[Recipe]) -> Iterator[Written]:
    return (skill(recipe, ".agents/skills") for recipe in recipes)
