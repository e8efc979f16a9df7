"""What a person did to a generated file, kept; what they left alone, updated.

A block whose digest is no longer the manifest's was edited and stays as it is; one that is gone was
deleted and stays away. Blocks the manifest never had are the person's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ripstop.backfill.module import CONSTANT, Block, Entry, Module, digest, names_used, short_key

Text = str


@dataclass(frozen=True, slots=True)
class Fresh:
    """A test as this run would write it."""

    name: str
    kind: str
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is to be done with an existing file's tests.

    ``kept`` are blocks that stay whatever happens, ``carried`` unedited tests of an earlier run that
    this one did not write again, by name with their manifest entry; they stay while they hold.
    ``edited`` and ``deleted`` are names, ``blocked`` names and keys that must not be written.
    """

    kept: tuple[Block, ...] = ()
    carried: Mapping[str, tuple[Entry, Text]] = field(default_factory=dict)
    edited: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    blocked: frozenset[str] = frozenset()


def standing(old: Module | None) -> Standing:
    """How an existing file stands to its manifest."""
    if old is None:
        return Standing()
    kept, edited = [], []
    carried: dict[str, tuple[Entry, Text]] = {}
    for block in old.blocks:
        entry = old.manifest.get(block.name)
        if entry is None:
            kept.append(block)
        elif digest(block.text) != entry.digest:
            kept.append(block)
            edited.append(block.name)
        elif entry.kind != CONSTANT:
            carried[block.name] = (entry, block.text)
    present = {block.name for block in old.blocks}
    deleted = [e.name for e in old.manifest.values() if e.name not in present and e.kind != CONSTANT]
    theirs = [old.manifest[name] for name in (*edited, *deleted) if name in old.manifest]
    blocked = {block.name for block in kept if block.name} | {key for e in theirs for key in (e.name, e.key)}
    return Standing(tuple(kept), carried, tuple(edited), tuple(deleted), frozenset(blocked))


def wanted(fresh: Sequence[Fresh], state: Standing) -> tuple[Fresh, ...]:
    """The fresh tests that do not stand where a person's edit or deletion does."""
    return tuple(f for f in fresh if f.name not in state.blocked and short_key(f.key) not in state.blocked)


def merged(
    old: Module | None,
    state: Standing,
    tests: Sequence[Fresh],
    carried: Sequence[str],
    constants: Mapping[str, Text],
    head: str,
) -> Module:
    """The file to write: the old order where there is one, then what is new."""
    mine = {f.name: Block("test", f.name, f.text) for f in tests}
    mine |= {name: Block("test", name, state.carried[name][1]) for name in carried}
    blocks: list[Block] = []
    for block in old.blocks if old else ():
        if block in state.kept:
            blocks.append(block)
        elif block.name in mine:
            blocks.append(mine.pop(block.name))
    blocks += mine.values()
    held = {block.name for block in blocks if block.kind == CONSTANT}
    used = names_used(block.text for block in blocks)
    made = [Block(CONSTANT, n, text) for n, text in constants.items() if n in used and n not in held]
    blocks[:0] = made
    return Module(
        old.head if old and old.head else head,
        old.imports if old else (),
        tuple(blocks),
        _manifest(old, state, tests, carried, made),
    )


def _manifest(
    old: Module | None, state: Standing, tests: Sequence[Fresh], carried: Sequence[str], made: Sequence[Block]
) -> dict[str, Entry]:
    entries = {f.name: Entry(f.name, digest(f.text), f.kind, short_key(f.key)) for f in tests}
    entries |= {name: state.carried[name][0] for name in carried}
    entries |= {b.name: Entry(b.name, digest(b.text), CONSTANT, short_key(b.name)) for b in made}
    known = old.manifest if old else {}
    entries |= {name: known[name] for name in (*state.edited, *state.deleted) if name in known}
    return dict(sorted(entries.items()))
