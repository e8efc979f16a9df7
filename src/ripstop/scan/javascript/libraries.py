"""What is known of public libraries' types: what a call makes, what a callback is given.

Names are those the rest of the room goes by: ``drizzle.insert``, ``prisma.order.create``, ``pg.Pool.query``.
"""

from __future__ import annotations

from functools import lru_cache

IDENTITY = "@"
"""The item of a framework's instance that tells it from others: where it was made."""

CLASSES = {
    "stripe": "stripe",
    "stripe.Stripe": "stripe",
    "axios.create": "axios",
    "axios.AxiosInstance": "axios",
    "axios.Axios": "axios",
    "got.extend": "got",
    "ky.create": "ky",
    "ioredis": "ioredis.Redis",
    "ioredis.Redis": "ioredis.Redis",
    "ioredis.default": "ioredis.Redis",
    "redis.createClient": "redis.RedisClient",
    "redis.createCluster": "redis.RedisClient",
    "redis.RedisClientType": "redis.RedisClient",
    "nodemailer.createTransport": "nodemailer.Transporter",
    "knex": "knex",
    "knex.knex": "knex",
    "knex.Knex": "knex",
    "knex.Knex.Transaction": "knex",
    "postgres": "postgres",
    "mysql2.createPool": "mysql2.Pool",
    "mysql2/promise.createPool": "mysql2.Pool",
    "mysql2/promise.createConnection": "mysql2.Connection",
    "mysql2.createConnection": "mysql2.Connection",
    "mysql2/promise.Connection": "mysql2.Connection",
    "mysql2/promise.Pool": "mysql2.Pool",
    "mysql2/promise.PoolConnection": "mysql2.Connection",
    "@prisma/client.Prisma.TransactionClient": "prisma",
    "twilio": "twilio",
    "twilio.Twilio": "twilio",
    "better-sqlite3": "better-sqlite3.Database",
    "amqplib.connect": "amqplib.Connection",
    "@supabase/supabase-js.createClient": "supabase",
    "express": "express.Application",
    "express.application": "express.Application",
    "express.Express": "express.Application",
    "express.Application": "express.Application",
    "express.Router": "express.Router",
    "express.IRouter": "express.Router",
    "express-promise-router": "express.Router",
    "fastify": "fastify.FastifyInstance",
    "fastify.fastify": "fastify.FastifyInstance",
    "fastify.Fastify": "fastify.FastifyInstance",
    "fastify.FastifyInstance": "fastify.FastifyInstance",
    "hono.Hono": "hono.Hono",
    "hono/tiny.Hono": "hono.Hono",
    "hono/quick.Hono": "hono.Hono",
    "@hono/zod-openapi.OpenAPIHono": "hono.Hono",
}
"""What calling, constructing or naming as a type these gives an instance of."""

FRAMEWORKS = frozenset({"express.Application", "express.Router", "fastify.FastifyInstance", "hono.Hono"})
"""Their instances are told apart, since routes hang on them."""

DECORATED = FRAMEWORKS | {"express.Request", "fastify.FastifyRequest", "hono.Context"}
"""Instances to which a project adds members of its own."""

RESULTS = {
    "pg.Pool.connect": "pg.PoolClient",
    "prisma.$extends": "prisma",
    "ioredis.Redis.multi": "ioredis.Redis.multi",
    "ioredis.Redis.pipeline": "ioredis.Redis.pipeline",
    "ioredis.Redis.duplicate": "ioredis.Redis",
    "redis.RedisClient.duplicate": "redis.RedisClient",
    "redis.RedisClient.connect": "redis.RedisClient",
    "mysql2.Pool.getConnection": "mysql2.Connection",
    "amqplib.Connection.createChannel": "amqplib.Channel",
    "amqplib.Connection.createConfirmChannel": "amqplib.Channel",
    "typeorm.DataSource.getRepository": "typeorm.Repository",
    "typeorm.EntityManager.getRepository": "typeorm.Repository",
    "typeorm.getRepository": "typeorm.Repository",
    "typeorm.DataSource.createQueryRunner": "typeorm.QueryRunner",
    "knex.transaction": "knex",
}
"""What these methods give."""

CALLBACKS = {
    "drizzle.transaction": ("drizzle",),
    "knex.transaction": ("knex",),
    "prisma.$transaction": ("prisma",),
    "postgres.begin": ("postgres",),
    "typeorm.DataSource.transaction": ("typeorm.EntityManager",),
    "typeorm.EntityManager.transaction": ("typeorm.EntityManager",),
    "kysely.Kysely.transaction.execute": ("kysely.Kysely",),
    "sequelize.Sequelize.transaction": ("sequelize.Transaction",),
    "pg.Pool.connect": ("", "pg.PoolClient"),
}
"""Instances that a callback given to these gets as its parameters; empty for one unknown."""

MEMBERS = {"typeorm.DataSource.manager": "typeorm.EntityManager", "prisma.default": "prisma"}

CHAINS = (
    "drizzle.",
    "kysely.Kysely.",
    "supabase.",
    "mongoose.",
    "typeorm.",
    "sequelize.",
    "redis.",
    "ioredis.",
)
"""Libraries whose calls are chained: the whole chain is the call's name, as in ``drizzle.select.from``."""

BY_NAME = {
    "prisma": "prisma",
    "stripe": "stripe",
    "knex": "knex",
    "redis": "ioredis.Redis",
    "fastify": "fastify.FastifyInstance",
}
"""What a parameter or member of that name is taken for where nothing tells its type."""

FLUENT = frozenset(
    f"{kind}.{word}"
    for kind in ("express.Response", "fastify.FastifyReply")
    for word in (
        "status",
        "code",
        "set",
        "header",
        "headers",
        "type",
        "cookie",
        "clearCookie",
        "append",
        "vary",
    )
)
"""Methods of an answer that give the answer."""

ITERATING = frozenset(
    {"map", "forEach", "filter", "flatMap", "reduce", "some", "every", "find", "eachSeries", "eachLimit"}
)
PASSING = frozenset(
    {"Number", "String", "Boolean", "parseInt", "parseFloat", "BigInt", "Object.freeze", "Promise.resolve",
     "structuredClone", "toString", "trim", "bind", "replace"}
)  # fmt: skip
"""Calls that hand on their first argument, or what they are called on."""


@lru_cache(maxsize=100_000)
def class_of(name: str) -> str | None:
    """The class that calling or naming this gives an instance of, where that is known."""
    known = CLASSES.get(name)
    if known is not None:
        return known
    last = name.rpartition(".")[2]
    if last == "PrismaClient":
        return "prisma"
    if name.startswith("drizzle-orm") and (last == "drizzle" or last.endswith(("Database", "Transaction"))):
        return "drizzle"
    return None


def library(source: str) -> str:
    """The name a library's import goes by: ``node:fs/promises`` is ``fs/promises``."""
    return source.removeprefix("node:").removeprefix("npm:")
