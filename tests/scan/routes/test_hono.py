"""Hono's routes, read from small sources in the ways people write them."""

import pytest

from ripstop.model.survey import Sureness
from ripstop.scan.code import Shape
from ripstop.scan.files import find
from ripstop.scan.javascript.reading import read
from ripstop.scan.routes import hono
from ripstop.scan.routes.sites import told

APP = "import { Hono } from 'hono'\nconst app = new Hono()\n"


@pytest.fixture
def routes(tmp_path):
    def found(files):
        for path, text in files.items():
            (tmp_path / path).write_text(text)
        return list(told(hono.graph(read(tmp_path, find(tmp_path).javascript))))

    return found


def test_methods_in_a_chain_are_all_routes_of_one_application(routes):
    found = routes(
        {
            "app.ts": "import { Hono } from 'hono'\nexport default new Hono()\n"
            "  .get('/orders/:id{[0-9]+}', (c) => c.json({}))\n  .post('/orders', async (c) => c.json({}))"
        }
    )

    assert [(one.operation, one.handler, one.sureness) for one in found] == [
        ("GET /orders/{id}", "app.<GET /orders/:id{[0-9]+}>", Sureness.CERTAIN),
        ("POST /orders", "app.<POST /orders>", Sureness.CERTAIN),
    ]


def test_an_application_below_another_gets_its_prefix_and_guards(routes):
    found = routes(
        {
            "app.ts": APP + "import orders from './orders'\nimport { bearerAuth } from 'hono/bearer-auth'\n"
            "app.use('/api/*', bearerAuth({ token: 'x' }))\napp.route('/api/orders', orders)\n"
            "app.get('/health', (c) => c.text('ok'))",
            "orders.ts": "import { Hono } from 'hono'\nconst orders = new Hono<{ Bindings: Env }>()\n"
            "orders.get('/', (c) => c.json([]))\nexport default orders",
        }
    )

    assert [(one.operation, one.guards) for one in found] == [
        ("GET /health", ()),
        ("GET /api/orders", ("hono/bearer-auth.bearerAuth",)),
    ]


def test_a_base_path_goes_before_what_is_declared_on_what_it_gives(routes):
    found = routes(
        {
            "app.ts": APP
            + "const api = app.basePath('/v1')\napi.get('/a', (c) => {})\napp.get('/b', (c) => {})"
        }
    )

    assert sorted(one.operation for one in found) == ["GET /b", "GET /v1/a"]


def test_on_takes_methods_and_paths_in_lists(routes):
    found = routes({"app.ts": APP + "app.on(['PUT', 'PATCH'], ['/a', '/b'], guard, (c) => {})"})

    assert [one.operation for one in found] == ["PUT /a", "PUT /b", "PATCH /a", "PATCH /b"]


def test_a_described_route_has_the_path_of_its_description(routes):
    found = routes(
        {
            "app.ts": "import { OpenAPIHono, createRoute } from '@hono/zod-openapi'\n"
            "const app = new OpenAPIHono()\n"
            "const show = createRoute({ method: 'get', path: '/orders/{id}', responses: {} })\n"
            "app.openapi(show, (c) => c.json({}))"
        }
    )

    assert [one.operation for one in found] == ["GET /orders/{id}"]


def test_a_binding_of_the_context_is_a_setting(tmp_path):
    (tmp_path / "app.ts").write_text(APP + "app.get('/', (c) => fetch(c.env.PAY_URL))")

    code = read(tmp_path, find(tmp_path).javascript)
    (call,) = code.functions["app.<GET />"].calls
    address = call.arguments[0].value
    assert (address.shape, address.text) == (Shape.SETTING, "PAY_URL")
