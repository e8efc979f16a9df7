"""The double of an OpenAPI document put together: a route an operation, its errors, its effects."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from ripstop.doubles.double import Double
from ripstop.doubles.loading import Context
from ripstop.doubles.openapi.answers import INFRASTRUCTURE, Answers
from ripstop.doubles.openapi.checks import Checker, is_json
from ripstop.doubles.openapi.document import Document, Node, Operation, read
from ripstop.doubles.openapi.schemas import Schemas
from ripstop.doubles.refusals import Wrong
from ripstop.doubles.routes import Route
from ripstop.model.http import Reply, Request

_PARAM = re.compile(r"\{([^}/]+)\}")
_CHANGING = ("POST", "PUT", "PATCH", "DELETE")
_STATUSES = (400, 401, 403, 404, 409, 429, 500, 502, 503, 504)


def make(file: str, context: Context) -> Double:
    """The double of the document in a file. Raises UsageError where it is none."""
    document = read(context.root / file)
    numbers = itertools.count(1)
    schemas = Schemas(document, lambda: next(numbers))
    built = Built(context.name, document, schemas, Checker(document, schemas), Answers(document, schemas))
    for operation in document.operations():
        built.add(operation)
    built.double.judge = built.judge
    built.double.optional = built.optional
    return built.double


@dataclass(slots=True)
class Built:
    """A double being made of a document."""

    name: str
    document: Document
    schemas: Schemas
    checker: Checker
    answers: Answers
    double: Double = field(init=False)
    operations: dict[str, Operation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.double = Double(self.name, idempotency_header=_key_header(self.document), state={"ids": []})

    def add(self, operation: Operation) -> None:
        """Serve one operation."""
        names = {_plain(name): name for name in _PARAM.findall(operation.path)}
        pattern = f"{operation.method} {_PARAM.sub(lambda found: f'{{{_plain(found[1])}}}', operation.path)}"
        template = pattern.partition(" ")[2]
        self.operations[pattern] = operation

        def check(request: Request) -> Wrong | None:
            return self._check(operation, request, _path(template, names, request))

        def handler(request: Request, **path: str) -> Reply:
            return self._answer(operation, request, path)

        effect, undone = _effect(operation)
        self.double.route(pattern, effect=effect, compensates=undone, check=check)(handler)
        self._declare_errors(operation, pattern)
        self.double.samples.extend(self._samples(operation))

    def judge(self, request: Request, reply: Reply) -> tuple[str, ...]:
        """How a real reply differs from the one declared for its status."""
        schema = self._declared(request, reply.status)
        try:
            return self.schemas.differences(schema, reply.json(), at="body", sent=False) if schema else ()
        except (ValueError, RecursionError):
            return ()

    def optional(self, request: Request, place: tuple[str, ...]) -> bool:
        """Whether the document lets the server leave out a field of a good reply."""
        schema = self._declared(request, None)
        for part in place[:-1]:
            whole = self.document.follow(schema) if schema else None
            inner = whole.get("items") if whole and part == "[]" else self.schemas.properties(whole).get(part)
            schema = inner
        return place[-1] not in self.schemas.required(schema)

    def _declared(self, request: Request, status: int | None) -> Node | None:
        """The schema declared for a status of the request's operation, of success for None."""
        operation = self.operations.get(self.double.operation(request.method, request.target) or "")
        if operation is None:
            return None
        response = self.answers.good(operation)[1] if status is None else self.answers.of(operation, status)
        return self.answers.schema(response) if response else None

    def _check(self, operation: Operation, request: Request, path: Mapping[str, str]) -> Wrong | None:
        if unauthorised := self.checker.unauthorised(operation, request):
            declared = next((reply for _, code, reply in self.answers.errors(operation) if code == 401), None)
            return Wrong(unauthorised, declared)
        differing = self.checker.differences(operation, request, path)
        return Wrong(differing) if differing else None

    def _answer(self, operation: Operation, request: Request, path: Mapping[str, str]) -> Reply:
        status, response = self.answers.good(operation)
        reply = self.answers.reply(status, response, echo=_sent(request))
        return self._identified(operation, response, reply, [*path.values()])

    def _identified(self, operation: Operation, response: Node, reply: Reply, path: list[str]) -> Reply:
        """The answer's id: the one asked for by the path, and no id twice for things that are made."""
        try:
            body = reply.json()
        except ValueError:
            return reply
        if not isinstance(body, dict) or not isinstance(body.get("id"), str | int):
            return reply
        own = self.schemas.properties(self.answers.schema(response)).get("id")
        if path and operation.path.endswith("}"):
            asked = self.checker.read(own, path[-1], {"in": "path"}) if own else path[-1]
            body["id"] = asked if type(asked) is type(body["id"]) else body["id"]
        elif operation.method == "POST" and body["id"] in self.double.state["ids"]:
            known = body["id"]
            body["id"] = self._another(known)
        if operation.method == "POST":
            self.double.state["ids"].append(body["id"])
        return Reply(reply.status, json.dumps(body).encode(), reply.headers)

    def _another(self, known: str | int) -> str | int:
        number = len(self.double.state["ids"])
        if isinstance(known, int):
            return known + number
        return known[: -len(str(number))] + str(number) if len(known) > 8 else f"{known}{number}"

    def _declare_errors(self, operation: Operation, pattern: str) -> None:
        shapes: dict[int, Reply] = {}
        for name, status, reply in self.answers.errors(operation):
            shapes.setdefault(status, reply)
            if status < 500 and status not in INFRASTRUCTURE:
                self.double.error(name, on=pattern, reply=reply)
        fallback = self.answers.fallback(operation)
        for status in _STATUSES if fallback else ():
            shapes.setdefault(status, self.answers.reply(status, fallback or Node({}, "")))
        for status, reply in shapes.items():
            self.double.error_shape(status, reply)

    def _samples(self, operation: Operation) -> Iterator[Request]:
        """The request the document's own examples make, where they make one."""
        path, query, headers = operation.path, [], []
        for node in operation.parameters:
            given = self._example(node)
            about = node.value
            if given is None and (about["in"] == "path" or about.get("required")):
                return
            if about["in"] == "path":
                path = path.replace(f"{{{about['name']}}}", quote(str(given), safe=""))
            elif given is not None and about["in"] == "query":
                query.append((about["name"], _plain_text(given)))
            elif given is not None and about["in"] == "header":
                headers.append((about["name"], _plain_text(given)))
        body = self._body_sample(operation)
        if body is None:
            return
        target = f"{path}?{urlencode(query)}" if query else path
        yield Request(operation.method, target, (*headers, *body.headers), body.body)

    def _body_sample(self, operation: Operation) -> Reply | None:
        """The body's example as a reply's body and headers; None where one is needed and none is there."""
        body = self.document.below(operation.node, "requestBody")
        if body is None:
            return Reply()
        kinds = [kind for kind in body.value.get("content") or {} if is_json(kind.partition(";")[0])]
        if not kinds:
            return None if body.value.get("required") else Reply()
        node = Node({"content": {kinds[0]: (body.get("content", kinds[0]) or body).value}}, body.pointer)
        made = self.answers.reply(200, node)
        return Reply(200, made.body, (("content-type", "application/json"),))

    def _example(self, node: Node) -> Any:
        """A parameter's own example, or its schema's; only required ones are made up."""
        about = node.value
        if "example" in about:
            return about["example"]
        for name in about.get("examples") or {}:
            one = self.document.below(node, "examples", name)
            if one and "value" in one.value:
                return one.value["value"]
        schema = self.document.below(node, "schema")
        if schema and ("example" in schema.value or "examples" in schema.value or "default" in schema.value):
            return self.schemas.made(schema)
        return None


