"""What a first test asserts: what was the same in two green runs, of the answer, the rows and the effects."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ripstop.model.state import Change
from ripstop.scaffold.drafts import Draft, Seen, Send
from ripstop.scaffold.source import literal, string

_MOST_FIELDS = 5
_MOST_COLUMNS = 3
_SECRET = re.compile(r"password|passwd|hash|secret|token|salt|cookie|session|jwt", re.IGNORECASE)
_TELLING = re.compile(r"status|state|amount|total|price|cents|quantity|email|name|kind|type", re.IGNORECASE)
_INTEGER = re.compile(r"^(smallint|integer|bigint)$")
_TEXT = re.compile(r"^(text|character varying.*|character\(.*|citext|varchar.*)$")


def assertions(draft: Draft, first: Seen, second: Seen) -> list[str]:
    """Lines of Python, without their indent. ``response`` is the answer."""
    lines = [f"assert response.status_code == {second.status}"]
    first, second, within = _unwrapped(first, second)
    fields = list(stable(first.body, second.body)) if isinstance(second.body, Mapping) else []
    rows = list(_rows(draft, first, second))
    uses_answer = bool(fields) or any("answer[" in line for line in rows)
    if uses_answer:
        lines.append(f"answer = response.json(){within}")
    lines += [f"assert answer[{string(name)}] == {literal(value)}" if not isinstance(value, bool | None)
              else f"assert answer[{string(name)}] is {value}" for name, value in fields]  # fmt: skip
    return [*lines, *rows, *_effects(first, second)]


def _unwrapped(first: Seen, second: Seen) -> tuple[Seen, Seen, str]:
    """Two answers without the one name that all of it stands under, and how code goes there."""
    bodies = (first.body, second.body)
    names = {tuple(one) for one in bodies if isinstance(one, Mapping)}
    name = next(iter(names))[0] if len(names) == 1 and len(next(iter(names))) == 1 else None
    if name is None or not all(isinstance(one[name], Mapping) for one in bodies):
        return first, second, ""
    return replace(first, body=first.body[name]), replace(second, body=second.body[name]), f"[{string(name)}]"


def stable(first: Any, second: Any) -> Iterator[tuple[str, Any]]:
    """Fields of two answers with the same plain value, telling ones first."""
    if not isinstance(first, Mapping) or not isinstance(second, Mapping):
        return
    same = [
        (name, value)
        for name, value in second.items()
        if isinstance(value, str | int | float | bool | None) and name in first and first[name] == value
        and type(first[name]) is type(value) and not _SECRET.search(name)
        and len(str(value)) <= 120 and value is not None
    ]  # fmt: skip
    same.sort(key=lambda one: not _TELLING.search(one[0]))
    yield from same[:_MOST_FIELDS]


def _rows(draft: Draft, first: Seen, second: Seen) -> Iterator[str]:
    """The rows that both runs left: each new one found by its key, other changes counted."""
    before, after = _shapes(first.changes), _shapes(second.changes)
    if before != after:
        yield from _counted(before & after)
        return
    single = {table for (kind, table), count in after.items() if kind == "insert" and count == 1}
    for change in second.changes:
        same = next(
            (one for one in first.changes if (one.kind, one.table) == (change.kind, change.table)), change
        )
        if change.kind == "insert" and change.table in single:
            yield from _inserted(change, same, second)
    rest = Counter({key: n for key, n in after.items() if not (key[0] == "insert" and key[1] in single)})
    yield from _changed(draft, second, first)
    yield from _counted(rest)


def _shapes(changes: Sequence[Change]) -> Counter[tuple[str, str]]:
    return Counter((one.kind, one.table) for one in changes)


def _counted(found: Mapping[tuple[str, str], int]) -> Iterator[str]:
    for (kind, table), count in sorted(found.items()):
        wanted = f"(one.kind, one.table) == ({string(kind)}, {string(table)})"
        yield f"assert sum({wanted} for one in seams.db.changes) == {count}"


def _inserted(change: Change, other: Change, seen: Seen) -> Iterator[str]:
    columns = dict(_columns(change, other))
    where = _found_by(change, columns, seen)
    if where is None:
        yield from _counted({(change.kind, change.table): 1})
        return
    said, used = where
    asserted = [(name, value) for name, value in columns.items() if name != used]
    asserted.sort(key=lambda one: not _TELLING.search(one[0]))
    call = f"seams.db.row({string(change.table)}, {said})"
    if not asserted:
        yield f"assert {call}"
    elif len(asserted) == 1 or not asserted[1:_MOST_COLUMNS]:
        yield f"assert {call}[{string(asserted[0][0])}] == {literal(asserted[0][1])}"
    else:
        name = f"{re.sub(r'[^a-z0-9]+', '_', change.table.lower()).strip('_').removesuffix('s')}_row"
        yield f"{name} = {call}"
        yield from (_equal(f"{name}[{string(c)}]", v) for c, v in asserted[:_MOST_COLUMNS])


def _equal(said: str, value: Any) -> str:
    return f"assert {said} is {value}" if isinstance(value, bool) else f"assert {said} == {literal(value)}"


def _found_by(change: Change, columns: Mapping[str, Any], seen: Seen) -> tuple[str, str] | None:
    """How a test finds the row again: by an id of the answer, else by a stable value of its own."""
    new = change.new or {}
    for name, value in seen.body.items() if isinstance(seen.body, Mapping) else ():
        wanted = name if name in new else "id"
        if (
            (name in new or re.fullmatch(r"(\w+_?)?(id|Id|uuid)", name))
            and str(value) == new.get(wanted)
            and re.search(r"id$", wanted)
        ):
            return f"{wanted}=answer[{string(name)}]", wanted
    telling = [name for name in columns if name.isidentifier() and isinstance(columns[name], str)]
    telling.sort(key=lambda name: not re.search(r"email|name|user|title", name))
    if telling:
        return f"{telling[0]}={literal(columns[telling[0]])}", telling[0]
    return None


def _columns(change: Change, other: Change) -> Iterator[tuple[str, Any]]:
    """The columns of a new row that have the same plain value in both runs."""
    for name, text in (change.new or {}).items():
        if text is None or (other.new or {}).get(name) != text or _SECRET.search(name) or len(text) > 120:
            continue
        kind = change.types.get(name, "")
        if name == "id":
            continue
        if _INTEGER.match(kind):
            yield name, int(text)
        elif kind == "boolean":
            yield name, text in ("t", "true")
        elif _TEXT.match(kind):
            yield name, text


def _changed(draft: Draft, second: Seen, first: Seen) -> Iterator[str]:
    """Rows that the preparation put in and the call changed."""
    for change in second.changes:
        row = next(
            (one for one in draft.arrange if not isinstance(one, Send) and one.table == change.table), None
        )
        if change.kind != "update" or row is None or not change.old or not change.new:
            continue
        there = second.arranged.get(row.name)
        if not isinstance(there, Mapping) or str(there.get("id")) != change.new.get("id"):
            continue
        same = next((o for o in first.changes if (o.kind, o.table) == ("update", change.table)), change)
        for name, value in _columns(change, same):
            if change.old.get(name) != change.new.get(name):
                yield _equal(
                    f'seams.db.row({string(change.table)}, id={row.name}["id"])[{string(name)}]', value
                )


def _effects(first: Seen, second: Seen) -> Iterator[str]:
    before, after = _kinds(first), _kinds(second)
    for (seam, kind), count in sorted(after.items()):
        if before[seam, kind] == count:
            said = "" if kind == "mail" and seam == "mail" else string(kind)
            what = f"seams.{seam}.effects({said}) == {count}"
            late = first.late or second.late
            yield f"assert seams.{seam}.eventually(lambda: {what})" if late else f"assert {what}"


def _kinds(seen: Seen) -> Counter[tuple[str, str]]:
    return Counter((one.seam, one.kind) for one in seen.effects)
