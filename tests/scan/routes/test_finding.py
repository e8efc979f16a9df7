"""Whole services: every route by import and by syntax alike; and what people read when that fails."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import pytest

from ripstop.scan.code import Codebase
from ripstop.scan.python.reading import read
from ripstop.scan.routes.finding import Found, by_syntax, find

REPOSITORY = Path(__file__).parents[3]
SERVICES = {
    "fastapi": """
        DELETE /back/ledger/{day} stall.back.burn stall/back.py:9
        GET /api/goods stall.goods.all_goods stall/goods.py:35
        GET /api/goods/best stall.goods.best stall/goods.py:57
        GET /api/goods/{number} stall.goods.one_good stall/goods.py:46
        GET /api/goods/{number}/label stall.goods.label stall/goods.py:51
        GET /health stall.main.health stall/main.py:24
        POST /api/goods/ stall.goods.add_good stall/goods.py:41
        POST /api/v2/deep/till/close stall.till.close stall/till.py:13
        PUT /api/goods/{number}/label stall.goods.label stall/goods.py:51
    """,
    "starlette": """
        DELETE /tickets/{number} booth.views.Ticket.delete booth/views.py:20
        GET /desk/open booth.views.health booth/views.py:8
        GET /health booth.views.health booth/views.py:8
        GET /late booth.main.late booth/main.py:19
        GET /tickets/{number} booth.views.Ticket.get booth/views.py:17
        POST /tickets/ booth.views.sell booth/views.py:12
    """,
    "flask": """
        DELETE /papers/{number} kiosk.papers.one_paper kiosk/papers.py:19
        GET /account/balance kiosk.account.balance kiosk/account.py:28
        GET /account/{name} kiosk.account.Account.get kiosk/account.py:14
        GET /health kiosk.factory.create_app.health kiosk/factory.py:16
        GET /papers/ kiosk.papers.every_paper kiosk/papers.py:13
        GET /papers/{number} kiosk.papers.one_paper kiosk/papers.py:19
        POST /account/close kiosk.account.Closing.dispatch_request kiosk/account.py:24
        POST /papers/issues/{slug} kiosk.papers.add_issue kiosk/papers.py:24
        PUT /account/{name} kiosk.account.Account.put kiosk/account.py:17
    """,
    "django": """
        DELETE /api/books/{pk}/ books.api.BookSet.destroy books/api.py:19
        DELETE /books/{number} books.views.one_book books/views.py:23
        GET /api/books/ books.api.BookSet.list books/api.py:19
        GET /api/books/most-read/ books.api.BookSet.most_read books/api.py:33
        GET /api/books/{pk}/ books.api.BookSet.retrieve books/api.py:19
        GET /api/every books.api.Every.get books/api.py:56
        GET /api/fines books.api.fines books/api.py:62
        GET /api/pages/ books.api.PageSet.list books/api.py:40
        GET /api/pages/{number}/ books.api.PageSet.retrieve books/api.py:43
        GET /archive/{year}/page-{page}/ books.views.archive books/views.py:17
        GET /books/ books.views.Books.get books/views.py:53
        GET /books/either books.views.either books/views.py:33
        GET /books/new books.views.NewBook.get books/views.py:57
        GET /books/shelf books.views.Shelf.get books/views.py:46
        GET /books/{number} books.views.one_book books/views.py:23
        GET /health books.views.health books/views.py:13
        PATCH /api/books/{pk}/ books.api.BookSet.partial_update books/api.py:19
        POST /api/books/ books.api.BookSet.create books/api.py:19
        POST /api/books/{pk}/borrow/ books.api.BookSet.borrow books/api.py:29
        POST /api/every books.api.Every.post books/api.py:52
        POST /api/fines books.api.fines books/api.py:62
        POST /books/either books.views.either books/views.py:33
        POST /books/lending/{slug}/lend books.views.lend books/views.py:27
        POST /books/new books.views.NewBook.post books/views.py:57
        POST /books/shelf books.views.Shelf.post books/views.py:49
        PUT /api/stamps books.api.Stamps.put books/api.py:48
        PUT /books/lending/returned books.views.returned books/views.py:39
    """,
    "litestar": """
        DELETE /v1/boats/{number} dock.boats.Boats.cast_off dock/boats.py:38
        GET /health dock.main.health dock/main.py:11
        GET /v1/boats dock.boats.Boats.every dock/boats.py:26
        GET /v1/boats/{number} dock.boats.Boats.one dock/boats.py:34
        GET /v1/boats/{number}/card dock.boats.Boats.one dock/boats.py:34
        PATCH /tower/signal/{flag} dock.main.signal dock/main.py:16
        POST /v1/boats dock.boats.Boats.moor dock/boats.py:30
        PUT /tower/signal/{flag} dock.main.signal dock/main.py:16
    """,
}
GUARDS = {
    "fastapi": "POST /api/goods/: stall.main.timed stall.guards.audited stall.guards.seller"
    " stall.guards.token stall.goods.counted",
    "starlette": "GET /health: starlette.middleware.authentication.AuthenticationMiddleware",
    "flask": "GET /papers/{number}: kiosk.factory.create_app.counted kiosk.access.known_client"
    " kiosk.access.login_required",
    "django": "POST /books/new: books.middleware.counted django.contrib.auth.decorators.login_required",
    "litestar": "POST /v1/boats: dock.guards.harbour_master dock.guards.tide_is_high dock.boats.berth",
}
EXAMPLES = {
    "examples/orders": "orders.app",
    "examples/orders_flask": "orders.app",
    "examples/orders_django": "orders.views",
    "examples/orders_hardened": "orders.app",
}


def code_of(root: Path) -> Codebase:
    return read(root, sorted(root.rglob("*.py")))


def lines(found: Found) -> list[str]:
    return sorted(f"{one.operation} {one.handler} {one.place}" for one in found.routes)


def expected(kind: str) -> list[str]:
    return [line.strip() for line in SERVICES[kind].strip().splitlines()]


@cache
def imported(kind: str) -> Found:
    root = Path(__file__).parent / "services" / kind
    return find(root, code_of(root), python=sys.executable)


@pytest.mark.parametrize("kind", SERVICES)
def test_the_running_application_tells_every_route(kind):
    found = imported(kind)

    assert lines(found) == expected(kind)
    assert {one.found_by for one in found.routes} == {"import"}
    assert found.notes == ()


@pytest.mark.parametrize("kind", SERVICES)
def test_the_syntax_tells_every_route_as_well(services, kind):
    found = find(services / kind, code_of(services / kind), importing=False)

    sure = Found(tuple(one for one in found.routes if one.sureness != "guess"))
    assert lines(sure) == expected(kind)
    assert {one.found_by for one in found.routes} == {"syntax"}


@pytest.mark.parametrize("kind", SERVICES)
def test_what_stands_before_a_handler_is_told_both_ways(services, kind):
    operation, _, names = GUARDS[kind].partition(": ")

    syntax = by_syntax(services / kind, code_of(services / kind))
    for routes in (imported(kind).routes, syntax):
        one = next(route for route in routes if route.operation == operation)
        assert sorted(one.guards) == sorted(names.split())


def test_a_body_is_told_with_its_references_filled_in():
    found = imported("fastapi")
    body = next(one.body for one in found.routes if one.operation == "POST /api/goods/")

    assert body["required"] == ["name"]
    assert body["properties"]["cents"]["type"] == "integer"
    assert found.openapi["info"]["title"] == "stall"


def test_a_serializer_is_told_as_the_body_it_reads():
    found = imported("django")
    body = next(one.body for one in found.routes if one.operation == "POST /api/books/")

    assert body["properties"]["title"] == {"type": "string", "maxLength": 80}
    assert body["required"] == ["title"]


def test_litestars_document_tells_the_body():
    found = imported("litestar")
    body = next(one.body for one in found.routes if one.operation == "POST /v1/boats")

    assert set(body["properties"]) == {"name", "metres"}


def test_handlers_in_no_list_are_guessed_by_syntax_and_unknown_to_the_application(services):
    found = find(services / "litestar", code_of(services / "litestar"), importing=False)

    assert [one.handler for one in found.routes if one.sureness == "guess"] == ["dock.main.never"]


@pytest.mark.parametrize("importing", [True, False])
@pytest.mark.parametrize("example", EXAMPLES)
def test_both_routes_of_each_example_are_found(example, importing):
    root = REPOSITORY / example

    found = find(root, code_of(root), importing=importing, python=sys.executable)

    module = EXAMPLES[example]
    assert {f"{one.operation} {one.handler}" for one in found.routes} == {
        f"GET /health {module}.health",
        f"POST /orders {module}.place_order",
    }
    assert found.notes == ()


def test_a_package_that_does_not_import_keeps_its_syntax_and_says_where_it_failed(write):
    root, code = write(
        {
            "shop.py": """
                from fastapi import FastAPI
                app = FastAPI()
                @app.get("/up")
                def up(): ...
                import no_such_library
            """
        }
    )

    found = find(root, code, python=sys.executable)

    assert [(one.operation, one.found_by) for one in found.routes] == [("GET /up", "syntax")]
    assert found.notes == (
        "shop:app does not import: shop.py:6: ModuleNotFoundError: No module named 'no_such_library'"
        " (is this the project's own Python?); its routes are read from the syntax",
    )


RULES = """
    from flask import Flask
    app = Flask(__name__)
    def answer(): return ""
    for name in ("a", "b"):
        app.add_url_rule(f"/{name}", name, answer)
