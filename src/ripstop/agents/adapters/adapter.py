"""What an adapter is: data. How a command line is made of what is asked, and steps of what is printed.

Whatever settings it gives an agent's own tool mirror the phase as early feedback only; the gate holds.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ripstop.agents.phases import Ground
from ripstop.agents.places import package
from ripstop.agents.transcript import Told
from ripstop.errors import StartError


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to an agent. ``budget_usd`` None: no bound; ``model`` empty: the tool's own."""

    phase: str
    prompt: str
    ground: Ground
    turns: int = 60
    budget_usd: float | None = None
    jailed: bool = True
    model: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """How a request is run: its command line, files of its home, variables, and places it must see."""

    command: tuple[str, ...]
    home: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    visible: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Adapter:
    """An agent. ``variables`` are those it reads, ``tells_cost`` whether it reports money.

    ``is_turn`` says of a printed line whether it is another turn, for tools that keep no count themselves.
    """

    name: str
    call: Callable[[Ask], Call]
    read: Callable[[bytes], Told]
    variables: tuple[str, ...] = ()
    tells_cost: bool = False
    is_turn: Callable[[bytes], bool] = lambda _: False


def program(name: str, way_out: str) -> tuple[str, tuple[Path, ...]]:
    """A command's full path, and what a jail must show of it. Raises StartError ``no-agent``."""
    found = shutil.which(name)
    if found is None:
        raise StartError("no-agent", f"there is no {name} on the PATH", way_out=way_out)
    return found, tuple(
        dict.fromkeys(package(one) for one in (Path(found).absolute(), Path(found).resolve()))
    )


def path() -> dict[str, str]:
    """PATH with this interpreter first, so that `python -m pytest` is the one that judges."""
    own = str(Path(sys.executable).parent)
    return {"PATH": os.pathsep.join([own, os.environ.get("PATH", os.defpath)])}


def events(said: bytes) -> Iterator[dict[str, Any]]:
    """The JSON objects among printed lines; what is none is left out."""
    for line in said.splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            continue
        if isinstance(one, dict):
            yield one


def plain(value: Any) -> str:
    """A value of a tool's protocol as text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
