"""Express' routes, read from small sources in the ways people write them."""

from pathlib import Path

import pytest

from ripstop.model.survey import Sureness
from ripstop.scan.files import find
from ripstop.scan.javascript.reading import read
from ripstop.scan.routes import express
from ripstop.scan.routes.sites import told

EXAMPLE = Path(__file__).parents[3] / "examples" / "orders_express"
APP = "import express from 'express'\nconst app = express()\n"


@pytest.fixture
def routes(tmp_path):
    def found(files):
        for path, text in files.items():
            place = tmp_path / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        return list(told(express.graph(read(tmp_path, find(tmp_path).javascript))))

    return found


def test_the_example_has_two_routes_each_with_its_handler():
    code = read(EXAMPLE, find(EXAMPLE).javascript)

    found = [(one.operation, one.handler, str(one.place), one.sureness) for one in told(express.graph(code))]
    assert found == [
        ("GET /health", "src.app.<GET /health>", "src/app.ts:13", Sureness.CERTAIN),
        ("POST /orders", "src.app.<POST /orders>", "src/app.ts:17", Sureness.CERTAIN),
    ]
    assert all(handler in code.functions for _, handler, _, _ in found)


def test_routers_across_modules_get_the_prefix_they_are_used_with(routes):
    found = routes(
        {
            "app.js": "const express = require('express')\nconst app = express()\n"
            "app.use('/api', require('./api'))\nmodule.exports = app",
            "api/index.js": "const { Router } = require('express')\nconst router = Router()\n"
            "router.use('/orders', require('./orders'))\nmodule.exports = router",
            "api/orders.js": "const router = require('express').Router()\n"
            "const { create } = require('./handlers')\n"
            "router.get('/:id', (req, res) => {})\nrouter.post('/', create)\nmodule.exports = router",
            "api/handlers.js": "exports.create = async (req, res) => {}",
        }
    )

    assert [(one.operation, one.handler) for one in found] == [
        ("GET /api/orders/{id}", "api.orders.<GET /:id>"),
        ("POST /api/orders", "api.handlers.create"),
    ]


def test_middleware_goes_before_what_comes_after_it(routes):
    found = routes(
        {
            "app.ts": APP + "import { auth, limit, audit } from './guards'\n"
            "app.get('/open', (req, res) => {})\n"
            "app.use('/private', auth)\n"
            "app.post('/private/orders', limit(5), [audit], (req, res) => {})\n"
            "app.get('/other', (req, res) => {})",
            "guards.ts": "export function auth(req, res, next) { next() }\n"
            "export function audit(req, res, next) { next() }\n"
            "export function limit(n) { return (req, res, next) => next() }",
        }
    )

    assert {one.path: one.guards for one in found} == {
        "/open": (),
        "/private/orders": ("guards.auth", "guards.limit.<line 3>", "guards.audit"),
        "/other": (),
    }


def test_methods_chained_on_a_route_share_its_path(routes):
    found = routes({"app.ts": APP + "app.route('/x/:id').get((q, s) => {}).delete(guard, (q, s) => {})"})

    assert [one.operation for one in found] == ["GET /x/{id}", "DELETE /x/{id}"]


@pytest.mark.parametrize(
    ("written", "path", "sureness"),
    [
        ("'/a/:id'", "/a/{id}", Sureness.CERTAIN),
        ("'/a/:id(\\\\d+)'", "/a/{id}", Sureness.CERTAIN),
        ("'/a/:from-:to'", "/a/{from}-{to}", Sureness.CERTAIN),
        ("'/a/:id?'", "/a/{id}", Sureness.GUESS),
        ("'/a{/:id}'", "/a/{id}", Sureness.GUESS),
        ("'/a/*'", "/a/{path}", Sureness.GUESS),
        ("'/a/*rest'", "/a/{rest}", Sureness.GUESS),
        ("/^\\/a\\/(\\d+)$/", "/a/{1}", Sureness.GUESS),
        ("`${PREFIX}/a`", "/v1/a", Sureness.CERTAIN),
        ("`${unknown()}/a`", "/{unknown}/a", Sureness.GUESS),
    ],
)
def test_a_path_is_written_with_braces_and_a_pattern_is_a_guess(routes, written, path, sureness):
    (found,) = routes({"app.ts": APP + f"const PREFIX = '/v1'\napp.get({written}, (req, res) => {{}})"})

    assert (found.path, found.sureness) == (path, sureness)


