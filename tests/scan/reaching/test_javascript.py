"""Drizzle, Prisma and knex."""

from __future__ import annotations

from pathlib import Path

import pytest

from .models import DRIZZLE
from .snippets import operations

PRISMA = "import { PrismaClient } from '@prisma/client'\nconst prisma = new PrismaClient()\n"
KNEX = "import knex from 'knex'\nconst db = knex({ client: 'pg' })\n"


@pytest.mark.parametrize(
    ("before", "body", "told"),
    [
        (DRIZZLE, "await db.select().from(users).where(eq(users.id, x))", ["SELECT app_users"]),
        (DRIZZLE, "await db.select().from(orders).innerJoin(users, 1)", ["SELECT orders, app_users"]),
        (DRIZZLE, "await db.insert(orders).values({ id }).onConflictDoNothing()", ["INSERT orders"]),
        (DRIZZLE, "await db.update(users).set({ id: 1 })", ["UPDATE app_users"]),
        (DRIZZLE, "await db.delete(orders)", ["DELETE orders"]),
        (DRIZZLE, "await db.query.users.findFirst({})", ["SELECT app_users"]),
        (DRIZZLE, "await db.execute(sql`UPDATE orders SET id = ${x}`)", ["UPDATE orders"]),
        (
            DRIZZLE,
            "await db.transaction(async (tx) => { await tx.insert(orders).values({}) })",
            ["BEGIN", "INSERT orders!", "COMMIT!"],
        ),
        (PRISMA, "await prisma.user.findUnique({ where: { id } })", ["SELECT User"]),
        (PRISMA, "await prisma.$queryRaw`SELECT * FROM orders WHERE id = ${x}`", ["SELECT orders"]),
        (
            PRISMA,
            "await prisma.$transaction(async (tx) => { await tx.order.create({}) })",
            ["BEGIN", "INSERT Order!", "COMMIT!"],
        ),
        (
            PRISMA,
            "await prisma.$transaction([prisma.order.create({}), prisma.user.delete({})])",
            ["BEGIN", "INSERT Order!", "DELETE User!", "COMMIT!"],
        ),
        (KNEX, "await db('users').where({ id }).first()", ["SELECT users"]),
        (KNEX, "await db('orders').insert({ id })", ["INSERT orders"]),
        (KNEX, "await db('orders').where({ id }).update({ a: 1 })", ["UPDATE orders"]),
        (KNEX, "await db('orders').where({ id }).del()", ["DELETE orders"]),
        (
            KNEX,
            "await db.transaction(async (t) => { await t('stock').decrement('n', 1) })",
            ["BEGIN", "UPDATE stock!", "COMMIT!"],
        ),
        (KNEX, "await db.raw('SELECT 1 FROM users')", ["SELECT users"]),
    ],
)
def test_each_chain_is_the_statement_it_sends(
    tmp_path: Path, before: str, body: str, told: list[str]
) -> None:
    assert operations(tmp_path, before, body) == told


def test_a_models_table_is_the_one_its_schema_names(tmp_path: Path) -> None:
    (tmp_path / "prisma").mkdir()
    schema = 'model User {\n  id Int @id\n  @@map("app_users")\n}\n'
    (tmp_path / "prisma" / "schema.prisma").write_text(schema)

    assert operations(tmp_path, PRISMA, "await prisma.user.create({})") == ["INSERT app_users"]


@pytest.mark.parametrize("body", ["new Map().delete('a')", "x.insert(1)", "x.update({})", "[].find(1)"])
def test_methods_of_others_are_left_alone(tmp_path: Path, body: str) -> None:
    assert operations(tmp_path, DRIZZLE, body) == []