def _key_header(document: Document) -> str | None:
    """The name of an idempotency key's header, where any operation declares one."""
    for operation in document.operations():
        for node in operation.parameters:
            if node.value["in"] == "header" and "idempotency" in node.value["name"].lower():
                return str(node.value["name"])
    return None


def _effect(operation: Operation) -> tuple[str | None, str | None]:
    """The effect's kind and the kind it undoes: ``x-ripstop-effect``, ``x-ripstop-compensates``.

    Without them what may change something is an effect of the operation's own name.
    """
    undone = operation.about.get("x-ripstop-compensates")
    own = f"{operation.method} {operation.path}" if operation.method in _CHANGING else None
    named = operation.about.get("x-ripstop-effect", own)
    return (named if isinstance(named, str) else None), undone


def _plain(name: str) -> str:
    """A path parameter's name as routes can have it."""
    word = re.sub(r"\W", "_", name)
    return f"p_{word}" if not word or word[0].isdigit() else word


def _path(template: str, names: Mapping[str, str], request: Request) -> dict[str, str]:
    found = Route("GET", template, lambda _: Reply(), frozenset()).params(request.path) or {}
    return {names[plain]: value for plain, value in found.items()}


def _sent(request: Request) -> Any:
    try:
        return request.json()
    except (ValueError, RecursionError):
        return None


def _plain_text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_plain_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
