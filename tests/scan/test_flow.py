"""From a handler through the call graph: order, transactions, loops, what is caught, and what bounds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ripstop.model.survey import Place, Reach
from ripstop.scan.code import YIELD, Argument, Call, Codebase, Function, Parameter, Shape, Value
from ripstop.scan.flow import flow

from .reaching.models import ORM
from .reaching.snippets import reached, read, within

CHARGE = "requests.post('https://a.example/charges')"


def sql(
    text: str, line: int = 1, *, name: str = "asyncpg.Connection.execute", block: tuple[Call, ...] = ()
) -> Call:
    return Call(name, Place("app.py", line), (Argument(Value(Shape.TEXT, text)),), block=block)


def goes_to(target: str, line: int = 1, *, caught: tuple[str, ...] = (), in_loop: bool = False) -> Call:
    return Call(target, Place("app.py", line), target=target, caught=caught, in_loop=in_loop)


def code(**functions: tuple[Call, ...]) -> Codebase:
    named = {f"app.{name}": calls for name, calls in functions.items()}
    return Codebase(
        {name: Function(name, Place("app.py", 1), 9, calls=calls) for name, calls in named.items()}
    )


def told(reaches: tuple[Reach, ...]) -> list[str]:
    return [reach.operation + "!" * reach.in_transaction for reach in reaches]


def of_body(
    folder: Path, body: str, before: str = ORM + "import requests", of: str = "db: Session"
) -> list[str]:
    return told(reached(folder, within(before, body, of=of)))


def test_the_way_is_told_with_its_loops_and_what_is_caught_on_it() -> None:
    store = Call(
        "asyncpg.Connection.execute", Place("app.py", 9), (Argument(Value(Shape.TEXT, "INSERT INTO a")),)
    )
    found = code(
        handle=(goes_to("app.inner", 3, caught=("ValueError",), in_loop=True),),
        inner=(goes_to("app.store", 6, caught=("KeyError", "OSError")),),
        store=(store,),
    )
    (reach,) = flow("app.handle", found)

    assert [place.line for place in reach.via] == [3, 6]
    assert (reach.place.line, reach.in_loop) == (9, True)
    assert reach.caught == ("KeyError", "OSError", "ValueError")


def test_functions_that_call_each_other_come_to_an_end() -> None:
    found = code(handle=(goes_to("app.other"), sql("DELETE FROM a")), other=(goes_to("app.handle"),))

    assert told(flow("app.handle", found)) == ["DELETE a"]


def test_calls_without_end_are_cut_off() -> None:
    steps = {f"f{at}": (goes_to(f"app.f{at + 1}"),) * 4 for at in range(20)}
    found = code(**steps, f20=(sql("SELECT 1 FROM a"),))

    assert len(flow("app.f0", found)) <= 400


def test_blocks_too_deep_to_walk_are_left() -> None:
    deep = sql("SELECT 1 FROM a")
    for _ in range(2_000):
        deep = Call("open", Place("app.py", 1), block=(deep,))

    assert flow("app.handle", code(handle=(sql("DELETE FROM b"), deep))) != ()


def test_a_handler_that_is_not_there_reaches_nothing() -> None:
    assert flow("app.nobody", code(handle=(sql("DELETE FROM a"),)), guards=("app.none",)) == ()


def test_guards_come_first_each_once_and_what_they_depend_on_before_them() -> None:
    depends = Value(Shape.CALL, "fastapi.Depends", (("0", Value(Shape.NAME, "app.user")),))
    given = Parameter("user", "", None, (depends,))
    found = code(user=(sql("SELECT 1 FROM users"),), handle=(sql("DELETE FROM a"),))
    handle = Function(
        "app.handle", Place("app.py", 1), 9, (given,), calls=found.functions["app.handle"].calls
    )
    admin = Function("app.admin", Place("app.py", 1), 9, (given,), calls=(sql("SELECT 1 FROM roles"),))
    whole = Codebase({**found.functions, "app.handle": handle, "app.admin": admin})

    assert told(flow("app.handle", whole, guards=("app.admin",))) == [
        "SELECT users",
        "SELECT roles",
        "DELETE a",
    ]


def test_a_guard_that_hands_over_goes_on_after_the_handler() -> None:
    guard = (sql("BEGIN"), Call(YIELD, Place("app.py", 2)), sql("COMMIT"))
    found = code(guard=guard, handle=(sql("DELETE FROM a"),))

    assert told(flow("app.handle", found, guards=("app.guard",))) == ["BEGIN", "DELETE a!", "COMMIT!"]


def test_a_transaction_by_words_lasts_until_its_commit() -> None:
    calls = (sql("BEGIN"), sql("INSERT INTO a VALUES (1)"), sql("COMMIT"), sql("INSERT INTO b VALUES (1)"))

    assert told(flow("app.handle", code(handle=calls))) == ["BEGIN", "INSERT a!", "COMMIT!", "INSERT b"]


def test_a_rollback_on_the_way_out_does_not_end_what_is_committed_later() -> None:
    calls = (sql("BEGIN"), sql("ROLLBACK"), sql("INSERT INTO a VALUES (1)"), sql("COMMIT"))

    assert told(flow("app.handle", code(handle=calls))) == ["BEGIN", "ROLLBACK!", "INSERT a!", "COMMIT!"]


def test_a_transaction_around_nothing_of_the_database_is_not_told() -> None:
    block = (Call("requests.get", Place("app.py", 2), (Argument(Value(Shape.TEXT, "https://a.example/x")),)),)
    outer = Call("sqlalchemy.Engine.begin", Place("app.py", 1), block=block)

    assert told(flow("app.handle", code(handle=(outer,)))) == ["GET /x!"]


def test_one_transaction_inside_another_is_no_second_one(tmp_path: Path) -> None:
    body = "with transaction.atomic():\n    with transaction.atomic():\n        Order.objects.create()"
    before = "# file: shop.py\nfrom django.db import models\nclass Order(models.Model): pass\n"
    before += "# file: app.py\nfrom django.db import transaction\nfrom shop import Order"

    assert of_body(tmp_path, body, before)[0] == "BEGIN"
    assert of_body(tmp_path, body, before)[-1] == "COMMIT!"
    assert len(of_body(tmp_path, body, before)) == 3


def test_an_effect_before_the_flush_comes_before_the_insert(tmp_path: Path) -> None:
    body = f"db.add(Order(status='new'))\n{CHARGE}\ndb.commit()"

    assert of_body(tmp_path, body) == ["POST /charges", "INSERT orders!", "COMMIT!"]


def test_an_effect_after_the_sessions_first_question_is_inside_its_transaction(tmp_path: Path) -> None:
    body = f"db.get(User, 1)\n{CHARGE}\ndb.commit()\n{CHARGE}"

    assert of_body(tmp_path, body) == ["SELECT users!", "POST /charges!", "COMMIT!", "POST /charges"]


def test_a_question_flushes_what_waits(tmp_path: Path) -> None:
    body = f"db.add(Order(status='new'))\ndb.get(User, 1)\n{CHARGE}"

    assert of_body(tmp_path, body) == ["INSERT orders!", "SELECT users!", "POST /charges!"]


def test_a_projects_own_context_manager_opens_what_its_body_opens(tmp_path: Path) -> None:
    before = f"""{ORM}
