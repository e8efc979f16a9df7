"""Litestar by syntax, shape by shape."""

from ripstop.model.survey import Sureness
from ripstop.scan.routes.litestar import graph

HEAD = "from litestar import Controller, Litestar, Router, delete, get, patch, post, put\n"


def test_routers_in_routers_and_controllers_add_up(write, told):
    _, code = write(
        {
            "dock.py": HEAD + "class C(Controller):\n    path = 'c'\n    @get('/{n:int}')\n"
            "    async def x(self, n: int) -> int: ...\n"
            "inner = Router('/in', route_handlers=[C])\nouter = Router(path='/out', route_handlers=[inner])\n"
            "app = Litestar([outer], path='/api')\n"
        }
    )

    assert told(graph(code).routes()) == ["GET /api/out/in/c/{n} dock.C.x"]


def test_guards_of_every_level_stand_before_the_handler(write):
    _, code = write(
        {
            "dock.py": HEAD + "def a(c, h): ...\ndef b(c, h): ...\ndef d(c, h): ...\n"
            "@put('/x', guards=[d])\nasync def x() -> None: ...\n"
            "app = Litestar([Router('/r', route_handlers=[x], guards=[b])], guards=[a])\n"
        }
    )

    assert [one.guards for one in graph(code).routes()] == [("dock.a", "dock.b", "dock.d")]


def test_a_controller_that_inherits_its_handlers_answers_under_its_own_path(write, told):
    _, code = write(
        {
            "dock.py": HEAD + "class Base(Controller):\n    @get()\n    async def every(self) -> None: ...\n"
            "class Boats(Base):\n    path = '/boats'\napp = Litestar(route_handlers=[Boats])\n"
        }
    )

    assert told(one for one in graph(code).routes() if one.sureness is Sureness.CERTAIN) == [
        "GET /boats dock.Base.every"
    ]


def test_a_handler_registered_later_is_held(write, told):
    _, code = write(
        {"dock.py": HEAD + "@patch('/x')\nasync def x() -> None: ...\napp = Litestar([])\napp.register(x)\n"}
    )

    assert [(one.operation, one.sureness) for one in graph(code).routes()] == [("PATCH /x", Sureness.CERTAIN)]


def test_a_computed_list_is_a_gap(write):
    _, code = write({"dock.py": HEAD + "import boats\napp = Litestar(route_handlers=boats.handlers())\n"})

    assert len(list(graph(code).gaps)) == 1


def test_an_application_without_a_name_and_handlers_added_by_a_plugin_are_held(write, told):
    _, code = write(
        {
            "dock.py": HEAD + "from litestar.config.app import AppConfig\n"
            "@get('/a')\nasync def a() -> None: ...\n@get('/b')\nasync def b() -> None: ...\n"
            "class Plugin:\n    def on_app_init(self, app_config: AppConfig) -> AppConfig:\n"
            "        app_config.route_handlers.extend([b])\n        return app_config\n"
            "def create_app() -> Litestar:\n    return Litestar(route_handlers=[a], plugins=[Plugin()])\n"
        }
    )

    assert [(one.operation, one.sureness) for one in graph(code).routes()] == [
        ("GET /a", Sureness.CERTAIN),
        ("GET /b", Sureness.CERTAIN),
    ]
