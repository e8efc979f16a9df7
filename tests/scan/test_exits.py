"""The functions on a request's way, and their exits."""

from __future__ import annotations

from ripstop.model.survey import Exit, Place, Route
from ripstop.scan import exits
from ripstop.scan.code import Call, Codebase, Function

HERE = Place("app.py", 1)


def function(name: str, *calls: Call, ways_out: tuple[Exit, ...] = ()) -> Function:
    return Function(name, HERE, 9, calls=calls, exits=ways_out)


def call(target: str, *block: Call) -> Call:
    return Call(target, HERE, target=target, block=block)


def code(*functions: Function) -> Codebase:
    return Codebase(functions={one.name: one for one in functions})


def route(handler: str = "a", guards: tuple[str, ...] = ()) -> Route:
    return Route("GET", "/", handler, HERE, "flask", guards=guards)


def test_functions_come_nearest_first_and_once_also_from_blocks_and_circles() -> None:
    known = code(
        function("a", call("b", call("c")), call("d")),
        function("b", call("a")),
        function("c", call("e")),
        function("d", call("c")),
        function("e"),
    )

    assert [one.name for one in exits.on_the_way(route(), known)] == ["a", "b", "c", "d", "e"]


def test_guards_are_told_apart_from_what_the_handler_calls() -> None:
    known = code(function("a", call("shared")), function("shared"), function("guard", call("shared")))

    assert [one.name for one in exits.before(route(guards=("guard",)), known)] == ["guard"]


def test_a_handler_that_was_not_read_leads_nowhere() -> None:
    assert exits.on_the_way(route("elsewhere"), code()) == ()


def test_exits_come_by_line_within_each_function_and_once() -> None:
    late, early = Exit("answer", "500", Place("app.py", 9)), Exit("except", "KeyError", Place("app.py", 3))
    other = Exit("raise", "ValueError", Place("app.py", 1))

    found = exits.exits([function("a", ways_out=(late, early)), function("b", ways_out=(other, early))])

    assert found == (early, late, other)


def test_a_very_long_way_is_cut() -> None:
    many = [function(f"f{n}", call(f"f{n + 1}")) for n in range(exits.MOST_FUNCTIONS + 50)]

    assert len(exits.on_the_way(route("f0"), code(*many))) == exits.MOST_FUNCTIONS
