"""Calls as they are told: names, targets, order, blocks, what is caught and repeated around them."""

import pytest

from ripstop.model.survey import Sureness
from ripstop.scan.code import YIELD, Shape


def test_calls_come_in_the_order_in_which_they_happen(names):
    assert names("def f(): a(b(), c=d()).e()\nfrom lib import a, b, d") == ["lib.b", "lib.d", "lib.a", "?.e"]


def test_the_body_of_with_is_the_block_of_the_call_that_opens_it(first):
    call = first(
        "import lib\ndef f():\n    with lib.a() as x, lib.b():\n        lib.c()\n    lib.d()", "lib.a"
    )

    assert [inner.name for inner in call.block] == ["lib.b"]
    assert [inner.name for inner in call.block[0].block] == ["lib.c"]


def test_an_object_entered_by_with_is_told_as_its_enter_method(first):
    call = first(
        "import psycopg\ndef f(c: psycopg.Connection):\n    with c:\n        c.execute('x')", "__enter__"
    )

    assert call.name == "psycopg.Connection.__enter__"
    assert [inner.name for inner in call.block] == ["psycopg.Connection.execute"]


def test_a_context_manager_of_the_project_shows_where_its_block_runs(project):
    code = project(
        """
        from contextlib import contextmanager
        import psycopg
        @contextmanager
        def opened():
            with psycopg.connect("x") as c:
                yield c
                c.commit()
        def f():
            with opened() as c:
                c.execute("SELECT 1")
        """
    )

    own = code.functions["app.opened"].calls[0].block
    assert [call.name for call in own] == [YIELD, "psycopg.Connection.commit"]
    (opening,) = code.functions["app.f"].calls
    assert opening.target == "app.opened"
    assert [call.name for call in opening.block] == ["psycopg.Connection.execute"]


def test_a_class_with_an_enter_method_is_entered_and_left_around_the_block(names):
    text = """
    class Unit:
        def __enter__(self): return self
        def __exit__(self, *a): commit()
        def add(self, x): ...
    def f():
        with Unit() as unit:
            unit.add(1)
    """

    assert names(text) == ["app.Unit", "app.Unit.__enter__", "app.Unit.add", "app.Unit.__exit__"]


@pytest.mark.parametrize(
    ("clause", "caught"),
    [
        ("except ValueError", ("ValueError",)),
        ("except (KeyError, lib.Bad)", ("KeyError", "lib.Bad")),
        ("except ERRORS", ("KeyError", "OSError")),
        ("except", ("BaseException",)),
        ("except* ValueError", ("ValueError",)),
    ],
)
def test_what_is_caught_around_a_call_is_resolved(first, clause, caught):
    start = "import lib\nERRORS = (KeyError, OSError)\ndef f():\n    try:\n        lib.go()\n"

    assert first(f"{start}    {clause}:\n        pass", "lib.go").caught == caught


def test_inner_exceptions_come_first_and_handlers_stand_outside(project):
    text = """
    import lib
    def f():
        try:
            try:
                lib.a()
            except KeyError:
                lib.b()
            else:
                lib.c()
            finally:
                lib.d()
        except OSError:
            pass
    """
    caught = {call.name: call.caught for call in project(text).functions["app.f"].calls}

    assert caught["lib.a"] == ("KeyError", "OSError")
    assert caught["lib.b"] == caught["lib.c"] == caught["lib.d"] == ("OSError",)


def test_suppressed_exceptions_count_as_caught(first):
    text = (
        "import lib\nfrom contextlib import suppress\ndef f():\n    with suppress(OSError):\n        lib.go()"
    )

    assert first(text, "lib.go").caught == ("OSError",)


def test_loops_and_comprehensions_repeat_what_stands_in_them(project):
    text = """
    import lib
    def f():
        for x in lib.once():
            lib.many()
        [lib.each(x) for x in lib.source() if lib.test(x)]
        while lib.asked():
            pass
    """
    repeated = {call.name: call.in_loop for call in project(text).functions["app.f"].calls}

    assert [name for name, loop in repeated.items() if not loop] == ["lib.once", "lib.source"]
    assert len(repeated) == 6


def test_awaited_calls_say_so(first):
    assert first("import lib\nasync def f():\n    await lib.go()", "lib.go").awaited
    assert not first("import lib\nasync def f():\n    lib.go()", "lib.go").awaited


def test_functions_given_to_others_are_called_in_their_block(first):
    text = "import asyncio\ndef work(x): ...\nasync def f():\n    await asyncio.to_thread(work, 1)"

    (inner,) = first(text, "to_thread").block
    assert inner.target == "app.work"
    assert inner.sureness is Sureness.LIKELY


def test_a_lambda_is_a_function_of_its_own(project):
    code = project("import lib\ndef f():\n    lib.later(lambda: lib.go())")

    assert [call.name for call in code.functions["app.f.<lambda 3>"].calls] == ["lib.go"]
    assert code.functions["app.f"].calls[0].block[0].target == "app.f.<lambda 3>"


def test_sureness_falls_with_what_had_to_be_inferred(project):
    text = """
    import requests
    def f(session: requests.Session, other):
        requests.get("x")
        session.get("x")
        other.get("x")
    """
    told = [(call.name, call.sureness) for call in project(text).functions["app.f"].calls]

    assert told == [
        ("requests.get", Sureness.CERTAIN),
        ("requests.Session.get", Sureness.LIKELY),
        ("?.get", Sureness.GUESS),
    ]


def test_a_write_to_an_attribute_of_a_row_is_told_as_a_call(first):
    text = """
    from sqlalchemy.orm import DeclarativeBase, Session
    class Base(DeclarativeBase): ...
    class Order(Base):
        __tablename__ = "orders"
    def f(session: Session):
        order = session.get(Order, 1)
        order.status = "paid"
    """
    call = first(text, "__setattr__")

    assert call.name == "app.Order.__setattr__"
    assert [argument.value.text for argument in call.arguments] == ["status", "paid"]


def test_an_unknown_receiver_still_tells_its_arguments(first):
    call = first("class Order: ...\ndef f(db):\n    db.add(Order(amount=1))", ".add")

    assert call.name == "?.add"
    assert (call.arguments[0].value.shape, call.arguments[0].value.text) == (Shape.INSTANCE, "app.Order")


def test_a_serializer_that_saves_runs_its_own_create(names):
    text = """
    from rest_framework import serializers
    class Orders(serializers.Serializer):
        def create(self, data): ...
    def f(request):
        Orders(data=request.data).save()
    """

    assert names(text)[-1] == "app.Orders.create"


@pytest.mark.parametrize("chosen", ["WAYS[way]", "WAYS.get(way)"])
def test_one_of_a_table_of_functions_may_be_any_of_them(first, chosen):
    text = f"""
    def card(x): ...
    def bank(x): ...
    WAYS = {{"card": card, "bank": bank}}
    def f(way):
        pay = {chosen}
        pay(1)
    """
    call = first(text, "?.pay")

    assert [(inner.target, inner.sureness) for inner in call.block] == [
        ("app.card", Sureness.GUESS),
        ("app.bank", Sureness.GUESS),
    ]
