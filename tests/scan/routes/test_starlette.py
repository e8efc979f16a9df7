"""Starlette by syntax, shape by shape."""

from ripstop.scan.routes.starlette import graph

HEAD = (
    "from starlette.applications import Starlette\nfrom starlette.routing import Mount, Route, Router\n"
    "async def view(request): ...\n"
)


def test_lists_in_other_modules_and_joined_lists_are_followed(write, told):
    _, code = write(
        {
            "shop/more.py": HEAD + "more = [Route('/more', view)]\n",
            "shop/main.py": HEAD
            + "from shop.more import more\nown = [Route('/own', view, methods=['PUT'])]\n"
            "app = Starlette(debug=True, routes=[*own, *more])\n",
        }
    )

    assert told(graph(code).routes()) == ["GET /more shop.more.view", "PUT /own shop.main.view"]


def test_mounts_in_mounts_add_up(write, told):
    _, code = write(
        {
            "shop.py": HEAD + "inner = [Mount('/b', app=Router([Route('/{n:int}', view)]))]\n"
            "app = Starlette(routes=[Mount('/a/', routes=inner)])\n"
        }
    )

    assert told(graph(code).routes()) == ["GET /a/b/{n} shop.view"]


def test_routes_made_by_a_comprehension_are_a_gap(write):
    _, code = write(
        {"shop.py": HEAD + "app = Starlette(routes=[Route(f'/{n}', view) for n in open('names')])\n"}
    )

    assert len(list(graph(code).gaps)) == 1


def test_a_route_added_in_a_loop_is_a_gap_at_its_line(write):
    _, code = write(
        {"shop.py": HEAD + "app = Starlette()\nfor n in open('names'):\n    app.add_route('/' + n, view)\n"}
    )

    assert [one.place.line for one in graph(code).gaps] == [6]


def test_an_endpoint_class_answers_by_its_methods(write, told):
    _, code = write(
        {
            "shop.py": HEAD + "from starlette.endpoints import HTTPEndpoint\nclass Base(HTTPEndpoint):\n"
            "    async def get(self, request): ...\nclass One(Base):\n    def post(self, request): ...\n"
            "app = Starlette(routes=[Route('/one', One)])\n"
        }
    )

    assert told(graph(code).routes()) == ["GET /one shop.Base.get", "POST /one shop.One.post"]


def test_an_application_that_a_function_makes_without_a_name_is_read(write, told):
    _, code = write(
        {
            "shop.py": HEAD
            + "def make():\n    return Starlette(routes=[Route('/x', view, methods=['POST'])])\n"
        }
    )

    assert told(graph(code).routes()) == ["POST /x shop.view"]
