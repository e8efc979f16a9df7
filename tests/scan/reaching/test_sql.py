"""Statements given as text, to drivers of several databases and to what passes them on."""

from __future__ import annotations

from pathlib import Path

import pytest

from ripstop.model.survey import Sureness
from ripstop.scan.reaching.sql import is_sql, statement

from .snippets import operations, reached, within

PG = "import pg from 'pg'\nconst pool = new pg.Pool()\n"


@pytest.mark.parametrize(
    ("before", "body", "told"),
    [
        (
            "import psycopg2\nconn = psycopg2.connect('')",
            "cur = conn.cursor()\ncur.execute(f'UPDATE users SET n = %s WHERE id = {x}')\nconn.commit()",
            ["UPDATE users!", "COMMIT!"],
        ),
        (
            "import psycopg",
            "with psycopg.connect('') as c:\n    c.execute('DELETE FROM users')",
            ["DELETE users!", "COMMIT!"],
        ),
        (
            "import psycopg",
            "with psycopg.connect('', autocommit=True) as c:\n    c.execute('DELETE FROM users')",
            ["DELETE users"],
        ),
        (
            "import asyncpg",
            "c = await asyncpg.connect('')\nasync with c.transaction():\n"
            "    await c.fetchrow('SELECT 1 FROM a FOR UPDATE')\n"
            "await c.execute('INSERT INTO b VALUES ($1)', x)",
            ["BEGIN", "SELECT a FOR UPDATE!", "COMMIT!", "INSERT b"],
        ),
        ("import sqlite3", "sqlite3.connect('a.db').execute('INSERT INTO t VALUES (1)')", ["INSERT t"]),
        (PG, "await pool.query({ text: 'INSERT INTO orders VALUES ($1)', values: [x] })", ["INSERT orders"]),
        (
            "import postgres from 'postgres'\nconst sql = postgres('postgres://')",
            "await sql`UPDATE stock SET n = ${x}`",
            ["UPDATE stock"],
        ),
        (
            "import mysql from 'mysql2'\nconst c = mysql.createPool({})",
            "c.query('SELECT * FROM `a`')",
            ["SELECT a"],
        ),
    ],
)
def test_a_text_is_named_as_a_trace_names_it(tmp_path: Path, before: str, body: str, told: list[str]) -> None:
    assert operations(tmp_path, before, body) == told


def test_the_protocol_is_the_drivers(tmp_path: Path) -> None:
    (reach,) = reached(tmp_path, within("import sqlite3", "sqlite3.connect('').execute('DELETE FROM t')"))

    assert (reach.protocol, reach.target, reach.client) == ("sqlite", "t", "sqlite3")


def test_a_statement_that_cannot_be_read_is_told_as_a_guess(tmp_path: Path) -> None:
    (reach,) = reached(tmp_path, within("import psycopg", "psycopg.connect('').execute(build(x))"))

    assert (reach.operation, reach.sureness) == ("EXECUTE {statement}", Sureness.GUESS)


def test_a_hole_in_the_place_of_a_table_keeps_its_name() -> None:
    assert statement("INSERT INTO {table} (a) VALUES ({value})").operation == "INSERT {table}"


@pytest.mark.parametrize("text", ["select a colour", "with love to all", "update the page", "set"])
def test_prose_is_no_statement_where_anything_may_be_meant(text: str) -> None:
    assert not is_sql(text, strict=True)


@pytest.mark.parametrize(
    "body",
    [
        "x.get('select')",
        "x.run('call me later')",
        "import subprocess\nsubprocess.run('set -x')",
        "exec('begin now')",
    ],
)
def test_words_given_to_anything_else_are_left_alone(tmp_path: Path, body: str) -> None:
    assert operations(tmp_path, "", body) == []


def test_drizzles_own_word_for_text_sends_nothing_by_itself(tmp_path: Path) -> None:
    before = "import { sql } from 'drizzle-orm'\nconst a = 1"

    assert operations(tmp_path, before, "return sql`DELETE FROM orders`") == []
