"""Fastify's routes, read from small sources in the ways people write them."""

import pytest

from ripstop.model.survey import Sureness
from ripstop.scan.files import find
from ripstop.scan.javascript.reading import read
from ripstop.scan.routes import fastify
from ripstop.scan.routes.sites import told

APP = "import Fastify from 'fastify'\nconst app = Fastify({ logger: true })\n"


@pytest.fixture
def routes(tmp_path):
    def found(files):
        for path, text in files.items():
            place = tmp_path / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        return list(told(fastify.graph(read(tmp_path, find(tmp_path).javascript))))

    return found


def test_methods_and_full_declarations_are_routes(routes):
    found = routes(
        {
            "app.ts": APP + "app.get('/orders/:id', async (request, reply) => {})\n"
            "app.post('/orders', { schema: {}, preHandler: [auth] }, async (request, reply) => {})\n"
            "app.route({ method: ['PUT', 'PATCH'], url: '/orders', handler: async () => {} })\n"
            "app.delete('/orders', { handler: remove })\n"
            "async function auth() {}\nasync function remove() {}"
        }
    )

    assert [(one.operation, one.guards) for one in found] == [
        ("GET /orders/{id}", ()),
        ("POST /orders", ("app.auth",)),
        ("PUT /orders", ()),
        ("PATCH /orders", ()),
        ("DELETE /orders", ()),
    ]
    assert found[-1].handler == "app.remove"


def test_a_plugin_gets_the_prefix_it_is_registered_with_and_the_hooks_before_it(routes):
    found = routes(
        {
            "app.js": "const fastify = require('fastify')()\nfastify.addHook('onRequest', authenticate)\n"
            "fastify.register(require('./orders'), { prefix: '/v1/orders' })\nfunction authenticate() {}",
            "orders.js": "module.exports = async function (fastify, options) {\n"
            "  fastify.get('/', async () => [])\n"
            "  fastify.register(async (inner) => { inner.post('/pay', async () => {}) },"
            " { prefix: '/:id' })\n}",
        }
    )

    assert [(one.operation, one.guards, one.sureness) for one in found] == [
        ("POST /v1/orders/{id}/pay", ("app.authenticate",), Sureness.CERTAIN),
        ("GET /v1/orders", ("app.authenticate",), Sureness.CERTAIN),
    ]


@pytest.mark.parametrize(
    "plugin",
    [
        "import fp from 'fastify-plugin'\nexport default fp(async (app) => { app.get('/x', async () => 1) })",
        "import type { FastifyInstance } from 'fastify'\n"
        "export default async function (app: FastifyInstance) { app.get('/x', async () => 1) }",
        "import type { FastifyPluginAsync } from 'fastify'\n"
        "const plugin: FastifyPluginAsync = async (server) => { server.get('/x', async () => 1) }\n"
        "export default plugin",
    ],
    ids=["wrapped", "annotated", "typed as a plugin"],
)
def test_a_plugin_is_known_however_it_is_written(routes, plugin):
    found = routes({"app.ts": APP + "import x from './x'\napp.register(x)", "x.ts": plugin})

    assert [(one.operation, one.sureness) for one in found] == [("GET /x", Sureness.CERTAIN)]


def test_a_folder_of_plugins_gives_its_folders_names_to_the_paths(routes):
    found = routes(
        {
            "src/app.ts": APP + "import load from '@fastify/autoload'\nimport { join } from 'path'\n"
            "app.register(load, { dir: join(__dirname, 'routes'), options: { prefix: '/api' } })",
            "src/routes/root.ts": "export default async (app) => { app.get('/', async () => 1) }",
            "src/routes/orders/_id/i.ts": "export default async (app) => { app.get('/x', async () => 1) }",
        }
    )

    assert sorted(one.operation for one in found) == ["GET /api", "GET /api/orders/{id}/x"]


def test_a_plugin_nobody_registers_is_a_guess(routes):
    (found,) = routes(
        {
            "a.ts": "import { FastifyInstance } from 'fastify'\n"
            "export async function routes(app: FastifyInstance) { app.get('/x', async () => 1) }"
        }
    )

    assert (found.path, found.sureness) == ("/x", Sureness.GUESS)


def test_what_a_plugin_adds_to_the_application_is_found_in_a_handler(tmp_path):
    (tmp_path / "plugin.ts").write_text(
        "import fp from 'fastify-plugin'\n"
        "export default fp(async (app) => { app.decorate('orders', { async place() { await fetch('x') } }) })"
    )
    (tmp_path / "app.ts").write_text(APP + "app.post('/orders', async () => { await app.orders.place() })")

    code = read(tmp_path, find(tmp_path).javascript)
    target = code.functions["app.<POST /orders>"].calls[0].target
    assert [call.name for call in code.functions[target].calls] == ["fetch"]
