"""Names followed across modules, types and functions to what they stand for."""

import pytest

from ripstop.scan.code import Shape

RUN = "export async function run() { await %s }\n"


@pytest.mark.parametrize(
    ("top", "called", "name"),
    [
        ("import axios from 'axios'", "axios.post('/x')", "axios.post"),
        ("import * as pg from 'pg'\nconst p = new pg.Pool()", "p.query('x')", "pg.Pool.query"),
        ("const { Pool } = require('pg')\nconst p = new Pool()", "p.query('x')", "pg.Pool.query"),
        ("import { Pool as P } from 'pg'\nlet p: P", "p.query('x')", "pg.Pool.query"),
        ("import axios from 'axios'\nconst api = axios.create({})", "api.get('/x')", "axios.get"),
        ("const stripe = require('stripe')('key')", "stripe.refunds.create({})", "stripe.refunds.create"),
        (
            "import Stripe from 'stripe'\nconst s = new Stripe('k')",
            "s.charges.create({})",
            "stripe.charges.create",
        ),
        ("import Redis from 'ioredis'\nconst r = new Redis()", "r.set('a', 1)", "ioredis.Redis.set"),
        (
            "import { createClient } from 'redis'\nconst r = createClient()",
            "r.get('a')",
            "redis.RedisClient.get",
        ),
        (
            "import mail from 'nodemailer'\nconst m = mail.createTransport({})",
            "m.sendMail({})",
            "nodemailer.Transporter.sendMail",
        ),
        (
            "import { PrismaClient } from '@prisma/client'\n"
            "export const db = globalThis.db ?? new PrismaClient().$extends({})",
            "db.order.create({})",
            "prisma.order.create",
        ),
        (
            "import Stripe from 'stripe'\nlet s\nfunction init() { s = new Stripe() }",
            "s.x.y()",
            "stripe.x.y",
        ),
        ("import { readFile } from 'node:fs/promises'", "readFile('x')", "fs/promises.readFile"),
        ("", "fetch('x')", "fetch"),
        ("", "thing().send()", "?.send"),
    ],
)
def test_a_call_goes_by_the_library_it_reaches(names_called, top, called, name):
    assert names_called(f"{top}\n{RUN % called}")[-1] == name


@pytest.mark.parametrize(
    "files",
    [
        {
            "db.ts": "import pg from 'pg'\nexport const db = new pg.Pool()",
            "app.ts": "import { db } from './db.js'\n",
        },
        {"db.ts": "import pg from 'pg'\nexport default new pg.Pool()", "app.ts": "import db from './db'\n"},
        {"db.js": "module.exports = new (require('pg').Pool)()", "app.ts": "const db = require('./db')\n"},
        {"db.js": "exports.db = new (require('pg').Pool)()", "app.ts": "const { db } = require('./db')\n"},
        {
            "db/pool.ts": "import { Pool } from 'pg'\nconst pool = new Pool()\nexport { pool as db }",
            "db/index.ts": "export * from './pool'",
            "app.ts": "import { db } from './db'\n",
        },
        {
            "lib/db.ts": "import pg from 'pg'\nexport function open() { const p = new pg.Pool()\nreturn p }",
            "app.ts": "import { open } from '@lib/db'\nconst db = open()\n",
            "tsconfig.json": '{ // paths\n"compilerOptions": {"paths": {"@lib/*": ["./lib/*"]},}}',
        },
    ],
    ids=[
        "named",
        "default",
        "commonjs whole",
        "commonjs member",
        "through an index",
        "path alias and function",
    ],
)
def test_what_another_module_made_is_known_here(read_files, files):
    code = read_files({**files, "app.ts": files["app.ts"] + RUN % "db.query('x')"})

    assert [call.name for call in code.functions["app.run"].calls] == ["pg.Pool.query"]


def test_a_method_is_found_through_the_field_that_holds_its_object(read_files):
    code = read_files(
        {
            "payments.ts": "export class Payments { async charge() { await fetch('x') } }",
            "orders.ts": "import { Payments } from './payments'\n"
            "export class Orders { constructor(private readonly payments: Payments) {}\n"
            "  async place() { await this.payments.charge() } }",
        }
    )

    (call,) = code.functions["orders.Orders.place"].calls
    assert call.target == "payments.Payments.charge"


