"""An OpenAPI 3.0 or 3.1 document: read, its references followed, its operations listed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from ripstop.doubles.extras import needed
from ripstop.errors import UsageError

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_HOPS = 30


@dataclass(frozen=True, slots=True)
class Node:
    """A value in the document and the JSON pointer that leads to it (RFC 6901)."""

    value: Any
    pointer: str

    def get(self, *keys: str) -> Node | None:
        """What stands at these keys below, None where there is nothing."""
        value, pointer = self.value, self.pointer
        for key in keys:
            if not isinstance(value, Mapping) or key not in value:
                return None
            value, pointer = value[key], f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        return Node(value, pointer)

    @property
    def fragment(self) -> str:
        """The pointer as a URI's fragment writes it."""
        return "#" + quote(self.pointer, safe="/~!$&'()*+,;=:@")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: ``path`` as the server serves it, its parameters and the rest of what is said of it."""

    method: str
    path: str
    node: Node
    parameters: tuple[Node, ...]

    @property
    def about(self) -> Mapping[str, Any]:
        about: Mapping[str, Any] = self.node.value
        return about


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. References lead to places in it; those of a 3.0 schema are 3.1's by now."""

    content: Mapping[str, Any]
    source: Path

    def follow(self, node: Node) -> Node:
        """Where a reference leads, the node itself where it is none. Raises UsageError ``openapi-ref``."""
        for _ in range(_HOPS):
            reference = node.value.get("$ref") if isinstance(node.value, Mapping) else None
            if not isinstance(reference, str):
                return node
            node = self._at(reference)
        raise self._lost(str(node.value.get("$ref")), "it leads in a circle")

    def operations(self) -> Iterator[Operation]:
        """All operations, paths as the first server's path and the document's together make them."""
        prefix = _prefix(self.content)
        root = Node(self.content, "")
        for path in self.content.get("paths") or {}:
            item = self.follow(root.get("paths", path) or root)
            for method in _METHODS:
                if node := item.get(method):
                    parameters = self._parameters(item, node)
                    yield Operation(method.upper(), prefix + path, node, parameters)

    def below(self, node: Node | None, *keys: str) -> Node | None:
        """What stands at these keys, references followed at each step."""
        for key in keys:
            node = self.follow(node).get(key) if node else None
        return self.follow(node) if node else None

    def _parameters(self, item: Node, operation: Node) -> tuple[Node, ...]:
        """An operation's parameters; its own go before its path's of the same name and place."""
        found: dict[tuple[str, str], Node] = {}
        for owner in (item, operation):
            for place in range(len(owner.value.get("parameters") or ())):
                raw = Node(owner.value["parameters"][place], f"{owner.pointer}/parameters/{place}")
                node = self.follow(raw)
                found[node.value["in"], node.value["name"]] = node
        return tuple(found.values())

    def _at(self, reference: str) -> Node:
        if not reference.startswith("#/"):
            raise self._lost(reference, "only references within the document are followed")
        node = Node(self.content, "")
        for part in reference[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            value = node.value
            if isinstance(value, list) and key.isdigit() and int(key) < len(value):
                node = Node(value[int(key)], f"{node.pointer}/{part}")
            elif found := node.get(key):
                node = found
            else:
                raise self._lost(reference, "there is nothing")
        return node

    def _lost(self, reference: str, why: str) -> UsageError:
        return UsageError(
            "openapi-ref",
            f"{self.source}: the reference {reference!r} cannot be followed: {why}",
            way_out="bundle the document into one file first",
        )


def read(path: Path) -> Document:
    """The document in a JSON or YAML file. Raises UsageError ``openapi-file`` or ``openapi-version``."""
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix == ".json" else _yaml(text)
    except (OSError, ValueError) as error:
        raise UsageError("openapi-file", f"{path} cannot be read: {error}") from error
    version = content.get("openapi") if isinstance(content, Mapping) else None
    if not isinstance(version, str) or not version.startswith(("3.0", "3.1")):
        raise UsageError(
            "openapi-version",
            f"{path} is no OpenAPI 3.0 or 3.1 document: its openapi field is {version!r}",
            way_out="convert a Swagger 2.0 document to OpenAPI 3 first",
        )
    return Document(_modern(content) if version.startswith("3.0") else content, path)


def _yaml(text: str) -> Any:
    """YAML as JSON has it: times stay text, keys become text."""
    yaml = needed("yaml", extra="openapi", double="openapi")

    class Loader(yaml.SafeLoader):  # type: ignore[misc, name-defined]
        """The safe loader without times."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        return _texted(yaml.load(text, Loader))
    except yaml.YAMLError as error:
        raise ValueError(error) from error


def _texted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _texted(one) for key, one in value.items()}
    return [_texted(one) for one in value] if isinstance(value, list) else value


def _modern(value: Any) -> Any:
    """A 3.0 document's schemas in the words of 3.1: null as a type, bounds as numbers."""
    if isinstance(value, list):
        return [_modern(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    found = {key: _modern(one) for key, one in value.items()}
    if found.pop("nullable", None) is True:
        _admit_null(found)
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(found.get(exclusive), bool) and found.pop(exclusive) and bound in found:
            found[exclusive] = found.pop(bound)
    return found


def _admit_null(schema: dict[str, Any]) -> None:
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
    elif any(key in schema for key in ("$ref", "allOf", "anyOf", "oneOf")):
        inner = dict(schema)
        schema.clear()
        schema["anyOf"] = [inner, {"type": "null"}]


def _prefix(content: Mapping[str, Any]) -> str:
    servers = content.get("servers") or [{}]
    url = str(servers[0].get("url", ""))
    for name, about in (servers[0].get("variables") or {}).items():
        url = url.replace(f"{{{name}}}", str(about.get("default", "")))
    return urlsplit(url).path.rstrip("/")
