"""Crossings down, faults across."""

from __future__ import annotations

import re

import pytest

from ripstop.faults import catalogue
from ripstop.model.events import Cell
from ripstop.model.fault import FaultSpec
from ripstop.model.trace import CrossingId
from ripstop.report.matrix import _BY_CODE, _SHORT, Layout, lines
from ripstop.report.paint import ASCII, Paint, Symbols

from .made_up import CELLS, place

PLAIN = Layout(80, Paint(color=False), Symbols())


def cell(fault: str, mark: str, *, at: CrossingId | None = None, note: str = "", **params: int) -> Cell:
    return Cell(at or place(), FaultSpec.of(fault, **params), mark, note)


def row(cells: list[Cell], layout: Layout = PLAIN) -> str:
    return next(line for line in lines(cells, layout) if "INSERT orders" in line)


@pytest.mark.parametrize(
    ("mark", "note", "symbol"),
    [
        ("held", "", "✓"),
        ("torn", "RS204", "✗"),
        ("unknown", "", "?"),
        ("not exercised", "out-of-time", "-"),
        ("held", "RS102 (advice)", "!"),
    ],
)
def test_each_mark_has_its_symbol(mark: str, note: str, symbol: str) -> None:
    assert row([cell("hang", mark, note=note)]).endswith(symbol)


def test_a_fault_that_cannot_happen_at_a_crossing_leaves_a_blank() -> None:
    commit = place(operation="COMMIT")
    drawn = row([cell("hang", "held"), cell("stall", "held", at=commit), cell("slow", "torn")])

    assert re.search(r"✓ {11}✗$", drawn)


def test_the_worst_of_several_marks_in_one_cell_wins() -> None:
    assert row([cell("hang", "torn"), cell("hang", "held")]).endswith("✗")


def test_statuses_and_sqlstates_have_a_column_for_each_code() -> None:
    head = next(iter(lines([cell("status", "held", code=503), cell("status", "held", code=429)], PLAIN)))

    assert head.split() == ["db", "429", "503"]


def test_a_fault_whose_parameters_differ_by_place_has_one_column() -> None:
    commit = place(operation="COMMIT")
    cells = [cell("slow", "held", delay_ms=10), cell("slow", "held", at=commit, delay_ms=20)]

    assert next(iter(lines(cells, PLAIN))).split() == ["db", "slow"]


@pytest.mark.parametrize("columns", [60, 80, 100, 120])
def test_every_line_fits_and_no_cell_is_lost(columns: int) -> None:
    drawn = list(lines(CELLS, Layout(columns, Paint(color=False), Symbols())))
    body = [line for line in drawn if not line.startswith("  ✓ held")]

    assert max(map(len, body)) <= columns
    assert sum(sum(map(line.count, "✓✗!?-")) for line in body) >= len(CELLS)


def test_a_repeated_crossing_shows_its_number() -> None:
    second = place(nth=2)

    assert any("INSERT orders #2" in line for line in lines([cell("hang", "held", at=second)], PLAIN))


def test_several_steps_are_named() -> None:
    other = CrossingId("GET /orders", "db", "SELECT orders")
    drawn = list(lines([cell("hang", "held"), cell("hang", "held", at=other)], PLAIN))

    assert "  POST /orders" in drawn
    assert "  GET /orders" in drawn


def test_a_hostile_operation_cannot_draw_on_the_screen() -> None:
    cells = [cell("hang", "held", at=place(operation="\x1b[2J\n" + "x" * 200))]

    assert not [line for line in lines(cells, PLAIN) if "\x1b" in line or "\n" in line or len(line) > 80]


def test_without_unicode_the_symbols_are_ascii() -> None:
    assert row([cell("hang", "held")], Layout(80, Paint(color=False), ASCII)).isascii()


def test_no_cells_draw_nothing() -> None:
    assert list(lines([], PLAIN)) == []


def test_shortened_names_are_spelled_out_and_plain_ones_are_not() -> None:
    drawn = list(lines([cell("connection_lost", "held"), cell("hang", "held"), cell("slow", "held")], PLAIN))

    assert drawn[-1] == "  lost: connection_lost"


def test_a_crossing_without_a_cell_in_a_block_is_not_drawn_there() -> None:
    commit = place(operation="COMMIT")
    many = [cell("status", "held", code=code) for code in range(500, 512)]
    drawn = list(lines([*many, cell("status", "held", at=commit, code=511)], PLAIN))

    assert sum("COMMIT" in line for line in drawn) == 1
    assert sum("INSERT orders" in line for line in drawn) == 2


def test_a_symbol_stands_under_its_label() -> None:
    head, body = list(lines([cell("hang", "held"), cell("stall", "torn")], PLAIN))[:2]

    assert head.index("stall") < body.index("✗") < head.index("stall") + len("stall")


def test_an_unknown_fault_is_named_by_its_beginning() -> None:
    assert next(iter(lines([cell("gremlins", "held")], PLAIN))).split() == ["db", "grem…"]


def test_every_fault_of_the_catalogue_has_a_column_of_its_own_or_one_for_each_code() -> None:
    named = set(_SHORT) | _BY_CODE

    assert set(catalogue.names()) == named
    assert len(set(_SHORT.values())) == len(_SHORT)
