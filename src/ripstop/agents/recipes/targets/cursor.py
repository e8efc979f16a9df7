"""Cursor: `.cursor/commands/*.md`, plain Markdown; what is typed after a command's name follows its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ripstop.agents.recipes import marking
from ripstop.agents.recipes.source import Recipe
from ripstop.agents.recipes.targets.written import Written, plain


def files(recipes: Iterable[Recipe]) -> Iterator[Written]:
    for recipe in recipes:
        name = recipe.name if recipe.argument else recipe.title
        yield Written(f".cursor/commands/{name}.md", marking.markdown(plain(recipe)))
