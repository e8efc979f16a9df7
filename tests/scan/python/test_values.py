"""Values: texts with holes, settings, mappings, what was made and with what."""

import pytest

from ripstop.scan.code import Shape, Value
from ripstop.scan.python.values import made

SETTINGS = """
import os
from urllib.parse import urljoin
from pydantic_settings import BaseSettings, SettingsConfigDict
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    url: str
    path: str = "/v1"
settings = Settings()
URL = os.environ["PAY_URL"]
PLAIN = "http://x"
"""


@pytest.mark.parametrize(
    ("written", "shape", "text"),
    [
        ('f"{URL}/a/{order.id}"', Shape.TEXT, "{PAY_URL}/a/{id}"),
        ('f"{PLAIN}/a"', Shape.TEXT, "http://x/a"),
        ('URL + "/a"', Shape.TEXT, "{PAY_URL}/a"),
        ('PLAIN + "/a/" + str(order)', Shape.TEXT, "http://x/a/{order}"),
        ('"{}/a/{}".format(URL, order)', Shape.TEXT, "{PAY_URL}/a/{1}"),
        ('"%s/a/%s" % (PLAIN, order)', Shape.TEXT, "http://x/a/{value}"),
        ('urljoin(URL, "/a")', Shape.TEXT, "{PAY_URL}/a"),
        ('f"{settings.url}{settings.path}"', Shape.TEXT, "{SHOP_URL}{SHOP_PATH}"),
        ("URL.rstrip('/')", Shape.SETTING, "PAY_URL"),
        ("str(settings.url)", Shape.SETTING, "SHOP_URL"),
        ("os.getenv('A')", Shape.SETTING, "A"),
        ("os.environ.get('A', 'b')", Shape.SETTING, "A"),
        ("None", Shape.NOTHING, ""),
        ("3", Shape.NUMBER, "3"),
        ("60 * 5", Shape.NUMBER, "300"),
        ("True", Shape.NUMBER, "true"),
        ("order or PLAIN", Shape.TEXT, "http://x"),
        ("PLAIN if order else None", Shape.TEXT, "http://x"),
        ("Settings", Shape.NAME, "app.Settings"),
        ("settings", Shape.NAME, "app.settings"),
        ("lib.Client(3)", Shape.INSTANCE, "lib.Client"),
        ("lib.made(3)", Shape.CALL, "lib.made"),
        ("order", Shape.UNKNOWN, ""),
    ],
)
def test_an_argument_is_read_as_far_as_it_can_be(first, written, shape, text):
    call = first(f"{SETTINGS}\nimport lib\ndef f(order):\n    lib.go({written})", "lib.go")

    assert (call.arguments[0].value.shape, call.arguments[0].value.text) == (shape, text)


def test_a_setting_keeps_its_default(project):
    code = project(SETTINGS + 'A = os.getenv("A", "b")\nP = settings.path')

    assert code.constants["app.A"].get("default") == Value(Shape.TEXT, "b")
    assert code.constants["app.P"].get("default") == Value(Shape.TEXT, "/v1")


def test_what_is_made_keeps_its_arguments_by_name_and_number(project):
    made_client = project('import lib\nx = lib.Client("a", 2, timeout=None)').constants["app.x"]

    assert [(name, item.text) for name, item in made_client.items] == [
        ("0", "a"),
        ("1", "2"),
        ("timeout", ""),
        (".", "lib"),
    ]


def test_a_statement_keeps_how_it_was_built(first):
    text = """
    from sqlalchemy import select
    class Order: ...
    def f(session):
        statement = select(Order).where(Order.id == 1).limit(3)
        session.execute(statement)
    """
    value = first(text, ".execute").arguments[0].value

    assert value.text == "sqlalchemy.Select.limit"
    assert value.get(".").get(".") == Value(
        Shape.CALL, "sqlalchemy.select", (("0", Value(Shape.NAME, "app.Order")),)
    )


def test_mappings_and_lists_keep_their_items(first):
    call = first('import lib\nH = {"a": 1}\ndef f():\n    lib.go({**H, "Key": "k"}, [1, 2])', "lib.go")

    assert call.arguments[0].value.get("a").text == "1"
    assert call.arguments[0].value.get("KEY").text == "k"
    assert [item.text for _, item in call.arguments[1].value.items] == ["1", "2"]


def test_constants_of_classes_and_routers_of_functions_have_names(project):
    code = project(
        """
        from fastapi import APIRouter, FastAPI
        class View:
            permissions = ["a"]
        def create_app():
            router = APIRouter(prefix="/x")
            @router.get("/y")
            def show(): ...
            app = FastAPI()
            app.include_router(router)
            return app
        app = create_app()
        """
    )

    assert code.constants["app.View.permissions"].shape is Shape.LIST
    assert code.constants["app.create_app.router"].get("prefix").text == "/x"
    assert code.constants["app.app"] == Value(Shape.NAME, "app.create_app.app")
    (decorator,) = code.functions["app.create_app.show"].decorators
    assert (decorator.name, decorator.owner.text) == ("fastapi.APIRouter.get", "app.create_app.router")


def test_a_value_built_from_itself_stays_small(project):
    code = project("x = [1, 2]\ndef f():\n    y = x\n" + "    y = [y, y, y]\n" * 60 + "    go(y)")

    waiting, count = [code.functions["app.f"].calls[0].arguments[0].value], 0
    while waiting:
        count += 1
        waiting += [item for _, item in waiting.pop().items]
    assert count < 1_500


def test_a_long_list_is_kept_in_part():
    assert len(made(Shape.LIST, "", tuple((str(n), Value()) for n in range(1_000))).items) == 200


def test_lists_are_put_together_wherever_they_grow(project):
    code = project(
        """
        from django.urls import path
        from rest_framework.routers import DefaultRouter
        router = DefaultRouter()
        urlpatterns = [path("a", 1)] + router.urls
        urlpatterns += [path("b", 2)]
        if True:
            urlpatterns += [path("c", 3)]
        """
    )

    items = [item for _, item in code.constants["app.urlpatterns"].items]
    assert [item.get("0").text if item.items else item.text for item in items] == [
        "a",
        "app.router.urls",
        "b",
        "c",
    ]


@pytest.mark.parametrize(
    ("field", "name", "default"),
    [
        ("str", "X", None),
        ("str = 'd'", "X", "d"),
        ("str = Field(default='d')", "X", "d"),
        ("str = Field('d', validation_alias='OTHER')", "OTHER", "d"),
        ("str = made()", "X", None),
        ("SecretStr | None = None", "X", ""),
    ],
)
def test_a_field_of_settings_is_the_variable_it_is_read_from(first, field, name, default):
    text = f"""
    from pydantic import Field, SecretStr
    from pydantic_settings import BaseSettings
    class Settings(BaseSettings):
        x: {field}
    def f():
        print(Settings().x)
    """
    value = first(text, "print").arguments[0].value

    assert (value.shape, value.text) == (Shape.SETTING, name)
    assert (value.get("default").text if value.get("default") else None) == default
