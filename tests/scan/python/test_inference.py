"""Types of receivers, inferred from annotations, dependencies, assignments and what libraries give back."""

import pytest

SQLALCHEMY = """
from sqlalchemy import create_engine, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine, AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, sessionmaker, mapped_column, relationship
engine = create_engine("x")
maker = sessionmaker(engine)
async_engine = create_async_engine("x")
async_maker = async_sessionmaker(async_engine)
class Base(DeclarativeBase): ...
class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    lines: Mapped[list["Line"]] = relationship()
class Line(Base):
    __tablename__ = "lines"
    def price(self): ...
"""


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("with maker() as s: s.add(1)", "sqlalchemy.orm.Session.add"),
        ("with maker.begin() as s: s.add(1)", "sqlalchemy.orm.Session.add"),
        ("with Session(engine) as s, s.begin(): s.add(1)", "sqlalchemy.orm.Session.add"),
        ("with engine.begin() as c: c.execute(1)", "sqlalchemy.Connection.execute"),
        (
            "async with async_engine.connect() as c: await c.execute(1)",
            "sqlalchemy.ext.asyncio.AsyncConnection.execute",
        ),
        ("async with async_maker() as s: await s.commit()", "sqlalchemy.ext.asyncio.AsyncSession.commit"),
        ("maker().scalars(select(Line)).first().price()", "app.Line.price"),
        ("maker().execute(select(Line)).scalars().all()[0].price()", "app.Line.price"),
        ("for x in maker().query(Line).filter_by(a=1): x.price()", "app.Line.price"),
        ("[x.price() for x in maker().get(Order, 1).lines]", "app.Line.price"),
    ],
)
def test_sqlalchemy_is_followed_to_sessions_and_rows(names, body, name):
    assert names(f"{SQLALCHEMY}\nasync def f():\n    {body}")[-1] == name


@pytest.mark.parametrize(
    ("start", "body", "name"),
    [
        ("import psycopg", "psycopg.connect('x').cursor().execute('y')", "psycopg.Cursor.execute"),
        (
            "from psycopg_pool import ConnectionPool\npool = ConnectionPool('x')",
            "with pool.connection() as c, c.cursor() as k: k.execute('y')",
            "psycopg.Cursor.execute",
        ),
        (
            "import asyncpg",
            "p = await asyncpg.create_pool('x')\n    async with p.acquire() as c: await c.fetch('y')",
            "asyncpg.Connection.fetch",
        ),
        ("import redis\nr = redis.from_url('x')", "r.set('a', 1)", "redis.Redis.set"),
        ("import redis", "redis.Redis.from_url('x').pipeline().execute()", "redis.Pipeline.execute"),
        ("import boto3\ns3 = boto3.client('s3')", "s3.put_object(Key='x')", "boto3.s3.put_object"),
        ("import boto3", "boto3.resource('dynamodb').Table('x').put_item()", "boto3.dynamodb.Table.put_item"),
        ("import requests", "with requests.Session() as s: s.get('x')", "requests.Session.get"),
        ("import httpx", "async with httpx.AsyncClient() as c: await c.get('x')", "httpx.AsyncClient.get"),
        ("import httpx", "(await httpx.AsyncClient().get('x')).json()", "httpx.Response.json"),
        ("import smtplib", "with smtplib.SMTP('x') as m: m.send_message(1)", "smtplib.SMTP.send_message"),
        (
            "import stripe\nc = stripe.StripeClient('k')",
            "c.v1.charges.create()",
            "stripe.StripeClient.v1.charges.create",
        ),
        ("from celery import shared_task\n@shared_task\ndef t(): ...", "t.delay(1)", "celery.Task.delay"),
        (
            "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()",
            "db.session.add(1)",
            "sqlalchemy.orm.Session.add",
        ),
    ],
)
def test_what_a_library_gives_back_is_known(names, start, body, name):
    assert names(f"{start}\nasync def f():\n    {body}")[-1] == name


@pytest.mark.parametrize(
    "parameter",
    [
        "s: Session",
        "s: 'Session'",
        "s: Session | None",
        "s: Optional[Session] = None",
        "s: Annotated[Session, Depends(made)]",
        "s: Alias",
        "s=Depends(made)",
        "s=Depends(unannotated)",
        "s: Unit = Depends()",
    ],
)
def test_a_parameter_says_what_it_holds(names, parameter):
    text = f"""
from typing import Annotated, Iterator, Optional
from fastapi import Depends
from sqlalchemy.orm import Session
def made() -> Iterator[Session]:
    yield Session()
def unannotated():
    with Session() as s:
        yield s
class Unit(Session): ...
Alias = Annotated[Session, Depends(made)]
def f({parameter}):
    s.commit()
"""

    assert names(text) == ["sqlalchemy.orm.Session.commit"]


