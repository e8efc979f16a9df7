"""Values and schemas: what is wrong with a value, and a value made up that is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ripstop.doubles.extras import needed
from ripstop.doubles.openapi.document import Document, Node

_HOME = "urn:ripstop:openapi"
_SHOWN = 80
Inside = tuple[str, ...]
_FORMATS: Mapping[str, str] = {
    "date": "2030-01-01",
    "date-time": "2030-01-01T00:00:00Z",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "00:00:00Z",
    "uri": "https://example.com/",
    "url": "https://example.com/",
}


class Schemas:
    """The schemas of one document. ``fresh`` gives a number that no value made so far has."""

    def __init__(self, document: Document, fresh: Callable[[], int]) -> None:
        self._document = document
        self._fresh = fresh
        jsonschema = needed("jsonschema", extra="openapi", double="openapi")
        referencing = needed("referencing", extra="openapi", double="openapi")
        dialect = needed("referencing.jsonschema", extra="openapi", double="openapi").DRAFT202012
        resource = referencing.Resource(contents=document.content, specification=dialect)
        self._registry = referencing.Registry().with_resource(_HOME, resource)
        self._validator = jsonschema.Draft202012Validator
        self._formats = jsonschema.FormatChecker()

    def differences(self, schema: Node, value: Any, *, at: str, sent: bool = True) -> tuple[str, ...]:
        """What keeps a value from being of a schema, a line a field.

        ``sent`` values are requests: fields that only the server writes may be missing.
        """
        reference = {"$ref": _HOME + schema.fragment}
        validator = self._validator(reference, registry=self._registry, format_checker=self._formats)
        errors = sorted(validator.iter_errors(value), key=lambda error: list(map(str, error.absolute_path)))
        return tuple(dict.fromkeys(line for error in errors for line in self._told(error, at, sent)))

    def made(self, schema: Node | None, *, echo: Any = None) -> Any:
        """A value of a schema, from its own examples where it has any. Fields of ``echo`` are taken over."""
        return self._made(schema, echo, "", ())

    def properties(self, schema: Node | None) -> Mapping[str, Node]:
        """An object's declared fields, those of its ``allOf`` included."""
        found: dict[str, Node] = {}
        if schema is None:
            return found
        schema = self._document.follow(schema)
        for inner in self._several(schema, "allOf"):
            found |= self.properties(inner)
        declared = schema.value.get("properties") if isinstance(schema.value, Mapping) else None
        for name in declared or ():
            if node := schema.get("properties", name):
                found[name] = node
        return found

    def required(self, schema: Node | None) -> frozenset[str]:
        """The names of fields an object must have."""
        if schema is None:
            return frozenset()
        schema = self._document.follow(schema)
        names = schema.value.get("required", ()) if isinstance(schema.value, Mapping) else ()
        inner = [self.required(one) for one in self._several(schema, "allOf")]
        return frozenset(names if isinstance(names, list) else ()).union(*inner)

    def type_of(self, schema: Node | None) -> str:
        """The one type a schema names besides null, empty for none."""
        if schema is None:
            return ""
        schema = self._document.follow(schema)
        named = schema.value.get("type") if isinstance(schema.value, Mapping) else None
        if isinstance(named, list):
            named = next((one for one in named if one != "null"), "")
        return named or ("object" if self.properties(schema) else "")

    def _told(self, error: Any, at: str, sent: bool) -> Iterator[str]:
        place = at + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path)
        if error.validator == "required":
            for name in error.validator_value:
                field = error.schema.get("properties", {}).get(name, {})
                if name not in error.instance and not (sent and self._server_s(field)):
                    yield f"{place}.{name}: missing, expected {self._kind(field)}"
        elif error.validator == "type":
            wanted = error.validator_value
            kinds = wanted if isinstance(wanted, str) else " or ".join(wanted)
            yield f"{place}: expected {kinds}, got {shown(error.instance)}"
        elif error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            for name in error.instance:
                if name not in known:
                    yield f"{place}.{name}: not declared, got {shown(error.instance[name])}"
        elif error.validator in ("enum", "const"):
            wanted = error.validator_value if error.validator == "enum" else [error.validator_value]
            yield f"{place}: expected one of {', '.join(map(repr, wanted))}, got {shown(error.instance)}"
        elif error.validator in ("anyOf", "oneOf") and error.context:
            nearest = min(error.context, key=lambda one: (one.validator == "type", -len(one.absolute_path)))
            yield from self._told(nearest, at, sent)
        else:
            yield f"{place}: {error.message[:200]}"

    def _server_s(self, field: Any) -> bool:
        inner = self._document.follow(Node(field, "")).value
        return isinstance(inner, Mapping) and inner.get("readOnly") is True

    def _kind(self, field: Any) -> str:
        return self.type_of(Node(field, "")) or "a value"

    def _several(self, schema: Node, key: str) -> list[Node]:
        inner = schema.value.get(key) if isinstance(schema.value, Mapping) else None
        several = inner if isinstance(inner, list) else []
        return [Node(one, f"{schema.pointer}/{key}/{place}") for place, one in enumerate(several)]

    def _made(self, schema: Node | None, echo: Any, name: str, inside: Inside) -> Any:
        """``inside`` are the schemas this one is a part of: one that holds itself ends there."""
        schema = self._document.follow(schema) if schema else None
        if schema is None or schema.pointer in inside:
            return None
        inside = (*inside, schema.pointer)
        about: Mapping[str, Any] = schema.value if isinstance(schema.value, Mapping) else {}
        given = next((about[key] for key in ("example", "const", "default") if key in about), None)
        examples = about.get("examples")
        if given is None and isinstance(examples, list) and examples:
            given = examples[0]
        if given is not None:
            return given
        if enum := about.get("enum"):
            return enum[0]
        for key in ("oneOf", "anyOf"):
            if several := self._several(schema, key):
                return self._made(several[0], echo, name, inside)
        return self._of_type(schema, about, echo, name, inside)

    def _of_type(self, schema: Node, about: Mapping[str, Any], echo: Any, name: str, inside: Inside) -> Any:
        match self.type_of(schema):
            case "object":
                return self._object(schema, echo, inside)
            case "array":
                item = self._made(schema.get("items"), None, name, inside)
                return [] if item is None else [item] * max(1, int(about.get("minItems", 1)))
            case "integer" | "number":
                return self._number(about, name)
            case "boolean":
                return True
            case "string":
                return self._text(about, name)
        return {} if self._several(schema, "allOf") else None

    def _object(self, schema: Node, echo: Any, inside: Inside) -> dict[str, Any]:
        found = {}
        sent = echo if isinstance(echo, Mapping) else {}
        for name, field in self.properties(schema).items():
            inner = self._document.follow(field)
            if isinstance(inner.value, Mapping) and inner.value.get("writeOnly"):
                continue
            if name in sent and not self.differences(field, sent[name], at=name, sent=False):
                found[name] = sent[name]
            else:
                value = self._made(field, None, name, inside)
                if value is not None or name in self.required(schema):
                    found[name] = value
        return found

    def _number(self, about: Mapping[str, Any], name: str) -> int | float:
        least = about.get("minimum", about.get("exclusiveMinimum", 0))
        step = 1 if "exclusiveMinimum" in about else 0
        if _is_id(name):
            return max(self._fresh(), int(least))
        value = least + step
        if (most := about.get("maximum")) is not None:
            value = min(value, most)
        return int(value) if about.get("type") != "number" else float(value)

    def _text(self, about: Mapping[str, Any], name: str) -> str:
        kind = str(about.get("format", ""))
        if kind == "uuid":
            return f"00000000-0000-4000-8000-{self._fresh():012d}"
        text = _FORMATS.get(kind) or (f"{name}_{self._fresh():06d}" if _is_id(name) else name or "text")
        text = text.ljust(int(about.get("minLength", 0)), "x")
        return text[: int(about["maxLength"])] if "maxLength" in about else text


def _is_id(name: str) -> bool:
    return name.lower() in ("id", "uuid", "sid") or name.endswith(("_id", "Id", "ID"))


def shown(value: Any) -> str:
    """A value in a message."""
    text = "null" if value is None else repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
