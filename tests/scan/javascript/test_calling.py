"""Calls in their order, with what they are given and what is called while they go on."""

import pytest
from tests.scan.javascript.conftest import flat

from ripstop.model.survey import Sureness
from ripstop.scan.code import Shape


def run(read_files, body, top=""):
    code = read_files({"app.ts": f"{top}\nexport async function run(a, b) {{ {body} }}"})
    return code.functions["app.run"]


def test_arguments_are_called_before_what_they_are_given_to(names_called):
    assert names_called("export function run() { a(b(c()), d()) }") == ["c", "b", "d", "a"]


def test_a_callback_belongs_to_the_call_it_is_given_to(read_files):
    (call,) = run(read_files, "retry(async () => { await first(); await second() })").calls

    assert [inner.name for inner in call.block] == ["first", "second"]


def test_a_named_function_given_to_a_call_is_called_by_it(read_files):
    (call,) = run(read_files, "retry(charge)", "async function charge() { await fetch('x') }").calls

    assert [(inner.target, inner.sureness) for inner in call.block] == [("app.charge", Sureness.LIKELY)]


@pytest.mark.parametrize(
    ("top", "body", "name"),
    [
        (
            "import { drizzle } from 'drizzle-orm/postgres-js'\nconst db = drizzle({})",
            "await db.transaction(async (tx) => { await tx.update(a).set({}) })",
            "drizzle.update",
        ),
        (
            "import { PrismaClient } from '@prisma/client'\nconst db = new PrismaClient()",
            "await db.$transaction(async (tx) => { await tx.order.update({}) })",
            "prisma.order.update",
        ),
        (
            "const knex = require('knex')({})",
            "await knex.transaction(async (trx) => { await trx('orders').insert({}) })",
            "knex.insert",
        ),
        (
            "import { DataSource } from 'typeorm'\nconst source = new DataSource({})",
            "await source.transaction(async (m) => { await m.save(a) })",
            "typeorm.EntityManager.save",
        ),
    ],
    ids=["drizzle", "prisma", "knex", "typeorm"],
)
def test_a_transaction_gives_its_callback_a_client_of_its_kind(read_files, top, body, name):
    transaction = run(read_files, body, top).calls[-1]

    assert transaction.name.endswith("ransaction")
    assert name in [call.name for call in transaction.block]


def test_a_table_named_to_knex_stays_with_every_call_of_its_chain(read_files):
    function = run(
        read_files, "knex('orders').where({ id: a }).update({ paid: true })", "import knex from 'knex'"
    )

    update = next(call for call in function.calls if call.name == "knex.update")
    assert update.owner.get("0").text == "orders"


def test_a_connection_from_the_pool_is_known(names_called):
    top = "import pg from 'pg'\nconst pool = new pg.Pool()\n"
    body = "export async function run() { const c = await pool.connect(); await c.query('BEGIN') }"

    assert names_called(top + body) == ["pg.Pool.connect", "pg.PoolClient.query"]


def test_a_tagged_template_is_a_call_with_its_text(read_files):
    function = run(
        read_files,
        "await sql`INSERT INTO orders VALUES (${a})`",
        "import postgres from 'postgres'\nconst sql = postgres()",
    )

    (call,) = function.calls
    assert call.name == "postgres"
    assert call.arguments[0].value.text == "INSERT INTO orders VALUES ({a})"


def test_a_loop_and_a_callback_for_each_item_are_loops(read_files):
    function = run(
        read_files, "for (const x of a) await one(x)\nb.map((x) => two(x))\nthree()\nwhile (a) four()"
    )

    loops = {call.name: call.in_loop for call in flat(function.calls)}
    assert (loops["one"], loops["two"], loops["three"], loops["four"]) == (True, True, False, True)


def test_what_a_promise_catches_is_caught_before_it(read_files):
    function = run(read_files, "await charge(a).catch(() => undefined)\n await store()")

    caught = {call.name: call.caught for call in function.calls}
    assert caught["charge"] == ("Error",)
    assert caught["store"] == ()
    assert [one.kind for one in function.exits] == ["except"]


def test_what_is_spread_into_options_is_part_of_them(read_files):
    function = run(read_files, "send({ ...(a && { 'Idempotency-Key': a }), ...b })")

    options = function.calls[0].arguments[0].value
    assert [name for name, _ in options.items] == ["Idempotency-Key", "**"]


def test_making_an_object_calls_its_constructor(read_files):
    top = "class Order { constructor(id) { this.id = id } }"

    (call,) = run(read_files, "new Order(1)", top).calls
    assert call.target == "app.Order.constructor"


def test_arguments_spread_into_a_call_are_told_apart(read_files):
    (call,) = run(read_files, "send(1, ...b)").calls

    first, second = call.arguments
    assert (first.name, first.value.shape, second.name) == ("", Shape.NUMBER, "*")


def test_a_callee_nobody_knows_is_a_guess(read_files):
    (call,) = run(read_files, "a.send()").calls

    assert (call.name, call.sureness) == ("?.send", Sureness.GUESS)


def test_a_call_in_a_chain_is_placed_on_its_own_line(read_files):
    function = run(read_files, "\n a\n .first()\n .second()")

    assert [(call.name, call.place.line) for call in function.calls] == [("?.first", 4), ("?.second", 5)]