def test_an_interface_with_one_class_behind_it_leads_there(read_files):
    code = read_files(
        {
            "app.ts": "interface Mailer { send(): void }\nclass Smtp implements Mailer { send() {} }\n"
            "class Signup { constructor(private mailer: Mailer) {}\n run() { this.mailer.send() } }"
        }
    )

    assert code.functions["app.Signup.run"].calls[0].target == "app.Smtp.send"
    assert code.bases == {"app.Smtp": ("app.Mailer",)}


def test_a_method_of_the_base_class_is_found(read_files):
    code = read_files(
        {
            "base.ts": "export default class Base { save() {} }",
            "app.ts": "import Base from './base'\nclass Order extends Base {}\n"
            "export function run() { new Order().save() }",
        }
    )

    assert code.functions["app.run"].calls[-1].target == "base.Base.save"


@pytest.mark.parametrize(
    "taken", ["const { send } = require('./mail')", "const send = require('./mail').send"]
)
def test_a_function_in_the_exported_object_is_the_modules_own(read_files, taken):
    code = read_files(
        {"mail.js": "module.exports = { async send() {} }", "app.js": f"{taken}\nfunction run() {{ send() }}"}
    )

    target = code.functions["app.run"].calls[0].target
    assert target == "mail.send"
    assert target in code.functions


@pytest.mark.parametrize(
    "written", ["module.exports = class Mail", "export default class", "export default class Mail"]
)
def test_a_class_exported_as_the_whole_module_is_found(read_files, written):
    code = read_files(
        {
            "mail.js": f"{written} {{ send() {{}} }}",
            "app.ts": "import Mail from './mail'\nfunction run() { new Mail().send() }",
        }
    )

    assert code.functions["app.run"].calls[-1].target in code.functions


def test_what_a_container_gives_for_a_class_is_an_object_of_it(read_files):
    code = read_files(
        {
            "app.ts": "import { Container } from 'typedi'\nclass Orders { place() {} }\n"
            "export function run() { Container.get(Orders).place() }"
        }
    )

    assert code.functions["app.run"].calls[-1].target == "app.Orders.place"


def test_a_parameter_that_only_sounds_like_an_answer_is_none(read_files):
    code = read_files({"app.ts": "export function run() { ask().then((res) => res.json()) }"})

    (inner,) = code.functions["app.run"].calls[-1].block
    assert inner.name == "?.json"


def test_functions_of_an_object_are_called_by_its_name(read_files):
    code = read_files(
        {
            "service.js": "const service = { place() { return this.store() }, store: async () => {} }\n"
            "module.exports = service",
            "app.js": "const service = require('./service')\nfunction run() { service.place() }",
        }
    )

    assert code.functions["app.run"].calls[0].target == "service.service.place"
    assert code.functions["service.service.place"].calls[0].target == "service.service.store"


@pytest.mark.parametrize(
    ("written", "setting"),
    [
        ("process.env.PAY_URL", "PAY_URL"),
        ("process.env['PAY_URL'] ?? 'http://localhost'", "PAY_URL"),
        ("Number(process.env.PORT)", "PORT"),
        ("z.object({}).parse(process.env).PAY_URL", "PAY_URL"),
        ("process.env.PAY_URL!.trim()", "PAY_URL"),
    ],
)
def test_what_is_read_from_the_environment_is_known_by_its_variable(read_files, written, setting):
    code = read_files({"app.ts": f"import {{ z }} from 'zod'\nexport const value = {written}"})

    assert (code.constants["app.value"].shape, code.constants["app.value"].text) == (Shape.SETTING, setting)


def test_modules_that_import_each_other_are_read(read_files):
    code = read_files(
        {
            "a.ts": "import { b } from './b'\nexport const a = b\nexport * from './b'",
            "b.ts": "import { a } from './a'\nexport const b = a\nexport * from './a'",
        }
    )

    assert code.constants["a.a"].shape in (Shape.UNKNOWN, Shape.NAME)