def test_a_dependency_is_noted_on_the_parameter_through_an_alias(project):
    text = """
    from typing import Annotated
    from fastapi import Depends
    def user(): ...
    User = Annotated[str, Depends(user)]
    def f(u: User, *, v: str = Depends(user)): ...
    """
    annotated, default = project(text).functions["app.f"].parameters

    assert (annotated.annotation, annotated.notes[0].text) == ("str", "fastapi.Depends")
    assert annotated.notes[0].get("0").text == default.default.get("0").text == "app.user"


def test_what_is_kept_on_self_is_followed_through_methods(names):
    text = """
    import httpx, psycopg
    class Api:
        def __init__(self, conn: psycopg.Connection, client=None):
            self.conn = conn
            self.client = client or httpx.Client(timeout=3)
        @property
        def cursor(self):
            return self.conn.cursor()
    def f():
        api = Api(1)
        api.client.post("x")
        api.cursor.execute("y")
    """

    assert names(text)[1:] == ["httpx.Client.post", "psycopg.Cursor.execute"]


def test_a_client_made_by_a_function_keeps_what_it_was_made_with(first):
    text = """
    import httpx
    def client() -> httpx.Client:
        return httpx.Client(base_url="http://pay", timeout=2)
    def f():
        client().post("/x")
    """

    assert first(text, "Client.post").owner.get("base_url").text == "http://pay"


def test_what_is_kept_on_the_state_of_an_application_is_found_by_its_name(first):
    text = """
    import httpx
    from fastapi import FastAPI, Request
    async def lifespan(app: FastAPI):
        async with httpx.AsyncClient(base_url="http://pay") as app.state.client:
            yield
    async def f(request: Request):
        await request.app.state.client.post("/x")
    """

    assert first(text, ".post").name == "httpx.AsyncClient.post"


DJANGO = """
from django.db import models
class Open(models.Manager):
    def open(self):
        return self.get_queryset().filter(open=True)
class Invoice(models.Model):
    objects = Open()
    def total(self): ...
class Line(models.Model):
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    def price(self): ...
"""


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("Line.objects.filter(a=1).first().price()", "app.Line.price"),
        ("Line.objects.get(a=1).invoice.total()", "app.Invoice.total"),
        ("for x in Invoice.objects.get(a=1).lines.all(): x.price()", "app.Line.price"),
        ("Invoice.objects.open().get().total()", "app.Invoice.total"),
        ("made, new = Line.objects.get_or_create(a=1); made.price()", "app.Line.price"),
        ("Line.objects.create(a=1).save()", "django.db.models.Model.save"),
        ("Line.objects.filter(a=1).update(b=2)", "django.db.models.QuerySet.update"),
        ("Line.objects.bulk_create([])", "django.db.models.Manager.bulk_create"),
    ],
)
def test_django_managers_lead_to_models(names, body, name):
    assert names(f"{DJANGO}\ndef f():\n    {body}")[-1] == name


def test_a_manager_tells_its_model_as_the_owner(first):
    owner = first(f"{DJANGO}\ndef f():\n    Line.objects.filter(a=1)", "filter").owner

    assert owner.get("model").text == "app.Line"


def test_django_settings_lead_to_the_settings_module(first):
    settings = "import os\nINSTALLED_APPS = []\nTAX = os.environ['TAX_URL']"
    text = (
        "from django.conf import settings\nimport requests\ndef f():\n    requests.get(f'{settings.TAX}/x')"
    )

    call = first(text, "requests.get", {"proj/settings.py": settings})
    assert call.arguments[0].value.text == "{TAX_URL}/x"


def test_one_branch_that_tells_nothing_does_not_undo_the_other(names):
    text = "import redis\ndef f(x):\n    c = redis.Redis()\n    if x:\n        c = None\n    c.get('a')"

    assert names(text)[-1] == "redis.Redis.get"


def test_functions_that_call_each_other_are_read_to_the_end(names):
    text = "import lib\ndef f(): return g().go()\ndef g(): return f()"

    assert names(text) == ["app.g", "?.go"]


@pytest.mark.parametrize(
    ("start", "used", "name"),
    [
        ("c = None\ndef begin():\n    global c\n    c = httpx.Client()", "c.get('x')", "httpx.Client.get"),
        (
            "def begin():\n    global c\n    made = httpx.Client()\n    c = made",
            "c.get('x')",
            "httpx.Client.get",
        ),
        (
            "def begin(a):\n    made = httpx.Client()\n    a.state.c = made",
            "r.app.state.c.get('x')",
            "httpx.Client.get",
        ),
        ("def begin():\n    made = httpx.Client()\n    g.c = made", "g.c.get('x')", "httpx.Client.get"),
        (
            "class A:\n    def __init__(self):\n        made = httpx.Client()\n        self.c = made",
            "A().c.get('x')",
            "httpx.Client.get",
        ),
    ],
)
def test_what_a_function_sets_for_others_is_known_to_them(names, start, used, name):
    imports = "import httpx\nfrom fastapi import Request\nfrom flask import g"
    text = f"{imports}\n{start}\ndef f(r: Request):\n    {used}"

    assert names(text)[-1] == name