def test_a_route_for_every_method_and_several_paths_at_once(routes):
    found = routes({"app.ts": APP + "app.all(['/a', '/b'], (req, res) => {})"})

    assert [one.operation for one in found] == ["* /a", "* /b"]


@pytest.mark.parametrize(
    "handler",
    ["wrap(async (req, res) => {})", "wrap(orders.place)", "orders.place.bind(orders)", "orders.place"],
)
def test_a_wrapped_handler_is_the_function_within(routes, handler):
    code = "class Orders { place(req, res) {} }\nconst orders = new Orders()\n"
    (found,) = routes({"app.ts": APP + code + f"app.post('/orders', {handler})"})

    assert found.handler in ("app.<POST /orders>", "app.Orders.place")


def test_an_application_given_to_a_function_gets_the_routes_added_there(routes):
    found = routes(
        {
            "app.js": "const app = require('express')()\nrequire('./routes')(app)\n",
            "routes.js": "module.exports = (server) => { server.get('/x', (req, res) => {}) }",
        }
    )

    assert [one.operation for one in found] == ["GET /x"]


@pytest.mark.parametrize(
    ("start", "end", "module"),
    [("module.exports = {", "}", "orders"), ("const all = {", "}\nmodule.exports = all", "orders.all")],
)
def test_handlers_wrapped_in_an_object_are_known_by_its_keys(routes, start, end, module):
    found = routes(
        {
            "app.js": "const app = require('express')()\nconst orders = require('./orders')\n"
            "app.post('/orders', orders.place)\napp.get('/orders', orders.list)",
            "orders.js": "const wrap = require('express-async-handler')\n"
            f"{start} place: wrap(async (req, res) => {{}}),\n"
            f"  list: audit(wrap(async (req, res) => {{}})) {end}",
        }
    )

    assert [one.handler for one in found] == [f"{module}.place", f"{module}.list"]


def test_an_application_handed_on_in_an_object_keeps_its_routes(routes):
    found = routes(
        {
            "app.ts": APP + "import { load } from './load'\nload({ server: app })",
            "load.ts": "import type { Application } from 'express'\n"
            "export const load = ({ server }) => { add({ app: server }) }\n"
            "const add = ({ app }: { app: Application }) => { app.get('/x', (req, res) => {}) }",
        }
    )

    assert [(one.operation, one.sureness) for one in found] == [("GET /x", Sureness.CERTAIN)]


def test_each_call_of_a_function_that_makes_routers_makes_another(routes):
    found = routes(
        {
            "app.ts": "import express from 'express'\nconst app = express()\n"
            "function resource(name) { const r = express.Router()\n r.get('/', (q, s) => {})\n return r }\n"
            "app.use('/a', resource('a'))\napp.use('/b', resource('b'))"
        }
    )

    assert [one.operation for one in found] == ["GET /a", "GET /b"]


def test_routers_listed_in_a_table_are_followed_item_by_item(routes):
    found = routes(
        {
            "app.ts": APP + "import { a, b } from './routers'\n"
            "const table = [{ path: '/a', router: a }, /* the other */ { path: '/b', router: b }]\n"
            "table.forEach((one) => app.use(one.path, one.router))",
            "routers.ts": "import { Router } from 'express'\n"
            "export const a = Router()\nexport const b = Router()\n"
            "a.get('/x', (q, s) => {})\nb.get('/y', (q, s) => {})",
        }
    )

    assert [one.operation for one in found] == ["GET /a/x", "GET /b/y"]


def test_a_router_nobody_uses_is_a_guess(routes):
    (found,) = routes(
        {"a.ts": "import { Router } from 'express'\nconst r = Router()\nr.get('/x', (q, s) => {})"}
    )

    assert found.sureness is Sureness.GUESS


@pytest.mark.parametrize(
    "call", ["axios.get('/x', config)", "app.get('title')", "map.get('/x', (a, b) => {})"]
)
def test_what_only_looks_like_a_route_is_none(routes, call):
    source = APP + f"import axios from 'axios'\nconst map = new Map()\n{call}"

    assert routes({"app.ts": source}) == []


def test_a_table_that_only_the_running_application_knows_is_told(tmp_path):
    (tmp_path / "app.ts").write_text(
        APP + "for (const f of readdirSync('x')) app.use(load(f).path, load(f).it)"
    )

    (gap, *_) = express.graph(read(tmp_path, find(tmp_path).javascript)).gaps
    assert str(gap) == "app.ts:3: uses what only the running application knows"
