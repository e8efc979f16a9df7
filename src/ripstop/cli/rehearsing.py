"""The stage on which `ripstop init` tries its drafts: the real rig, a draft at a time on fresh state."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote
from uuid import uuid4

import httpx

from ripstop import config as configuration
from ripstop.doubles.double import Double
from ripstop.errors import ExperimentError
from ripstop.model.http import Request
from ripstop.model.state import ColumnRule, Observation
from ripstop.rig.caller import NoAnswer
from ripstop.rig.rig import Rig
from ripstop.scaffold.doubling import hosts
from ripstop.scaffold.drafts import Draft, Found, Fresh, Given, Joined, Row, Seen, Send, Step
from ripstop.scaffold.plan import Plan
from ripstop.scaffold.testfile import taken

_TEXT = 2_000
_WORDS_S, _SILENT_S, _POLL_S = 1.5, 0.2, 0.01
_LATE_S = 0.5
"""How long to wait for what a thread does after the answer, where nothing else was left."""


class NotPrepared(Exception):
    """A step of the preparation did not work; ``step`` names it."""

    def __init__(self, step: str, status: int | None, text: str, body: Any = None) -> None:
        super().__init__(text)
        self.step, self.status, self.text, self.body = step, status, text, body


@dataclass(slots=True)
class Rehearsal:
    """One rig at a time. ``write`` puts a plan's files in their places before it is started."""

    root: Path
    write: Callable[[Plan], None]
    starts: int = 0
    _rig: Rig | None = None
    _refused: int = 0

    def open(self, plan: Plan) -> None:
        """Write the plan down and start it. Raises StartError or UsageError."""
        self.close()
        self.write(plan)
        self._forget()
        self.starts += 1
        self._rig = Rig.start(configuration.load(self.root))

    def close(self) -> None:
        if self._rig is not None:
            self._rig.close()
        self._rig = None

    @property
    def rig(self) -> Rig:
        assert self._rig is not None, "open comes first"
        return self._rig

    def columns(self) -> tuple[ColumnRule, ...]:
        return tuple(rule for one in self.rig.databases.values() for rule in one.columns())

    def attempt(self, draft: Draft) -> Seen:
        """Prepare, send, look, take everything back."""
        rig = self.rig
        rig.settle()
        rig.begin()
        rig.mark()
        mark, outbound = rig.service.mark, rig.parts.outbound
        before = len(outbound.refused()) if outbound else 0
        arranged: dict[str, Any] = {}
        try:
            seen = self._played(draft, arranged)
            if (seen.status or 0) >= 500 or (seen.status is None and not seen.broken):
                _wait_for_words(rig, mark)
        finally:
            log = rig.service.lines_since(mark)
            heard = {name: _heard(double) for name, double in rig.parts.doubles.items()}
            refusals = tuple(str(one) for s in rig.parts.stands.values() for one in s.refused())
            self._clean()
        kept = hosts((one.host, one.port) for one in (outbound.refused() if outbound else ())[before:])
        return replace(seen, arranged=arranged, log=log, heard=heard, refusals=refusals, kept_from=kept)

    def _played(self, draft: Draft, arranged: dict[str, Any]) -> Seen:
        rig = self.rig
        with rig.client() as client:
            try:
                for step in draft.arrange:
                    arranged[step.name] = self._prepared(step, client, arranged)
            except NotPrepared as problem:
                return Seen(problem.status, problem.body, problem.text[:_TEXT], broken=problem.step)
            rig.enter_call()
            try:
                response = _sent(draft.act, client, arranged)
            except NoAnswer as problem:
                return Seen(None, None, str(problem))
            rig.settle()
            observed, late = _observed(rig) if response.is_success else (rig.observe(), False)
            return Seen(
                response.status_code,
                _json(response),
                response.text[:_TEXT],
                dict(response.headers),
                changes=observed.changes,
                effects=observed.effects,
                late=late,
            )

    def _prepared(self, step: Step, client: httpx.Client, arranged: Mapping[str, Any]) -> Any:
        """What a step gives: the row, or the answer's JSON. Raises NotPrepared."""
        if not isinstance(step, Send):
            return self._row(step, arranged)
        try:
            response = _sent(step, client, arranged)
        except NoAnswer as error:
            raise NotPrepared(step.name, None, str(error)) from error
        if not response.is_success:
            raise NotPrepared(step.name, response.status_code, response.text, _json(response))
        return _json(response)

    def _row(self, step: Row | Found, arranged: Mapping[str, Any]) -> Mapping[str, Any]:
        seam = next(iter(self.rig.databases))
        values = step.values if isinstance(step, Row) else step.where
        given = {name: resolved(one, arranged) for name, one in values.items()}
        try:
            if isinstance(step, Row):
                return self.rig.insert(seam, step.table, given)
            self.rig.settle()
            return self.rig.databases[seam].row(step.table, **given)
        except (ExperimentError, LookupError) as error:
            details = " ".join(getattr(error, "details", ()))
            raise NotPrepared(step.name, None, f"{error} {details}") from error

    def _clean(self) -> None:
        rig = self.rig
        rig.heal()
        rig.revive()
        if rig.settle():
            rig.restart()
        rig.reset()

    def _forget(self) -> None:
        """Modules of the project's own that were loaded for doubles, so that they are read anew."""
        sys.dont_write_bytecode = True
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            paths = list(getattr(module, "__path__", ())) if file is None else [file]
            inside = any(Path(str(path)).is_relative_to(self.root) for path in paths)
            if inside and not name.startswith("ripstop") and "site-packages" not in str(paths):
                del sys.modules[name]


