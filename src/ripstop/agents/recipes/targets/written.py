"""What a target gives: a file by its path and text; and how recipes are written down, whoever reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ripstop.agents.recipes import marking
from ripstop.agents.recipes.marking import Kind
from ripstop.agents.recipes.source import ARGUMENT, FACTS, Recipe

ASK = "ripstop recipes route"


@dataclass(frozen=True, slots=True)
class Written:
    """A file to be: ``path`` relative to the project's folder, with forward slashes."""

    path: str
    text: str
    kind: Kind = Kind.MARKDOWN


def skill(recipe: Recipe, folder: str) -> Written:
    """A recipe as a skill: a folder with a SKILL.md, whose front matter names and describes it."""
    head = f"---\nname: {recipe.title}\ndescription: {quoted(recipe.description)}\n---\n\n"
    return Written(f"{folder}/{recipe.title}/SKILL.md", marking.markdown(head + plain(recipe)))


def expanding(recipe: Recipe, path: str) -> Written:
    """A recipe as a command of Claude Code, which fills in arguments and runs what stands after ``!``."""
    head = (
        f"---\ndescription: {quoted(recipe.description)}\nargument-hint: {quoted(f'<{recipe.argument}>')}\n"
        f"allowed-tools: Bash({ASK}:*), Bash(ripstop replay:*)\n---\n\n"
    )
    facts = f'!`{ASK} "$ARGUMENTS"`\n\nIf nothing stands above, run `{ASK} "$ARGUMENTS"` yourself.'
    body = recipe.text.replace(FACTS, facts).replace(ARGUMENT, "$ARGUMENTS")
    return Written(path, marking.markdown(head + body))


def plain(recipe: Recipe) -> str:
    """A recipe's text for a reader that expands nothing."""
    facts = f'Run this first, with the route you were asked to test:\n\n    {ASK} "METHOD /path"'
    return recipe.text.replace(FACTS, facts).replace(ARGUMENT, f"<{recipe.argument}>")


def quoted(text: str) -> str:
    """A text as a YAML scalar: every JSON string is one."""
    return json.dumps(text, ensure_ascii=False)
