"""A test puts something else in the place of what it tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ripstop.integrity.guard.change import Change, Pair
from ripstop.integrity.guard.collect import Item
from ripstop.integrity.guard.helpers import Helpers
from ripstop.integrity.guard.modules import Revision, defined
from ripstop.integrity.guard.terms import Scope
from ripstop.model.weakening import Kind, Spot, Sure, Weakening

_PAGE = """\
## What it checks

A test does not newly replace what it tests: by `mock.patch`, `patch.object`, `mocker.patch`,
`monkeypatch.setattr` or plain assignment. What it tests are the modules of the repository that its file
imports. What is imported from elsewhere, the environment and settings in capitals may be replaced: those
are its surroundings.

## Why it matters

The test then asks the mock what the mock was told to say.

## Example

```python
with mock.patch("shop.prices.price", return_value=8):
    assert prices.price("cup") == 8
```

## What to do instead

Replace what lies behind the service's border (the provider, the clock), or inject a fault at the seam.

## How sure

`sure` where the test calls the very name that it replaces; `likely` where its own module defines the name;
`look` where that cannot be read.
"""

RULE = Kind("subject-patched", "unit under test patched", _PAGE)
_PATCHING = ("patch", "object", "setattr", "dict")


@dataclass(frozen=True, slots=True)
class _Patch:
    """What is replaced, in dots, and where."""

    target: str
    spot: Spot


def weakenings(change: Change) -> Iterator[Weakening]:
    """Each replacement in a test that was not there before and is of what the test is about."""
    for pair in change.pairs:
        if pair.helper:
            continue
        before = {patch.target for patch in _patches(pair.old, change.old)}
        for patch in _patches(pair.new, change.new):
            if patch.target not in before and (sure := _about(patch.target, pair, change)):
                spot = Spot(pair.old.path, pair.old.function.lineno, f"def {pair.old.name}")
                why = f"{patch.target} is what the test is about"
                yield Weakening(RULE.slug, pair.old.node, spot, patch.spot, sure, why)


def _patches(item: Item, revision: Revision) -> Iterator[_Patch]:
    helpers = Helpers(revision, item.module, item.klass, item.function)
    scope = Scope(item.module.imports, {}, helpers.constants)
    own = {
        one for decorator in (item.klass.decorator_list if item.klass else []) for one in ast.walk(decorator)
    }
    for node in (*own, *ast.walk(item.function)):
        if isinstance(node, ast.Call) and (target := _target(node, scope)):
            yield _Patch(target, Spot(item.path, node.lineno, ast.unparse(node)))
        elif isinstance(node, ast.Assign):
            yield from _assigned(node, item, scope)


def _target(call: ast.Call, scope: Scope) -> str:
    """What a call replaces; empty for any other call."""
    name = ast.unparse(call.func)
    last = name.rpartition(".")[2]
    if last not in _PATCHING or not ("patch" in name or "mock" in name):
        return ""
    match call.args:
        case [ast.Constant(value=str(path)), *_] if last != "dict":
            return path
        case [owner, ast.Constant(value=str(attr)), *_] if last != "dict":
            return f"{scope.term(owner).deep}.{attr}"
    return ""


def _assigned(node: ast.Assign, item: Item, scope: Scope) -> Iterator[_Patch]:
    """``cart.total = lambda: 9``: a callable put on something the test made."""
    match node:
        case ast.Assign(
            targets=[ast.Attribute(value=owner, attr=attr)], value=ast.Lambda() | ast.Call() as value
        ):
            made = isinstance(value, ast.Lambda) or "Mock" in ast.unparse(value.func)
            if made and not attr.isupper() and ast.unparse(owner) not in ("self", "cls"):
                told = _made_from(owner, item, scope)
                yield _Patch(f"{told}.{attr}", Spot(item.path, node.lineno, ast.unparse(node)))


def _made_from(owner: ast.expr, item: Item, scope: Scope) -> str:
    """The class of a local that is made in the test, where that can be read."""
    for node in ast.walk(item.function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func)) if name == ast.unparse(
                owner
            ):
                return scope.term(func).deep
    return scope.term(owner).deep


def _about(target: str, pair: Pair, change: Change) -> Sure | None:
    """How sure it is that a target is what the test is about; None where it is its surroundings."""
    subjects = {
        whole for whole in pair.new.module.imports.values() if whole.partition(".")[0] in change.local
    }
    last = target.rpartition(".")[2]
    if last.isupper() or not any(
        target.startswith((f"{s}.", s)) or s.startswith(target.rpartition(".")[0]) for s in subjects
    ):
        return None
    home = _home(target, change.new)
    if home is None:
        return Sure.LOOK
    names, rest = home
    if not rest or rest[0] not in names or (len(rest) > 1 and not isinstance(names[rest[0]], ast.ClassDef)):
        return None
    if len(rest) > 1 and not _method(names[rest[0]], rest[1]):
        return None
    called = {
        ast.unparse(n.func).rpartition(".")[2] for n in ast.walk(pair.new.function) if isinstance(n, ast.Call)
    }
    return Sure.SURE if rest[-1] in called else Sure.LIKELY


def _method(klass: ast.AST, name: str) -> bool:
    return any(getattr(part, "name", "") == name for part in getattr(klass, "body", ()))


def _home(target: str, revision: Revision) -> tuple[dict[str, ast.AST], list[str]] | None:
    """The module of a target with what it defines itself, and the rest of the name."""
    parts = target.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        inner = "/".join(parts[:cut])
        for root in ("", "src/", "lib/"):
            for path in (f"{root}{inner}.py", f"{root}{inner}/__init__.py"):
                if path in revision.sources and (module := revision.module(path)):
                    names: dict[str, ast.AST] = {**module.functions, **module.classes}
                    return names | {n: a for n, a in defined(module.tree).items() if n in names}, parts[cut:]
    return None
