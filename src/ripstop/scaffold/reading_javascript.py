"""What a JavaScript or TypeScript handler asks of its request, by the words of its source."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ripstop.model.survey import Route
from ripstop.scaffold.project import Project
from ripstop.scaffold.reading import Asked, Field, Found

_LINES = 120
_NEXT = re.compile(
    r"^\s*(?:\w+\.)?(?:app|router|server|api|fastify|routes?)\.(?:get|post|put|patch|delete|use|listen)\(",
    re.MULTILINE,
)
_BODY = (
    r"(?:req(?:uest)?\.body|ctx\.request\.body|await\s+c\.req\.json\([^)]*\)"
    r"|await\s+req(?:uest)?\.json\(\)|body|payload|data)"
)
_TAKEN = re.compile(rf"\{{([^{{}}]*)\}}\s*(?::\s*[\w<>\[\]. |{{}}:;,?]+?)?\s*=\s*\(?{_BODY}\b", re.DOTALL)
_ASKED = re.compile(
    r"\b(?:req(?:uest)?\.body|ctx\.request\.body|body|payload)(?:\?)?(?:\.([A-Za-z_$][\w$]*)|\[['\"]([\w-]+)['\"]\])"
)
_QUERY = re.compile(r"\breq(?:uest)?\.query\.([A-Za-z_]\w*)|\.req\.query\(['\"](\w+)['\"]\)")
_HEADER = re.compile(r"(?:headers\[['\"]([\w-]+)['\"]\]|(?:\.get|\.header)\(['\"]([\w-]+)['\"]\))")
_METHODS = frozenset({"toString", "length", "map", "filter", "forEach", "json", "trim", "then", "parse"})
_ZOD = re.compile(
    r"([A-Za-z_$][\w$]*)\s*:\s*(?:z|zod)\.(?:coerce\.)?(\w+)\(([^()]*(?:\([^()]*\)[^()]*)*)\)([^\n,]*)"
)
_ZOD_TYPES = {
    **{name: name for name in ("string", "number", "boolean", "array", "object", "uuid")},
    "date": "date-time",
    "int": "integer",
}


def read(project: Project, route: Route) -> Asked:
    """What the handler of a route asks for."""
    text = project.text(route.place.path)
    block = _block(text, route)
    found = Found()
    for one in _TAKEN.finditer(block):
        for name, optional in _names(one[1]):
            found.add(found.body, Field(name, _kind(block, name), _choices(block, name), optional))
    for one in _ASKED.finditer(block):
        name = one[1] or one[2]
        if name not in _METHODS:
            found.add(found.body, Field(name, _kind(block, name), _choices(block, name)))
    for one in _QUERY.finditer(block):
        found.add(found.query, Field(one[1] or one[2]))
    found.headers += [one[1] or one[2] for one in _HEADER.finditer(block) if "-" in (one[1] or one[2])]
    found.schema = _zod(project, block)
    return found.asked()


def _block(text: str, route: Route) -> str:
    """From the route's line to the next route, and the handler's own function where it has a name."""
    lines = text.splitlines()
    rest = "\n".join(lines[max(route.place.line - 1, 0) : route.place.line - 1 + _LINES])
    after = _NEXT.search(rest, rest.find("\n") + 1 or len(rest))
    block = rest[: after.start()] if after else rest
    name = route.handler.rpartition(".")[2]
    if re.fullmatch(r"[A-Za-z_$][\w$]*", name):
        own = re.search(rf"\b(?:function\s+{re.escape(name)}\b|(?:const|let)\s+{re.escape(name)}\s*=)", text)
        block += "\n" + "\n".join(text[own.start() :].splitlines()[:_LINES]) if own else ""
    return block


def _names(written: str) -> Iterator[tuple[str, bool]]:
    for part in written.split(","):
        name, default, _ = part.partition("=")
        name = name.partition(":")[0].strip()
        if re.fullmatch(r"[A-Za-z_$][\w$]*", name):
            yield name, bool(default)


def _kind(block: str, name: str) -> str:
    field = rf"(?:\w+\.)*{re.escape(name)}"
    for pattern, kind in (
        (rf"Number\.isInteger\({field}\)|parseInt\({field}", "integer"),
        (
            rf"typeof {field} [!=]==? ['\"]number|Number\({field}\)"
            rf"|{field}\s*[<>]=?\s*\d|\d\s*[<>]=?\s*{field}\b",
            "number",
        ),
        (rf"typeof {field} [!=]==? ['\"]string|{field}\.(trim|toLowerCase|includes|match)\(", "string"),
        (rf"typeof {field} [!=]==? ['\"]boolean", "boolean"),
        (rf"Array\.isArray\({field}\)|{field}\.(map|forEach|reduce)\(|of {field}\b", "array"),
    ):
        if re.search(pattern, block):
            return kind
    return ""


def _choices(block: str, name: str) -> tuple[str, ...]:
    found = re.search(rf"\[((?:\s*['\"]\w+['\"]\s*,?)+)\]\.includes\((?:\w+\.)*{re.escape(name)}\)", block)
    return tuple(re.findall(r"['\"](\w+)['\"]", found[1])) if found else ()


def _zod(project: Project, block: str) -> object:
    """The schema that the body is parsed with, where zod does it."""
    used = re.search(r"\b(\w+)\.(?:safeParse|parse|parseAsync)\(\s*" + _BODY, block) or re.search(
        r"(?:zValidator|validate\w*)\(\s*(?:['\"]json['\"]\s*,\s*)?(\w+)", block
    )
    if not used:
        return None
    for path in project.code(".ts", ".js", ".mjs"):
        text = project.text(path)
        declared = re.search(rf"\b{re.escape(used[1])}\s*=\s*(?:z|zod)\.object\(\{{", text)
        if declared:
            return _schema(_balanced(text, declared.end() - 1))
    return None


def _balanced(text: str, at: int) -> str:
    depth = 0
    for index in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return text[at : index + 1]
    return text[at:]


def _schema(text: str) -> object:
    properties: dict[str, object] = {}
    required = []
    for name, kind, inner, rest in _ZOD.findall(text):
        said = f"{kind}({inner}){rest}"
        properties[name] = _property(kind, inner, said)
        if not re.search(r"\.optional\(|\.default\(|\.nullish\(", said):
            required.append(name)
    return {"type": "object", "properties": properties, "required": required} if properties else None


def _property(kind: str, inner: str, said: str) -> dict[str, object]:
    if kind in ("enum", "nativeEnum", "literal"):
        return {"enum": re.findall(r"['\"]([^'\"]+)['\"]", inner) or ["example"]}
    found: dict[str, object] = {"type": _ZOD_TYPES.get(kind, "string")}
    if ".int()" in said:
        found["type"] = "integer"
    for mark, form in (
        (".email(", "email"),
        (".uuid(", "uuid"),
        (".url(", "uri"),
        (".datetime(", "date-time"),
    ):
        if mark in said:
            found["format"] = form
    for mark, text_key, number_key in (("min", "minLength", "minimum"), ("max", "maxLength", "maximum")):
        if limit := re.search(rf"\.{mark}\((\d+)", said):
            found[text_key if kind == "string" else number_key] = int(limit[1])
    return found
