"""Claude Code: `.claude/skills/ripstop-*/SKILL.md`, and commands for recipes that are told something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ripstop.agents.recipes.source import Recipe
from ripstop.agents.recipes.targets.written import Written, expanding, skill


def files(recipes: Iterable[Recipe]) -> Iterator[Written]:
    for recipe in recipes:
        yield skill(recipe, ".claude/skills")
        if recipe.argument:
            yield expanding(recipe, f".claude/commands/{recipe.name}.md")
