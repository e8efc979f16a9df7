"""An OpenAPI document from what was recorded: operations, fields and types, and nothing nobody saw."""

from __future__ import annotations

from benchmarks.zoo.peers.recording import document, shape

from ripstop.model.http import Answer, Exchange, Request

ORDER = Request(
    "POST",
    "/orders",
    (("content-type", "application/json"), ("Idempotency-Key", "k-1"), ("authorization", "Bearer t")),
    b'{"item": "tea", "count": 2}',
)


def test_an_operation_has_its_body_its_own_headers_and_its_answer() -> None:
    told = document([Exchange("POST /orders", ORDER, Answer(201))])["paths"]["/orders"]["post"]

    body = told["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["count", "item"]
    assert body["properties"]["count"] == {"type": "integer", "example": 2}
    assert [one["name"] for one in told["parameters"]] == ["Idempotency-Key"]
    assert set(told["responses"]) == {"201", "default"}


def test_ids_in_a_path_become_parameters_with_names_of_their_own() -> None:
    seen = Exchange(
        "GET /users/{id}/orders/{id} (2)", Request("GET", "/users/7/orders/42?full=1"), Answer(200)
    )

    ((path, told),) = document([seen])["paths"].items()

    assert path == "/users/{id}/orders/{id2}"
    assert [(one["name"], one["example"]) for one in told["get"]["parameters"]] == [
        ("id", "7"),
        ("id2", "42"),
    ]


def test_the_first_request_of_an_operation_gives_its_shape() -> None:
    again = Exchange("POST /orders (2)", Request("POST", "/orders"), Answer(200))

    paths = document([Exchange("POST /orders", ORDER, Answer(201)), again])["paths"]

    assert "201" in paths["/orders"]["post"]["responses"]


def test_a_value_says_no_more_than_its_type() -> None:
    assert shape(True)["type"] == "boolean"
    assert shape([1])["items"]["type"] == "integer"
    assert shape(None) == {}
