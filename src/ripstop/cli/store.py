"""What a run leaves for later commands, in private files: above all the plans behind replay ids."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ripstop.errors import UsageError
from ripstop.model.plan import Plan, replay_id
from ripstop.suite.noting import write_whole

__all__ = ["Replay", "load", "read_private", "save", "write_private", "write_whole"]

_FOLDER = ".ripstop"
_FILE = "replays.json"


@dataclass(frozen=True, slots=True)
class Replay:
    """A plan that can be run again, the workflow it belongs to and others that it races with.

    ``adds_up`` says that it takes several runs, one after another, until the service gives way.
    """

    nodeid: str
    plan: Plan
    rivals: tuple[str, ...] = ()
    adds_up: bool = False


def save(root: Path, replays: list[Replay]) -> None:
    """Keep these beside what earlier runs left; written whole or not at all, readable by the owner only."""
    known = read_private(root, _FILE)
    for replay in replays:
        known[replay_id(replay.nodeid, replay.plan)] = {
            "nodeid": replay.nodeid,
            "plan": replay.plan.as_json(),
            "rivals": list(replay.rivals),
            "adds_up": replay.adds_up,
        }
    try:
        write_private(root, _FILE, json.dumps(known, indent=1, sort_keys=True))
    except OSError as error:
        raise UsageError(
            "replays-not-kept",
            f"the plans behind the replay ids cannot be kept in {root / _FOLDER}: {error.strerror}",
            way_out="make room there and explore again; the findings themselves are as told",
        ) from error


def load(root: Path, identity: str) -> Replay:
    """The replay of that id, or of the only one it begins. Raises UsageError (``no-such-replay``)."""
    known = _read(root / _FOLDER / _FILE)
    found = [key for key in known if key.startswith(identity)]
    if len(found) != 1:
        raise UsageError(
            "no-such-replay",
            f"no experiment {identity!r} is known here"
            if not found
            else f"{identity!r} begins {len(found)} ids",
            way_out="ids are printed beside each finding; run `ripstop explore` once in this checkout",
        )
    entry = known[found[0]]
    plan, rivals = Plan.from_json(entry["plan"]), tuple(entry.get("rivals", ()))
    return Replay(entry["nodeid"], plan, rivals, bool(entry.get("adds_up")))


def write_private(root: Path, name: str, text: str | bytes) -> None:
    """Write a file among what runs leave, readable by the owner only. Raises OSError."""
    folder = root / _FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    write_whole(folder / ".gitignore", "*\n")
    write_whole(folder / name, text)


def read_private(root: Path, name: str) -> dict[str, Any]:
    """A JSON object that an earlier run left; empty where there is none or it is damaged."""
    return _read(root / _FOLDER / name)


def _read(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}
