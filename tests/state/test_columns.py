"""What the schema demands of a column, as a live server tells it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ripstop.model.state import ColumnRule
from ripstop.state.database import Database

DDL = """
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN code AS varchar(8) NOT NULL;
CREATE TABLE products (sku text PRIMARY KEY);
CREATE TABLE lines (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text NOT NULL REFERENCES products,
    quantity integer NOT NULL CHECK (quantity > 0),
    note varchar(40) UNIQUE,
    price numeric(10, 2),
    state mood NOT NULL,
    short code,
    a integer, b integer, CHECK (a < b), UNIQUE (a, b)
);
CREATE SCHEMA other; CREATE TABLE other.things (name text UNIQUE NULLS DISTINCT);
CREATE UNIQUE INDEX ON other.things (name) WHERE name > 'm';
"""


@pytest.fixture
def rules(open_state: Callable[..., tuple[Database, object]]) -> dict[str, ColumnRule]:
    state, _ = open_state(DDL, template=False)
    return {f"{rule.table}.{rule.column}": rule for rule in state.columns()}


def test_type_nullness_length_and_checks_are_told(rules: dict[str, ColumnRule]) -> None:
    quantity, note = rules["lines.quantity"], rules["lines.note"]

    assert (quantity.type, quantity.nullable) == ("integer", False)
    assert quantity.checks == ("CHECK ((quantity > 0))",)
    assert (note.type, note.nullable, note.length, note.unique) == ("character varying", True, 40, True)
    assert rules["lines.price"].length is None


def test_a_foreign_key_leads_to_its_table_and_a_key_of_two_columns_is_not_unique_on_one(
    rules: dict[str, ColumnRule],
) -> None:
    assert rules["lines.sku"].references == "products"
    assert rules["products.sku"].unique
    assert not rules["lines.a"].unique
    assert rules["lines.a"].checks == rules["lines.b"].checks == ("CHECK ((a < b))",)


def test_an_enum_reads_as_a_list_and_a_domain_as_what_it_is_made_of(rules: dict[str, ColumnRule]) -> None:
    assert rules["lines.state"].checks == ("state IN ('good', 'bad')",)
    assert (rules["lines.short"].type, rules["lines.short"].length) == ("character varying", 8)
    assert not rules["lines.short"].nullable
    assert "other.things.name" in rules


def test_rules_are_read_anew_once_the_schema_has_changed(
    open_state: Callable[..., tuple[Database, object]],
) -> None:
    state, client = open_state("CREATE TABLE t (a integer)", template=False)
    assert state.columns()[0].nullable

    client.run("ALTER TABLE t ALTER a SET NOT NULL")  # type: ignore[attr-defined]
    state.read()

    assert not state.columns()[0].nullable
