"""Values made of JSON Schemas, and the schemas made of classes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ripstop.scaffold import schemas
from ripstop.scaffold.models import schema_of
from ripstop.scaffold.project import Project

ORDER = {
    "type": "object",
    "required": ["email", "lines", "kind"],
    "properties": {
        "email": {"type": "string", "format": "email"},
        "kind": {"$ref": "#/$defs/Kind"},
        "note": {"type": "string"},
        "idempotencyKey": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
    },
    "$defs": {
        "Kind": {"enum": ["gift", "own"]},
        "Line": {"type": "object", "required": ["quantity"], "properties": {"quantity": {"type": "integer"}}},
    },
}


def test_what_is_required_is_in_it_and_keys_of_idempotency_too() -> None:
    made = schemas.example(ORDER)

    assert set(made) == {"email", "kind", "lines", "idempotencyKey"}
    assert (made["kind"], made["lines"]) == ("gift", [{"quantity": 2}])
    assert "@" in made["email"]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "exclusiveMinimum": 9000}, 9001),
        ({"type": "integer", "maximum": 3}, 3),
        ({"type": "string", "maxLength": 2}, "ex"),
        ({"type": "string", "pattern": "^[A-Z]{3}$"}, "ABC"),
        ({"type": ["null", "boolean"]}, True),
        ({"allOf": [{"type": "object", "properties": {"a": {"const": 7}}, "required": ["a"]}]}, {"a": 7}),
    ],
)
def test_limits_are_kept(schema: object, value: object) -> None:
    assert schemas.example(schema, "amount" if isinstance(value, int) else "") == value


def test_a_schema_that_leads_to_itself_ends() -> None:
    assert schemas.example({"$ref": "#"}) is not None


MODELS = """
class Base(BaseModel):
    email: EmailStr
class Order(Base):
    amount_cents: int = Field(gt=0)
    kind: Literal["gift", "own"]
    note: str | None = None
    lines: list[Line]
class Line(BaseModel):
    sku: Annotated[str, Field(min_length=3)]
"""


def test_a_class_is_read_with_what_it_inherits_and_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(MODELS)

    found = schema_of(Project.read(tmp_path), "Order")

    assert isinstance(found, dict)
    assert found["required"] == ["email", "amount_cents", "kind", "lines"]
    assert found["properties"]["amount_cents"] == {"type": "integer", "exclusiveMinimum": 0}
    assert found["properties"]["lines"]["items"]["properties"] == {"sku": {"type": "string", "minLength": 3}}
