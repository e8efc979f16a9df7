"""What handlers ask of their request, read from code in each of the manners it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from ripstop.model.survey import Place, Route
from ripstop.scaffold import reading_javascript, reading_python
from ripstop.scaffold.project import Project

FASTAPI = """
@app.post("/orders")
def place_order(payload: dict[str, Any], idempotency_key: str = Header()):
    user, cents = payload.get("userId"), payload.get("amountCents")
    if not user or not is_amount(cents) or payload["kind"] not in KINDS:
        return error()

KINDS = ("gift", "own")
def is_amount(value):
    return type(value) is int and 0 < value
"""
DJANGO = """
def place_order(request):
    payload = json.loads(request.body)
    store(payload)
    request.headers.get("Idempotency-Key")

def store(data):
    Order(total=float(data["total"]), note=data.get("note", ""))
"""
FLASK = """
def sign_up():
    name = request.form["name"]
    page = request.args.get("page")
"""
EXPRESS = """
app.post('/orders', async (request, response) => {
  const { userId, amountCents, note = '' } = request.body
  if (!Number.isInteger(amountCents)) return
  const key = request.headers['idempotency-key']
})
app.post('/other', (request) => request.body.other)
"""


def project(tmp_path: Path, name: str, text: str) -> Project:
    (tmp_path / name).write_text(text)
    return Project.read(tmp_path)


def route(name: str, line: int, framework: str, handler: str) -> Route:
    return Route("POST", "/orders", handler, Place(name, line), framework)


def test_a_plain_mapping_is_asked_for_its_fields_and_helpers_tell_their_types(tmp_path: Path) -> None:
    asked = reading_python.read(
        project(tmp_path, "app.py", FASTAPI), route("app.py", 3, "fastapi", "app.place_order")
    )

    assert [(one.name, one.kind, one.choices) for one in asked.body] == [
        ("userId", "", ()),
        ("amountCents", "integer", ()),
        ("kind", "", ("gift", "own")),
    ]
    assert asked.headers == ("Idempotency-Key",)


def test_a_body_handed_to_a_helper_is_read_there(tmp_path: Path) -> None:
    asked = reading_python.read(
        project(tmp_path, "v.py", DJANGO), route("v.py", 2, "django", "v.place_order")
    )

    assert [(one.name, one.kind, one.optional) for one in asked.body] == [
        ("total", "number", False),
        ("note", "", True),
    ]
    assert asked.headers == ("Idempotency-Key",)


def test_a_form_and_a_query_are_told_apart(tmp_path: Path) -> None:
    asked = reading_python.read(project(tmp_path, "a.py", FLASK), route("a.py", 2, "flask", "a.sign_up"))

    assert (asked.form, [one.name for one in asked.body]) == (True, ["name"])
    assert [one.name for one in asked.query] == ["page"]


@pytest.mark.parametrize("framework", ["express", "hono"])
def test_javascript_s_destructuring_is_read_up_to_the_next_route(tmp_path: Path, framework: str) -> None:
    one = project(tmp_path, "app.ts", EXPRESS)

    asked = reading_javascript.read(one, route("app.ts", 2, framework, "app.<POST /orders>"))

    assert [(one.name, one.kind, one.optional) for one in asked.body] == [
        ("userId", "", False),
        ("amountCents", "integer", False),
        ("note", "", True),
    ]
    assert asked.headers == ("idempotency-key",)


def test_a_file_that_is_no_python_asks_for_nothing(tmp_path: Path) -> None:
    one = project(tmp_path, "app.py", "def broken(:\n")

    assert reading_python.read(one, route("app.py", 1, "flask", "app.broken")).body == ()
