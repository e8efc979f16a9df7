"""Coverage's data, as coverage.py writes it: which test ran which line."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from ripstop.scan import contexts
from ripstop.scan.contexts import Contexts

TEST = "tests/test_shop.py::TestShow::test_none"
SCHEMA = """
CREATE TABLE file (id integer primary key, path text, unique (path));
CREATE TABLE context (id integer primary key, context text, unique (context));
CREATE TABLE line_bits (file_id integer, context_id integer, numbits blob, unique (file_id, context_id));
CREATE TABLE arc (file_id integer, context_id integer, fromno integer, tono integer);
"""


def bits(lines: Iterable[int]) -> bytes:
    """Line numbers as coverage packs them."""
    found = bytearray(64)
    for line in lines:
        found[line // 8] |= 1 << (line % 8)
    return bytes(found).rstrip(b"\0")


def measured(path: Path, file: str, context: str, lines: Sequence[int], *, arcs: bool = False) -> None:
    with sqlite3.connect(path) as data:
        data.executescript(SCHEMA)
        data.execute("INSERT INTO file VALUES (1, ?)", (file,))
        data.execute("INSERT INTO context VALUES (1, ?)", (context,))
        if arcs:
            pairs = zip((-1, *lines), (*lines, -1), strict=True)
            data.executemany("INSERT INTO arc VALUES (1, 1, ?, ?)", list(pairs))
        else:
            data.execute("INSERT INTO line_bits VALUES (1, 1, ?)", (bits(lines),))
    data.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "app.py").write_text("x = 1\n")
    os.utime(tmp_path / "shop" / "app.py", (1, 1))
    return tmp_path


def read(root: Path, *, given: Path | None = None) -> Contexts:
    return contexts.read(root, given, [TEST, "tests/test_other.py::test_none"], ["shop/app.py"])


@pytest.mark.parametrize(
    "context",
    [
        f"{TEST}|run",
        f"{TEST}[0-x]|run",
        f"unit|{TEST}|run",
        "test_shop.TestShow.test_none",
        "tests.test_shop.TestShow.test_none",
        "unit|project.tests.test_shop.TestShow.test_none",
    ],
)
@pytest.mark.parametrize("arcs", [False, True], ids=["lines", "branches"])
def test_each_way_of_naming_the_test_is_understood(root: Path, context: str, *, arcs: bool) -> None:
    measured(root / ".coverage", str(root / "shop" / "app.py"), context, [1, 8, 13], arcs=arcs)

    found = read(root)

    assert found.lines["shop/app.py"] == {line: frozenset({TEST}) for line in (1, 8, 13)}
    assert found.notes == ()


@pytest.mark.parametrize("context", [f"{TEST}|setup", f"{TEST}|teardown", "", "tests.test_x.test_gone"])
def test_what_no_known_test_ran_is_nobody_s(root: Path, context: str) -> None:
    measured(root / ".coverage", str(root / "shop" / "app.py"), context, [8])

    found = read(root)

    assert found.ran("shop/app.py", 8) == frozenset()
    assert found.notes == (
        ".coverage tells lines but not which test ran them: measure with pytest --cov --cov-context=test",
    )


@pytest.mark.parametrize("file", ["shop/app.py", "/elsewhere/build/shop/app.py", "C:\\build\\shop\\app.py"])
def test_files_measured_elsewhere_are_found_by_their_end(root: Path, file: str) -> None:
    measured(root / ".coverage", file, f"{TEST}|run", [8])

    assert read(root).ran("shop/app.py", 8) == {TEST}


def test_a_file_that_was_not_measured_is_not_the_same_as_a_line_that_was_not_run(root: Path) -> None:
    measured(root / ".coverage", str(root / "shop" / "app.py"), f"{TEST}|run", [8])

    found = read(root)

    assert found.ran("shop/app.py", 9) == frozenset()
    assert found.ran("shop/views.py", 8) is None
    assert found.within("shop/app.py", 1, 8) == {TEST}
    assert found.within("shop/app.py", 9, 20) == frozenset()


def test_data_older_than_the_code_is_told(root: Path) -> None:
    measured(root / ".coverage", str(root / "shop" / "app.py"), f"{TEST}|run", [8])
    os.utime(root / ".coverage", (0, 0))

    assert read(root).notes == (
        ".coverage is older than the code: lines may have moved since; measure again",
    )


def test_without_data_nothing_is_said_unless_it_was_asked_for(root: Path) -> None:
    assert read(root) == Contexts()
    assert "no such coverage file" in read(root, given=root / "gone").notes[0]


def test_data_of_another_kind_in_its_tables_is_told(root: Path) -> None:
    measured(root / ".coverage", "shop/app.py", f"{TEST}|run", [8])
    with sqlite3.connect(root / ".coverage") as data:
        data.execute("UPDATE line_bits SET numbits = 3")
    data.close()

    assert read(root).notes[0].startswith(".coverage cannot be read as coverage's data: ")


@pytest.mark.parametrize("content", [b"", b"!coverage.py: old format", b"SQLite format 3\0" + b"\0" * 200])
def test_data_that_is_none_is_told(root: Path, content: bytes) -> None:
    (root / ".coverage").write_bytes(content)

    (note,) = read(root).notes

    assert note.startswith(".coverage cannot be read as coverage's data: ")
