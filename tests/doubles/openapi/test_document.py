"""Reading documents: JSON and YAML, 3.0 and 3.1, references; and telling what is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ripstop.doubles import Request
from ripstop.doubles.loading import load
from ripstop.doubles.openapi.document import Node, read
from ripstop.errors import UsageError

from .parcels import DOCUMENT, parcels, written

YAML = """
openapi: 3.1.0
info: {title: Clock, version: "1"}
paths:
  /time:
    get:
      responses:
        200:
          description: now
          content:
            application/json:
              schema:
                type: object
                properties:
                  at: {type: string, example: 2030-05-06T07:08:09Z}
                  zone: {type: [string, "null"]}
  /set:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [hours]
              properties:
                hours: {type: integer}
                days: {type: array, items: {type: integer}}
      responses:
        default: {description: done}
"""


@pytest.fixture
def clock(tmp_path: Path) -> Any:
    (tmp_path / "clock.yaml").write_text(YAML)
    return load("openapi:clock.yaml", tmp_path)


def test_yaml_serves_as_well_and_its_times_stay_text(clock: Any) -> None:
    reply = clock.respond(Request("GET", "/time"))
    assert reply.json() == {"at": "2030-05-06T07:08:09Z", "zone": "zone"}


@pytest.mark.parametrize(
    ("body", "status"), [(b"hours=7&days=1&days=2", 200), (b"hours=x", 400), (b"days=1", 400)]
)
def test_a_form_is_read_by_its_schema(clock: Any, body: bytes, status: int) -> None:
    kind = (("content-type", "application/x-www-form-urlencoded"),)
    assert clock.respond(Request("POST", "/set", kind, body)).status == status


@pytest.mark.parametrize(
    ("name", "text", "slug"),
    [
        ("none.json", None, "openapi-file"),
        ("broken.json", "{", "openapi-file"),
        ("broken.yaml", "a: [", "openapi-file"),
        ("swagger.json", '{"swagger": "2.0"}', "openapi-version"),
        ("list.json", "[]", "openapi-version"),
        ("four.json", '{"openapi": "4.0.0"}', "openapi-version"),
    ],
)
def test_what_is_no_document_is_told(tmp_path: Path, name: str, text: str | None, slug: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(UsageError) as met:
        load(f"openapi:{name}", tmp_path)
    assert met.value.slug == slug


@pytest.mark.parametrize(
    ("reference", "why"),
    [("#/nowhere", "there is nothing"), ("other.json#/a", "within the document"), ("#/a", "in a circle")],
)
def test_a_reference_that_leads_nowhere_is_told(tmp_path: Path, reference: str, why: str) -> None:
    document = read(written(tmp_path, a={"$ref": "#/a"}))
    with pytest.raises(UsageError, match=why):
        document.follow(Node({"$ref": reference}, "/x"))


def test_a_reference_may_lead_through_escaped_names(tmp_path: Path) -> None:
    document = read(written(tmp_path))
    found = document.follow(Node({"$ref": "#/paths/~1parcels~1{parcel-id}/get"}, ""))
    assert found.value == DOCUMENT["paths"]["/parcels/{parcel-id}"]["get"]


def test_an_exclusive_bound_of_3_0_is_kept(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"weight": {"type": "integer", "minimum": 5, "exclusiveMinimum": True}},
    }
    double = parcels(
        tmp_path, components={"schemas": {"Parcel": schema}, "responses": DOCUMENT["components"]["responses"]}
    )
    kind = (("content-type", "application/json"),)
    statuses = [
        double.respond(Request("POST", "/v1/parcels", kind, b'{"weight": %d}' % w)).status for w in (5, 6)
    ]
    assert statuses == [400, 201]
