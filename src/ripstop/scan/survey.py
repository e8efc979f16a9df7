"""The door of this room: a repository's workflows, ranked, with what no test covers.

It prints nothing and writes nothing. What other rooms know comes in through Options: what a person says a
workflow is worth (`ripstop.config.stakes`), and which faults a crossing can suffer (`ripstop.cli.offering`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ripstop.model.survey import Reach, Stake, Survey

Faults = Callable[[Reach], Sequence[str]]
"""The names of the faults that can happen at a crossing."""


def no_faults(_reach: Reach) -> Sequence[str]:
    """Nothing can break: for who asks for routes and risks alone."""
    return ()


@dataclass(frozen=True, slots=True)
class Options:
    """What a caller of ``survey`` may say.

    ``stakes`` by operation (``POST /orders``) or by a workflow's name, those of markers excepted, which
    are read from the tests. With ``importing`` the application is imported, by ``python`` (the project's
    own interpreter; found where None), to ask it for its routes. ``coverage`` is a ``.coverage`` file
    with contexts, looked for in the root where None.
    """

    stakes: Mapping[str, Stake] = field(default_factory=dict)
    faults: Faults = no_faults
    importing: bool = True
    python: Path | None = None
    coverage: Path | None = None


def survey(root: Path, options: Options = Options()) -> Survey:  # noqa: ARG001
    """Read a repository. Raises UsageError: ``no-such-folder``, ``no-code``, ``no-service``."""
    return Survey(notes=(f"{root}: nothing was read yet",))