def _observed(rig: Rig) -> tuple[Observation, bool]:
    """What a request left, and whether that came late: where it left nothing, a thread may be about to."""
    end = time.monotonic() + _LATE_S
    waited = False
    while not ((observed := rig.observe()).changes or observed.effects) and time.monotonic() < end:
        time.sleep(_POLL_S)
        rig.settle()
        waited = True
    return observed, waited and bool(observed.changes or observed.effects)


def _wait_for_words(rig: Rig, mark: int) -> None:
    """A server tells of an error after it has answered: wait until its log has been silent for a while."""
    end = time.monotonic() + _WORDS_S
    last, lines = time.monotonic(), len(rig.service.lines_since(mark))
    while time.monotonic() < min(end, last + _SILENT_S):
        time.sleep(_POLL_S)
        if (now := len(rig.service.lines_since(mark))) != lines:
            last, lines = time.monotonic(), now


def _sent(send: Send, client: httpx.Client, arranged: Mapping[str, Any]) -> httpx.Response:
    params = {name: quote(str(resolved(one, arranged)), safe="") for name, one in send.params.items()}
    path = send.path
    for name, one in params.items():
        path = path.replace(f"{{{name}}}", one)
    return client.request(
        send.method,
        path,
        params=_texts(send.query, arranged) or None,
        headers=_texts(send.headers, arranged),
        json=plain(resolved(send.json, arranged)) if send.form is None else None,
        data=_texts(send.form, arranged) if send.form is not None else None,
    )


def _texts(values: Mapping[str, Any], arranged: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(resolved(one, arranged)) for name, one in values.items()}


def resolved(value: Any, arranged: Mapping[str, Any]) -> Any:
    """A draft's value with what earlier steps gave in it."""
    if isinstance(value, Fresh):
        return str(uuid4())
    if isinstance(value, Given):
        return taken(arranged, value.step, value.path)
    if isinstance(value, Joined):
        return "".join(str(resolved(one, arranged)) for one in value.parts)
    if isinstance(value, Mapping):
        return {name: resolved(one, arranged) for name, one in value.items()}
    return [resolved(one, arranged) for one in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """What JSON can hold: a UUID or a date of a row as its text."""
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _json(response: httpx.Response) -> Any:
    with suppress(ValueError):
        return response.json()
    return None


def _heard(double: Double) -> tuple[tuple[str, Any], ...]:
    return tuple(_exchange(double, one.request) for one in double.heard)


def _exchange(double: Double, request: Request) -> tuple[str, Any]:
    body: Any = None
    with suppress(ValueError):
        body = json.loads(request.body) if request.body else None
    if body is None and request.body:
        body = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    return double.operation(request.method, request.target) or f"{request.method} {request.path}", body