import requests
from contextlib import contextmanager
@contextmanager
def scope():
    db = SessionLocal()
    yield db
    db.commit()
"""
    body = f"with scope() as db:\n    db.add(User(name='a'))\n    {CHARGE}\n{CHARGE}"

    assert of_body(tmp_path, body, before, "x") == [
        "POST /charges",
        "INSERT users!",
        "COMMIT!",
        "POST /charges",
    ]


def test_what_a_function_is_given_fills_what_it_does_not_say(tmp_path: Path) -> None:
    before = """
import psycopg
def run(statement, *values):
    with psycopg.connect("") as db:
        return db.execute(statement, values)
def put(db: psycopg.Connection, table):
    db.execute(f"INSERT INTO {table} VALUES (1)")
"""
    body = "run('DELETE FROM a')\nput(psycopg.connect(''), 'b')"

    assert of_body(tmp_path, body, before, "x") == ["DELETE a!", "COMMIT!", "INSERT b!"]


def test_a_javascript_function_is_given_by_place(tmp_path: Path) -> None:
    before = """
import pg from 'pg'
const pool = new pg.Pool()
async function run(statement) { return await pool.query(statement) }
"""
    assert of_body(tmp_path, "await run('DELETE FROM a')", before, "x") == ["DELETE a"]


@pytest.mark.parametrize(
    "body",
    [
        "await asyncio.to_thread(work, 1)",
        "pool.submit(work)",
        "list(map(work, [1]))",
        "asyncio.create_task(awork())",
    ],
)
def test_a_function_handed_over_to_be_called_is_followed(tmp_path: Path, body: str) -> None:
    before = f"""
import asyncio, requests
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(2)
def work(x=0): {CHARGE}
async def awork(): work()
"""
    assert of_body(tmp_path, body, before, "x") == ["POST /charges"]


DECORATED = """
def checked(level):
    def inner(view):
        def wrapper(*args):
            requests.get("https://a.example/rights")
            told = view(*args)
            requests.post("https://a.example/log")
            return told
        return wrapper
    return inner
"""


def test_a_decorators_wrapper_runs_around_the_handler(tmp_path: Path) -> None:
    source = f"import requests\n{DECORATED}\n" + within("", CHARGE)
    found = flow("app.handle", read(tmp_path, source), ["app.checked"])

    assert told(found) == ["GET /rights", "POST /charges", "POST /log"]


def test_the_only_method_of_that_name_is_meant_whatever_functions_are_called_so(tmp_path: Path) -> None:
    source = (
        f"import requests\nclass Till:\n    def collect(self):\n        {CHARGE}\n"
        "def collect(x): ...\n" + within("", "x.collect()")
    )

    assert told(reached(tmp_path, source)) == ["POST /charges"]
