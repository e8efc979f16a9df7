"""What an agent did, as plain steps whatever its tool, and how that is kept: masked, one file an attempt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ripstop.model.secrets import MASK, mask_text
from ripstop.suite.noting import write_whole

FOLDER = "tdd"
SAID, CALLED, ANSWERED, DENIED, ENDED = "said", "called", "answered", "denied", "ended"
_LIMIT_CHARS = 20_000
_SHORT = 6


@dataclass(frozen=True, slots=True)
class Step:
    """One thing an agent said, a tool it called, what that answered or why it was denied.

    ``name`` is the tool's, empty for words.
    """

    kind: str
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What an agent's output came to.

    ``cost_usd`` None: it reports no money. ``problem`` is why its own tool gave up, as for want of a login.
    """

    steps: tuple[Step, ...] = ()
    turns: int = 0
    cost_usd: float | None = None
    tokens: int = 0
    problem: str = ""

    @property
    def last(self) -> str:
        """The last words of it."""
        return next((one.text for one in reversed(self.steps) if one.kind == SAID), "")


def lines(prompt: str, told: Told, secrets: Iterable[str] = ()) -> Iterator[str]:
    """JSON lines: what was asked, each step, the sum; ``secrets`` are values known to be ones."""
    known = tuple(one for one in secrets if len(one) >= _SHORT)
    yield json.dumps({"kind": "asked", "text": masked(prompt, known)}, ensure_ascii=False)
    for step in told.steps:
        plain = replace(step, text=masked(step.text, known))
        yield json.dumps(asdict(plain), ensure_ascii=False)
    end = {"kind": ENDED, "turns": told.turns, "cost_usd": told.cost_usd, "tokens": told.tokens}
    yield json.dumps({**end, "problem": masked(told.problem, known)}, ensure_ascii=False)


def masked(text: str, known: Sequence[str] = ()) -> str:
    """Without secrets by their look or their value. Masked before it is cut, so that no half one stays."""
    for one in known:
        text = text.replace(one, MASK)
    text = mask_text(text)
    return text if len(text) <= _LIMIT_CHARS else f"{text[:_LIMIT_CHARS]}…"


def clear(root: Path) -> None:
    """Take away what an earlier drive left."""
    for old in (root / ".ripstop" / FOLDER).glob("*.jsonl"):
        old.unlink(missing_ok=True)


def keep(root: Path, name: str, some: Iterable[str]) -> Path:
    """Write a transcript under a project's ``.ripstop/tdd``, which git ignores; its place."""
    folder = root / ".ripstop"
    for place in (folder, folder / FOLDER):
        place.mkdir(mode=0o700, exist_ok=True)
    write_whole(folder / ".gitignore", "*\n")
    place = folder / FOLDER / f"{name}.jsonl"
    write_whole(place, "".join(f"{line}\n" for line in some))
    return place
