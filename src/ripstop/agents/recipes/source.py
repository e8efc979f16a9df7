"""The recipes themselves, read from their one source: Markdown with a few named fields before it.

Nothing here knows how any agent's tool wants them; that is `targets`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

FACTS = "{facts}"
ARGUMENT = "{argument}"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One recipe. ``argument`` is what it must be told, as a hint; empty for nothing.

    In ``text``, ``{argument}`` stands for what it is told, ``{facts}`` for how the facts of a route are had.
    """

    name: str
    description: str
    text: str
    argument: str = ""

    @property
    def title(self) -> str:
        """Its name among other people's."""
        return f"ripstop-{self.name}"


def recipes() -> tuple[Recipe, ...]:
    """Every recipe, by name."""
    folder = files("ripstop.agents.recipes") / "texts"
    found = sorted((one for one in folder.iterdir() if one.name.endswith(".md")), key=lambda one: one.name)
    return tuple(read(one.read_text(encoding="utf-8")) for one in found)


def read(text: str) -> Recipe:
    """A recipe from its file."""
    _, head, body = text.split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    return Recipe(fields["name"], fields["description"], body, fields.get("argument", ""))
