"""A workflow's requests as test code: constants, values made fresh, values taken from earlier answers.

A value that differs between runs is data flow where an earlier answer returned it, and is made
fresh where none did. A flow that cannot be written truly raises CannotRender, and no test is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from ripstop.backfill import leaves as parts
from ripstop.backfill.encode import Call, CannotRender, Merged, Raw, escaped, identifier, statement, template
from ripstop.backfill.leaves import Leaf, Place
from ripstop.backfill.words import maker, noun
from ripstop.model.experiment import Baseline, Experiment, StepBaseline
from ripstop.model.http import Exchange, Request

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_BODILESS = frozenset({"get", "delete", "head", "options"})
_SAMPLES = 6
_SHORTEST_TOKEN = 8
_TAKEN = frozenset(
    {"service", "seams", "faults", "fault", "pytest", "response", "retry", "broken", "uuid4", "os"}
)


@dataclass(frozen=True, slots=True)
class Step:
    """One request as code. ``setup`` are statements before it, ``taken`` those after it that later
    requests need; ``answer`` names its answer where an earlier step's is kept."""

    name: str
    call: Call
    setup: tuple[str, ...]
    taken: tuple[str, ...]
    answer: str
    status: int | None


@dataclass(frozen=True, slots=True)
class Flow:
    """A workflow's steps as code, the module constants they use, and the environment variables
    that stand in for secrets (name and recorded value)."""

    steps: tuple[Step, ...]
    constants: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    write: Callable[[int, Request, str], Step] | None = None

    def altered(self, name: str, request: Request, fixture: str = "") -> Step:
        """A step whose request has something changed, written out in full. Raises CannotRender.

        ``fixture`` names one that gives headers to send besides.
        """
        for index, one in enumerate(self.steps):
            if one.name == name and self.write is not None:
                return self.write(index, request, fixture)
        raise CannotRender(f"its step {name!r} is not among the baseline's")

    def step(self, name: str) -> Step:
        """Raises CannotRender for a step the baseline does not know."""
        for one in self.steps:
            if one.name == name:
                return one
        raise CannotRender(f"its step {name!r} is not among the baseline's")

    def before(self, name: str, instead: Step | None = None) -> list[str]:
        """The statements that lead up to a step's request, or to another one in its place."""
        lines: list[str] = []
        for one in self.steps:
            if one.name == name:
                return lines + list((instead or one).setup)
            lines += one.setup
            lines.append(statement(f"{one.answer} = ", one.call))
            lines += [f"    assert {one.answer}.status_code == {one.status}"]
            lines += one.taken
        return lines


def flow_of(baseline: Baseline, records: Iterable[Experiment], slug: str) -> Flow:
    """The requests of a workflow as code. ``records`` are other runs of it, for comparison.

    Raises CannotRender where a value that differs between runs can be neither found nor made.
    """
    longest = sorted(records, key=lambda record: -len(record.exchanges))[:_SAMPLES]
    runs = [{exchange.step: exchange for exchange in record.exchanges} for record in longest]
    writer = _Writer(baseline, runs, identifier(slug, "workflow").upper())
    writer.resolve()
    steps = tuple(writer.step(index) for index in range(len(baseline.steps)))
    return Flow(steps, writer.constants, writer.secrets, writer.altered)


