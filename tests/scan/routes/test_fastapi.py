"""FastAPI by syntax, shape by shape."""

from ripstop.model.survey import Sureness
from ripstop.scan.routes.fastapi import graph

HEAD = "from fastapi import APIRouter, Depends, FastAPI, Security\nfrom typing import Annotated\n"


def test_prefixes_of_routers_and_of_their_inclusion_add_up(write, told):
    _, code = write(
        {
            "shop/__init__.py": "from shop.inner import router as public\n",
            "shop/inner.py": HEAD + "router = APIRouter(prefix='/in')\n@router.get('/x')\ndef x(): ...\n",
            "shop/main.py": HEAD + "from shop import public\napp = FastAPI()\n"
            "outer = APIRouter(prefix='/out')\nouter.include_router(public, prefix='/mid')\n"
            "app.include_router(outer, prefix='/api')\n",
        }
    )

    assert told(graph(code).routes()) == ["GET /api/out/mid/in/x shop.inner.x"]


def test_a_router_included_twice_answers_twice(write, told):
    _, code = write(
        {
            "shop.py": HEAD + "app = FastAPI()\nr = APIRouter()\n@r.put('/x')\ndef x(): ...\n"
            "app.include_router(r, prefix='/v1')\napp.include_router(r, prefix='/v2')\n"
        }
    )

    assert told(graph(code).routes()) == ["PUT /v1/x shop.x", "PUT /v2/x shop.x"]


def test_a_router_that_holds_itself_ends(write, told):
    _, code = write(
        {
            "shop.py": HEAD + "app = FastAPI()\nr = APIRouter(prefix='/r')\n@r.get('/x')\ndef x(): ...\n"
            "r.include_router(r)\napp.include_router(r)\n"
        }
    )

    assert told(graph(code).routes()) == ["GET /r/x shop.x"]


def test_a_router_that_nobody_includes_is_a_guess(write):
    _, code = write({"shop.py": HEAD + "r = APIRouter(prefix='/r')\n@r.get('/x')\ndef x(): ...\n"})

    assert [(one.operation, one.sureness) for one in graph(code).routes()] == [("GET /r/x", Sureness.GUESS)]


def test_own_classes_built_on_a_router_are_routers(write, told):
    _, code = write(
        {
            "shop.py": HEAD + "class Versioned(APIRouter):\n    pass\napp = FastAPI()\n"
            "r = Versioned(prefix='/v')\n@r.post('/x')\nasync def x(): ...\napp.include_router(r)\n"
        }
    )

    assert told(graph(code).routes()) == ["POST /v/x shop.x"]


def test_a_prefix_from_a_constant_or_a_setting_is_followed(write, told):
    _, code = write(
        {
            "shop/settings.py": "import os\nAPI = '/api'\nV = os.getenv('V', '/v1')\n",
            "shop/main.py": HEAD
            + "from shop.settings import API, V\nfrom shop import settings\napp = FastAPI()\n"
            "r = APIRouter(prefix=API)\n@r.get(f'{settings.API}/x')\ndef x(): ...\n"
            "app.include_router(r, prefix=V)\n",
        }
    )

    assert told(graph(code).routes()) == ["GET /v1/api/api/x shop.main.x"]


def test_dependencies_of_every_level_stand_before_the_handler(write):
    _, code = write(
        {
            "shop.py": HEAD
            + "def a(): ...\ndef b(x=Depends(a)): ...\ndef c(): ...\ndef d(): ...\nclass E: ...\n"
            "app = FastAPI(dependencies=[Depends(c)])\nr = APIRouter(dependencies=[Security(d)])\n"
            "@r.get('/x')\ndef x(q: Annotated[int, Depends(b)], e: E = Depends()): ...\n"
            "app.include_router(r)\n"
        }
    )

    (one,) = graph(code).routes()
    assert one.guards == ("shop.c", "shop.d", "shop.b", "shop.a", "shop.E")


def test_a_mounted_application_keeps_its_own_guards(write):
    _, code = write(
        {
            "shop.py": HEAD + "def a(): ...\napp = FastAPI()\nsub = FastAPI(dependencies=[Depends(a)])\n"
            "@sub.get('/x')\ndef x(): ...\n@app.get('/y')\ndef y(): ...\napp.mount('/sub', sub)\n"
        }
    )

    assert {one.operation: one.guards for one in graph(code).routes()} == {
        "GET /sub/x": ("shop.a",),
        "GET /y": (),
    }


def test_an_inclusion_in_a_loop_is_a_gap_at_its_line(write):
    _, code = write(
        {
            "shop.py": HEAD
            + "import things\napp = FastAPI()\nfor one in things.all():\n    app.include_router(one)\n"
        }
    )

    assert [str(one) for one in graph(code).gaps] == ["shop.py:6: includes a router that is computed"]


def test_methods_of_other_objects_are_no_routes(write):
    _, code = write(
        {"shop.py": HEAD + "import cache\napp = FastAPI()\n@cache.get('/x')\ndef x(): ...\napp.get('/y')\n"}
    )

    assert list(graph(code).routes()) == []


def test_a_router_made_in_a_function_is_included_in_it(write, told):
    _, code = write(
        {
            "shop.py": HEAD + "def make():\n    app = FastAPI()\n    r = APIRouter(prefix='/r')\n"
            "    @r.get('/x')\n    def x(): ...\n    app.include_router(r)\n    return app\n"
        }
    )

    assert told(graph(code).routes()) == ["GET /r/x shop.make.x"]


def test_what_the_attributes_of_a_class_depend_on_stands_before_its_methods(write):
    _, code = write(
        {
            "shop.py": HEAD + "def user(): ...\nr = APIRouter()\nclass Base:\n    who: str = Depends(user)\n"
            "class Goods(Base):\n    @r.get('/x')\n    def x(self): ...\n"
        }
    )

    assert [(one.handler, one.guards) for one in graph(code).routes()] == [("shop.Goods.x", ("shop.user",))]
