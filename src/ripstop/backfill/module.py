"""A test file as blocks, with a manifest of what was generated: read from text, and written back.

The manifest is comment lines at the file's end: a test's name, a digest of its code and comments as
they were written, its kind, and its key. A digest does not change when a formatter passes by.
"""

from __future__ import annotations

import ast
import hashlib
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

TEST = "test"
CONSTANT = "constant"
OTHER = "other"
IMPORT = "import"
_LINE = re.compile(r"^# ripstop: (\w+) ([0-9a-f]{12}) (pin|finding|constant) ([0-9a-f]{8})\s*$")
_KNOWN_IMPORTS = (
    ("os", "import os"),
    ("datetime", "from datetime import UTC, datetime"),
    ("uuid4", "from uuid import uuid4"),
    ("pytest", "import pytest"),
    ("faults", "from ripstop import faults"),
)
_STANDARD = 3
"""How many of the known imports are the standard library's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the manifest says of one generated block."""

    name: str
    digest: str
    kind: str
    key: str

    def __str__(self) -> str:
        return f"# ripstop: {self.name} {self.digest} {self.kind} {self.key}"


@dataclass(frozen=True, slots=True)
class Block:
    """One top-level piece of a file, the comments above it included. ``name`` is empty for OTHER."""

    kind: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Module:
    """A file in pieces. ``head`` is its docstring and the comments before it, as written."""

    head: str
    imports: tuple[str, ...]
    blocks: tuple[Block, ...]
    manifest: Mapping[str, Entry] = field(default_factory=dict)


def read(text: str) -> Module:
    """Take a file apart. Raises SyntaxError where it is no Python."""
    tree = ast.parse(text)
    lines = text.splitlines()
    manifest = {m[1]: Entry(*m.groups()) for line in lines if (m := _LINE.match(line))}
    head, imports, blocks, last = "", [], [], 0
    for index, node in enumerate(tree.body):
        end = node.end_lineno or node.lineno
        chunk = "\n".join(line for line in lines[last:end] if not _LINE.match(line)).strip("\n")
        last = end
        if index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            head = chunk
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports.append(chunk)
        else:
            blocks.append(Block(*_named(node), chunk))
    rest = "\n".join(line for line in lines[last:] if not _LINE.match(line)).strip("\n")
    if rest.strip():
        blocks.append(Block(OTHER, "", rest))
    return Module(head, tuple(imports), tuple(blocks), manifest)


def write(module: Module) -> str:
    """The file's text: head, imports that are used, blocks, manifest."""
    imports = _imports(module)
    parts = [part for part in (module.head, imports) if part]
    body = "\n\n".join(parts)
    for number, block in enumerate(module.blocks):
        tight = block.kind == CONSTANT or (block.kind == OTHER and block.text.startswith("#"))
        body += (
            "\n\n" if tight and (number == 0 or _was_tight(module.blocks[number - 1])) else "\n\n\n"
        ) + block.text
    entries = "\n".join(str(entry) for entry in module.manifest.values())
    return body.lstrip("\n") + (f"\n\n\n{entries}\n" if entries else "\n")


def digest(text: str) -> str:
    """Twelve hex digits over a block's code and comments, whatever its layout and quotes."""
    marks = [*_canonical(ast.parse(text)), *_comments(text)]
    return hashlib.sha256("\0".join(marks).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def short_key(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def names_used(texts: Iterable[str]) -> frozenset[str]:
    """Every plain name that some code mentions."""
    return frozenset(
        node.id for text in texts for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)
    )


def _was_tight(block: Block) -> bool:
    return block.kind == CONSTANT


def _named(node: ast.stmt) -> tuple[str, str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return TEST if node.name.startswith("test") else OTHER, node.name
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return CONSTANT, node.targets[0].id
    return OTHER, ""


def _imports(module: Module) -> str:
    """The imports there were, without ours that nobody needs any more, and with ours that are needed."""
    used = names_used(block.text for block in module.blocks)
    ours = dict(_KNOWN_IMPORTS)
    needed = [text for name, text in _KNOWN_IMPORTS if name in used]
    theirs = [text for text in module.imports if text.strip() not in ours.values()]
    bound = {alias for text in theirs for alias in _bound(text)}
    mine = [text for name, text in _KNOWN_IMPORTS if text in needed and name not in bound]
    standard = [text for text in mine if text in list(ours.values())[:_STANDARD]]
    others = [text for text in mine if text not in standard]
    groups = ["\n".join(standard), "\n".join(others), "\n".join(theirs)]
    return "\n\n".join(group for group in groups if group)


def _bound(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)


def _canonical(node: ast.AST) -> Iterator[str]:
    """The tree as text, without positions and without fields that are empty: the same in every Python."""
    yield type(node).__name__
    for name, value in ast.iter_fields(node):
        values: Sequence[object] = value if isinstance(value, list) else [value]
        for item in values:
            if isinstance(item, ast.AST):
                yield f"{name}("
                yield from _canonical(item)
                yield ")"
            elif item is not None and name not in ("kind", "type_comment"):
                yield f"{name}={item!r}"


def _comments(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string.strip()