"""


def test_rules_added_in_a_loop_are_found_by_import(write):
    root, code = write({"shop.py": RULES})

    found = find(root, code, python=sys.executable)

    assert [one.operation for one in found.routes] == ["GET /a", "GET /b"]
    assert found.notes == ()


def test_rules_added_in_a_loop_are_a_note_with_their_line_by_syntax(write):
    root, code = write({"shop.py": RULES})

    found = find(root, code, importing=False)

    assert found.routes == ()
    assert found.notes == ("shop.py:6: adds rules that are computed: routes may be missing here",)


def test_an_application_made_only_when_run_is_asked_by_its_factory(write):
    root, code = write(
        {
            "shop.py": """
                from flask import Flask
                def create_app():
                    app = Flask("x")
                    app.get("/up")(lambda: "")
                    return app
                if __name__ == "__main__":
                    app = create_app()
            """
        }
    )

    found = find(root, code, python=sys.executable)

    assert [one.operation for one in found.routes] == ["GET /up"]
    assert found.notes == ()


def test_a_repository_without_a_service_is_told(write):
    root, code = write({"sums.py": "def add(a, b): return a + b"})

    assert find(root, code).notes == (
        "no FastAPI, Starlette, Flask, Django or Litestar application was found",
    )


def test_applications_of_tests_are_no_routes(write):
    root, code = write(
        {"tests/test_it.py": "from flask import Flask\napp = Flask('x')\n@app.get('/t')\ndef t(): ...\n"}
    )

    assert find(root, code, importing=False).routes == ()


def test_a_handler_below_a_decorator_without_wraps_is_found_under_its_own_name():
    best = next(one for one in imported("fastapi").routes if one.path == "/api/goods/best")

    assert (best.handler, "stall.goods.careless" in best.guards) == ("stall.goods.best", True)


def test_the_handler_that_was_registered_in_truth_wins(write):
    root, code = write(
        {
            "shop.py": """
                from flask import Flask
                app = Flask("x")
                def old(): return ""
                def new(): return ""
                if app.debug:
                    app.add_url_rule("/a", view_func=old)
                else:
                    app.add_url_rule("/a", view_func=new)
            """
        }
    )

    found = find(root, code, python=sys.executable)

    assert [(one.operation, one.handler) for one in found.routes] == [("GET /a", "shop.new")]


def test_a_handler_of_a_library_stands_where_the_application_does(write):
    root, code = write(
        {
            "shop.py": """
                import json
                from flask import Flask
                app = Flask("x")
                app.add_url_rule("/dumps", view_func=json.dumps)
            """
        }
    )

    (one,) = find(root, code, python=sys.executable).routes

    assert (one.handler, one.place.path) == ("json.dumps", "shop.py")