@dataclass(slots=True)
class _Writer:
    """Names and decisions made while a workflow is written."""

    baseline: Baseline
    runs: list[dict[str, Exchange]]
    prefix: str
    constants: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=lambda: set(_TAKEN))
    dynamic: list[dict[Place, str | Raw]] = field(default_factory=list)
    taken: dict[int, list[str]] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    fetched: dict[tuple[int, str], str] = field(default_factory=dict)
    recorded: list[dict[Place, Any]] = field(default_factory=list)
    inline: bool = False

    def resolve(self) -> None:
        """Decide, for every value of every request, what stands for it."""
        for step in self.baseline.steps:
            self.answers.append(self._name(f"{noun(step.exchange.request)}_response"))
        uses = Counter(str(leaf.value) for leaf in self._fresh_leaves())
        for index, step in enumerate(self.baseline.steps):
            loose = self._loose(step)
            found: dict[Place, str | Raw] = {}
            for leaf in parts.leaves(step.exchange.request):
                if (code := self._code(index, leaf, loose, uses)) is not None:
                    found[leaf.place] = code
            self.dynamic.append(found)
            self.recorded.append({x.place: x.value for x in parts.leaves(step.exchange.request)})

    def altered(self, index: int, request: Request, fixture: str) -> Step:
        """A step as code whose request is not the recorded one. No constant is made for it."""
        self.inline = True
        try:
            return self.step(index, request, fixture)
        finally:
            self.inline = False

    def step(self, index: int, altered: Request | None = None, fixture: str = "") -> Step:
        base = self.baseline.steps[index]
        request = altered or base.exchange.request
        setup = [text for value, text in self.made.items() if self.first.get(value) == index]
        keywords, body = self._body(index, request)
        setup += body
        headers = self._headers(index, request)
        if headers or fixture:
            shown = Merged(fixture, headers) if fixture and headers else Raw(fixture) if fixture else headers
            keywords = [*keywords, ("headers", shown)]
        method = request.method.lower()
        target = Raw(self._target(index, request.target))
        bodiless = method in _BODILESS and any(name != "headers" for name, _ in keywords)
        if method in _METHODS and not bodiless:
            call = Call(f"service.{method}", [target], keywords)
        else:
            call = Call("service.request", [request.method, target], keywords)
        return Step(
            base.name,
            call,
            tuple(setup),
            tuple(self.taken.get(index, ())),
            self.answers[index],
            base.exchange.answer.status,
        )

    def _loose(self, step: StepBaseline) -> frozenset[Place]:
        others = [run[step.name].request for run in self.runs if step.name in run]
        return parts.differing(step.exchange.request, others) | self._key_place(step)

    def _key_place(self, step: StepBaseline) -> frozenset[Place]:
        where, _, name = (self.baseline.idempotency_key or "").partition(":")
        wanted = ("header", name.lower()) if where == "header" else ("json", f"/{name}")
        there = (leaf.place for leaf in parts.leaves(step.exchange.request))
        return frozenset(place for place in there if name and place == wanted)

    def _fresh_leaves(self) -> Iterable[Leaf]:
        for step in self.baseline.steps:
            loose = self._loose(step)
            yield from (leaf for leaf in parts.leaves(step.exchange.request) if leaf.place in loose)

    def _code(self, index: int, leaf: Leaf, loose: frozenset[Place], uses: Counter[str]) -> str | Raw | None:
        """The expression for a value; None where it can be written as it is."""
        if leaf.value is None or isinstance(leaf.value, bool | dict | list) or leaf.value == "":
            return None
        if (found := self._from_answers(index, leaf)) is not None:
            return found
        if leaf.place[1] == "cookie" and leaf.place[0] == "header":
            return self._cookie(index, leaf)
        if leaf.place in loose and isinstance(leaf.value, str):
            return self._fresh(index, leaf, uses)
        return self._secret(index, leaf) if leaf.secret else None

    def _from_answers(self, index: int, leaf: Leaf) -> Raw | None:
        for before in reversed(range(index)):
            step = self.baseline.steps[before]
            content = step.exchange.answer.json()
            for at, name, value in parts.json_leaves(content):
                if at not in step.volatile_body or value is None or isinstance(value, bool | dict | list):
                    continue
                if _same(leaf, value) and self._holds(step.name, at, leaf, index):
                    return Raw(self._fetch(before, at, name))
                if leaf.place[0] == "header" and _inside(leaf.value, value):
                    start, _, end = leaf.value.partition(str(value))
                    return Raw(template([start, Raw(self._fetch(before, at, name)), end]))
        return None

    def _holds(self, source: str, at: str, leaf: Leaf, index: int) -> bool:
        """Whether other runs took the value from the same place, as far as they tell."""
        target = self.baseline.steps[index].name
        for run in self.runs:
            if source not in run or target not in run:
                continue
            given = {a: v for a, _, v in parts.json_leaves(run[source].answer.json())}.get(at)
            sent = next((x for x in parts.leaves(run[target].request) if x.place == leaf.place), None)
            if sent is not None and given is not None and not _same(sent, given):
                return False
        return True

    def _fetch(self, before: int, at: str, name: str) -> str:
        """A variable that holds a value of an earlier answer; assigned right after that answer."""
        if (before, at) not in self.fetched:
            about = noun(self.baseline.steps[before].exchange.request)
            variable = self._name(f"{about}_{identifier(name, 'value')}")
            keys = "".join(f"[{_key(token)}]" for token in at.split("/")[1:])
            self.taken.setdefault(before, []).append(f"    {variable} = {self.answers[before]}.json(){keys}")
            self.fetched[before, at] = variable
        return self.fetched[before, at]

    def _cookie(self, index: int, leaf: Leaf) -> str | Raw:
        """A cookie that an earlier answer set is sent again by the client itself."""
        for step in self.baseline.steps[:index]:
            for name, value in step.exchange.answer.headers:
                if name.lower() == "set-cookie" and value.partition(";")[0] in leaf.value:
                    return ""
        return self._secret(index, leaf)

    def _fresh(self, index: int, leaf: Leaf, uses: Counter[str]) -> Raw:
        step = self.baseline.steps[index].name
        runs = (parts.leaves(run[step].request) for run in self.runs if step in run)
        others = [str(x.value) for found in runs for x in found if x.place == leaf.place]
        code = maker(leaf.value, others)
        if leaf.place[0] in ("json", "form") and uses[leaf.value] == 1:
            return Raw(code)
        return self._variable(index, leaf, code)

    def _variable(self, index: int, leaf: Leaf, code: str) -> Raw:
        """A name for a value that is used more than once, assigned before its first use."""
        value = str(leaf.value)
        if value not in self.made:
            name = self._name(identifier(leaf.name, "") or f"{leaf.place[0]}_id")
            self.made[value] = f"    {name} = {code}"
            self.first[value] = index
        return Raw(self.made[value].split(" = ")[0].strip())

    def _secret(self, index: int, leaf: Leaf) -> Raw:
        """A secret is read from the environment when the test runs; it is never written down."""
        name = f"{self.prefix}_{identifier(leaf.name, 'secret').upper()}"
        while self.secrets.get(name, str(leaf.value)) != str(leaf.value):
            name += "_2"
        self.secrets[name] = str(leaf.value)
        code = f'os.environ["{name}"]'
        if leaf.place[0] in ("path", "query"):
            return self._variable(index, leaf, code)
        return Raw(f"int({code})" if isinstance(leaf.value, int) else code)

    def _body(self, index: int, request: Request) -> tuple[list[tuple[str, Any]], list[str]]:
        """The keyword that carries the body, and the statement that makes it."""
        content, fields = parts.body_json(request), parts.form(request)
        if content is not None:
            return self._structured(index, request, "json", content)
        if fields is not None:
            values = {
                name: self._at(index, ("form", str(i)), value) for i, (name, value) in enumerate(fields)
            }
            return self._structured(index, request, "data", values)
        if not request.body:
            return [], []
        text = self._at(index, ("content", ""), request.body.decode("utf-8"))
        return [("content", text)], []

    def _structured(
        self, index: int, request: Request, keyword: str, content: Any
    ) -> tuple[list[tuple[str, Any]], list[str]]:
        filled = self._filled(index, content) if keyword == "json" else content
        about = noun(request)
        if self.inline:
            return [(keyword, filled)], []
        if not _has_code(filled):
            return [(keyword, Raw(self._constant(about, filled)) if filled else filled)], []
        variable = self._name(about)
        value: Any = filled
        if isinstance(filled, dict):
            fixed = {k: v for k, v in filled.items() if not _has_code(v)}
            if fixed:
                moving = {k: v for k, v in filled.items() if k not in fixed}
                value = Merged(self._constant(about, fixed), moving)
        return [(keyword, Raw(variable))], [statement(f"{variable} = ", value)]

    def _filled(self, index: int, content: Any, at: str = "") -> Any:
        if isinstance(content, dict) and content:
            return {
                k: self._filled(index, v, f"{at}/{str(k).replace('~', '~0').replace('/', '~1')}")
                for k, v in content.items()
            }
        if isinstance(content, list) and content:
            return [self._filled(index, v, f"{at}/{i}") for i, v in enumerate(content)]
        return self._at(index, ("json", at), content)

    def _at(self, index: int, place: Place, value: Any) -> Any:
        recorded = self.recorded[index]
        if place in recorded and recorded[place] == value and type(recorded[place]) is type(value):
            return self.dynamic[index].get(place, value)
        leaf = Leaf(place, place[1].rpartition("/")[2], value)
        return self._secret(index, leaf) if isinstance(value, str) and leaf.secret else value

    def _headers(self, index: int, request: Request) -> dict[str, Any]:
        found = {}
        for name, value in parts.extra_headers(request):
            code = self._at(index, ("header", name.lower()), value)
            if code != "":
                found[name] = code
        kind = request.header("content-type")
        if kind and request.body and parts.body_json(request) is None and parts.form(request) is None:
            found["Content-Type"] = kind
        return found

    def _target(self, index: int, target: str) -> str:
        shown: list[str | Raw] = []
        for place, text in parts.pieces(target):
            code = self._at(index, place, unquote(text)) if place else None
            shown.append(code if isinstance(code, Raw) else text)
        return template(shown)

    def _constant(self, about: str, value: Any) -> str:
        name = about.upper()
        number = 1
        while name in self.constants and parts.dumped(self.constants[name]) != parts.dumped(value):
            number += 1
            name = f"{about.upper()}_{number}"
        self.constants[name] = value
        return name

    def _name(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self.names:
            number += 1
            name = f"{wanted}_{number}"
        self.names.add(name)
        return name


def _same(leaf: Leaf, value: Any) -> bool:
    if leaf.place[0] == "json":
        return type(leaf.value) is type(value) and leaf.value == value
    return str(leaf.value) == str(value)


def _inside(text: Any, value: Any) -> bool:
    return isinstance(value, str) and len(value) >= _SHORTEST_TOKEN and value in str(text)


def _has_code(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_code(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_has_code(inner) for inner in value)
    return isinstance(value, Raw)


def _key(token: str) -> str:
    plain = token.replace("~1", "/").replace("~0", "~")
    return plain if plain.isdigit() else f'"{escaped(plain)}"'
