"""A small document that uses most of what documents use; and ways to change it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from ripstop.doubles import Double, Request
from ripstop.doubles.loading import load

PARCEL = {
    "type": "object",
    "required": ["id", "weight"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "weight": {"type": "integer", "minimum": 1},
        "note": {"type": "string", "nullable": True},
        "size": {"type": "string", "enum": ["small", "large"]},
        "pin": {"type": "string", "writeOnly": True},
        "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
        "inner": {"$ref": "#/components/schemas/Parcel"},
    },
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Parcels", "version": "1"},
    "servers": [{"url": "https://api.parcels.example/v1"}],
    "paths": {
        "/parcels": {
            "post": {
                "x-ripstop-effect": "parcel",
                "parameters": [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}},
                },
                "responses": {
                    "201": {
                        "description": "made",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}},
                    },
                    "409": {
                        "description": "Too heavy for us!",
                        "content": {"application/json": {"example": {"error": "too_heavy"}}},
                    },
                    "422": {
                        "description": "refused",
                        "content": {
                            "application/json": {
                                "examples": {
                                    "no_such_place": {"value": {"error": "place"}},
                                    "closed": {"value": {"error": "closed"}},
                                }
                            }
                        },
                    },
                    "503": {"$ref": "#/components/responses/Down"},
                },
            },
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 50}},
                    {"name": "tag", "in": "query", "schema": {"type": "array", "items": {"type": "integer"}}},
                    {"name": "fragile", "in": "query", "schema": {"type": "boolean"}, "example": True},
                    {
                        "name": "X-Shop",
                        "in": "header",
                        "required": True,
                        "schema": {"type": "string"},
                        "example": "s-1",
                    },
                ],
                "responses": {
                    "200": {
                        "description": "all",
                        "content": {"application/json": {"example": [{"id": "p-1", "weight": 3}]}},
                    }
                },
            },
        },
        "/parcels/{parcel-id}": {
            "parameters": [
                {
                    "name": "parcel-id",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "minLength": 3},
                    "example": "p-77",
                }
            ],
            "get": {
                "responses": {
                    "200": {
                        "description": "one",
                        "content": {"application/json": {"example": {"id": "p-1", "weight": 3}}},
                    }
                }
            },
            "delete": {
                "x-ripstop-effect": "recall",
                "x-ripstop-compensates": "parcel",
                "responses": {"204": {"description": "gone"}},
            },
            "put": {"responses": {"200": {"description": "nothing told"}}},
        },
    },
    "components": {
        "schemas": {
            "Parcel": PARCEL,
            "Line": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}},
        },
        "responses": {
            "Down": {
                "description": "down",
                "content": {"application/json": {"example": {"error": "down for cleaning"}}},
            }
        },
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "login": {"type": "http", "scheme": "bearer"},
        },
    },
}


def written(folder: Path, **changes: Any) -> Path:
    """The document in a file, with top-level fields changed."""
    path = folder / "parcels.json"
    path.write_text(json.dumps({**copy.deepcopy(DOCUMENT), **changes}))
    return path


def parcels(folder: Path, **changes: Any) -> Double:
    return load(f"openapi:{written(folder, **changes).name}", folder, name="parcels")


def post(body: object, *headers: tuple[str, str]) -> Request:
    given = (("content-type", "application/json"), *headers)
    return Request("POST", "/v1/parcels", given, json.dumps(body).encode())


def get(target: str, *headers: tuple[str, str]) -> Request:
    return Request("GET", f"/v1{target}", headers)
