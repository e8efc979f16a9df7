"""``[tool.ripstop]`` of a pyproject.toml (or a ripstop.toml), read once into one frozen Config.

Everything a person can get wrong in it is told here, with its place and the nearest right name.
What the values lead to is other rooms' business.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ripstop.errors import UsageError


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """The program under test. ``command`` and ``env`` values are templates ({port}, {seams.db.url}).

    ``port`` 0 lets the kernel choose. ``ready`` is a path that answers below 500 once it serves,
    ``setup`` commands run once, in order, against the real database before the baseline.
    """

    command: str
    ready: str = "/"
    setup: tuple[str, ...] = ()
    port: int = 0
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "."
    start_timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class ProcessConfig:
    """One more process of the service, such as a worker, started after and restarted with it.

    ``command`` and ``env`` are templates as the service's are; ``env`` is laid over the service's own.
    ``ready`` is a text in its log that says it works; without one it is to live while the service starts.
    """

    name: str
    command: str
    ready: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None


@dataclass(frozen=True, slots=True)
class SeamConfig:
    """One seam. Which fields count depends on ``protocol``.

    postgres: ``journal`` (tables that may keep rows when a request fails), ``bindir`` (a local
    installation instead of the embedded server), ``database``, ``user``, ``password``; ``server`` (the
    postgres seam on whose server this is one more database).
    http: ``double`` (``module:attribute``, ``openapi:FILE``, ``cassette:FILE`` or the name of one that
    comes with Ripstop), ``hosts`` (intercepted names), ``retry_cap``; ``webhook`` (the service's path for
    the provider's events) and ``webhook_secret`` (what they are signed with); ``upstream`` (the base URL
    of the real or sandbox server, asked by ``record`` and ``drift`` alone) and ``sandbox`` (requests that
    change something may be sent there).
    redis: ``bindir`` (a local redis-server instead of the embedded one), ``durable`` (patterns of keys
    that must stand after a success; every other key is taken for a cache). smtp: ``tls`` (``starttls``,
    ``implicit`` or ``off``).
    """

    name: str
    protocol: str
    journal: tuple[str, ...] = ()
    bindir: str | None = None
    server: str | None = None
    database: str = "service"
    user: str = "service"
    password: str = "service"  # noqa: S105
    settings: Mapping[str, str] = field(default_factory=dict)
    double: str | None = None
    hosts: tuple[str, ...] = ()
    retry_cap: int = 4
    durable: tuple[str, ...] = ()
    tls: str = "starttls"
    port: int = 0
    webhook: str | None = None
    webhook_secret: str | None = None
    upstream: str | None = None
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a project says about itself. ``root`` is the folder of the file it says it in."""

    root: Path
    service: ServiceConfig
    seams: Mapping[str, SeamConfig]
    processes: Mapping[str, ProcessConfig] = field(default_factory=dict)
    budget_s: float = 5.0
    data_dir: str | None = None
    tests_dir: str = "tests/seams"
    source: Path | None = None


Reader = Callable[[Any, str], Any]
"""Takes a TOML value and its place; answers with what goes into the dataclass, or raises UsageError."""

SEAM_FIELDS: Mapping[str, tuple[str, ...]] = {
    "postgres": ("host", "port", "url", "user", "password", "database"),
    "http": ("host", "port", "url"),
    "redis": ("host", "port", "url"),
    "smtp": ("host", "port", "url", "user", "password"),
}
PLANNED = ("clock",)
_TEMPLATE = re.compile(r"(?<!\$)\{\{([\w.]+)\}\}|(?<!\$)\{([A-Za-z_][\w.-]*)\}")


def load(start: Path) -> Config:
    """The configuration that counts in a folder: the nearest one from there upwards.

    A ``ripstop.toml`` holds its tables at the top and goes before a pyproject.toml beside it; a
    pyproject.toml without ``[tool.ripstop]`` is passed over. Raises UsageError.
    """
    begin = start.resolve()
    for folder in (begin, *begin.parents):
        own, shared = folder / "ripstop.toml", folder / "pyproject.toml"
        if own.is_file():
            return _config(_read(own), own, "")
        if shared.is_file():
            table = _read(shared).get("tool", {})
            if isinstance(table, dict) and "ripstop" in table:
                return _config(table["ripstop"], shared, "tool.ripstop")
    raise UsageError(
        "no-config",
        f"no [tool.ripstop] in any pyproject.toml from {begin} upwards, and no ripstop.toml",
        way_out='begin with [tool.ripstop.service] and command = "uvicorn app:app --port {port}"',
    )


def render(template: str, seams: Mapping[str, Mapping[str, str]], port: int) -> str:
    """Fill in ``{port}`` and ``{seams.NAME.FIELD}``.

    ``{{name}}`` stands for ``{name}`` itself; ``${NAME}`` and braces around anything but a name
    (JSON) stay as they are. Raises UsageError ``bad-template``.
    """
    known = {"port": str(port)}
    known |= {f"seams.{name}.{key}": value for name, fields in seams.items() for key, value in fields.items()}

    def fill(found: re.Match[str]) -> str:
        literal, name = found.groups()
        if literal:
            return f"{{{literal}}}"
        if name not in known:
            raise _bad_template(template, name, known)
        return known[name]

    return _TEMPLATE.sub(fill, template)


def _bad_template(template: str, name: str, known: Iterable[str], place: str = "") -> UsageError:
    where = f"{place}: " if place else ""
    return UsageError(
        "bad-template",
        f"{where}{{{name}}} names nothing{_nearest(name, known, '{{{}}}')}",
        details=[f"in: {template}", f"known: {', '.join(f'{{{one}}}' for one in known)}"],
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        lines = text.splitlines()
        number = int(at.group(1)) if at else len(lines)
        shown = lines[number - 1 : number]
        raise UsageError(
            "malformed-toml",
            f"{path}: {error}",
            details=shown,
            way_out='mend that line; text stands in quotes: protocol = "http"',
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("malformed-toml", f"{path} cannot be read: {error}") from error


def _config(table: Any, path: Path, place: str) -> Config:
    try:
        values = _table(table, place, _TOP)
        service = _service(values.pop("service", {}), _join(place, "service"))
        seams = _seams(values.pop("seams", {}), _join(place, "seams"))
        _check_hosts(seams, _join(place, "seams"))
        processes = _processes(values.pop("processes", {}), _join(place, "processes"))
        known = [
            "port",
            *(f"seams.{s.name}.{key}" for s in seams.values() for key in SEAM_FIELDS[s.protocol]),
        ]
        templates = {"command": service.command, **_env_templates(service.env)}
        templates |= {f"setup[{index}]": command for index, command in enumerate(service.setup)}
        _check_templates(templates, known, _join(place, "service"))
        for one in processes.values():
            templates = {"command": one.command, **_env_templates(one.env)}
            _check_templates(templates, known, _join(place, f"processes.{one.name}"))
    except UsageError as error:
        error.details = (*error.details, f"file: {path}")
        raise
    return Config(root=path.parent, service=service, seams=seams, processes=processes, source=path, **values)


def _service(table: Any, place: str) -> ServiceConfig:
    values = _table(table, place, _SERVICE)
    if "command" not in values:
        raise _without_command(place, "how is the service started?", "uvicorn app:app --port {port}")
    return ServiceConfig(**values)


def _processes(table: Any, place: str) -> dict[str, ProcessConfig]:
    found = {}
    for name, one in _mapping(table, place).items():
        values = _table(one, _join(place, name), _PROCESS)
        if "command" not in values:
            raise _without_command(_join(place, name), "how is it started?", "python -m app.worker")
        found[name] = ProcessConfig(name=name, **values)
    return found


def _without_command(place: str, question: str, example: str) -> UsageError:
    return UsageError(
        "missing-command",
        f"{place}.command is missing: {question}",
        way_out=f'[{place}] command = "{example}"',
    )


def _seams(table: Any, place: str) -> dict[str, SeamConfig]:
    seams = {name: _seam(name, one, _join(place, name)) for name, one in _mapping(table, place).items()}
    databases: dict[tuple[str, str], str] = {}
    for seam in (one for one in seams.values() if one.protocol == "postgres"):
        _check_server(seam, seams, _join(place, seam.name))
        where = (seam.server or seam.name, seam.database)
        if where in databases:
            raise UsageError(
                "same-database",
                f"{_join(place, seam.name)} is the database of {_join(place, databases[where])}",
                way_out=f"give it another, or say {{seams.{databases[where]}.url}} in both places",
            )
        databases[where] = seam.name
    return seams


def _check_server(seam: SeamConfig, seams: Mapping[str, SeamConfig], place: str) -> None:
    """A seam on another's server leaves to that what belongs to the server."""
    if seam.server is None:
        return
    owners = [one.name for one in seams.values() if one.protocol == "postgres" and one.server is None]
    if seam.server not in owners:
        raise UsageError(
            "no-such-server",
            f"{_join(place, 'server')}: {seam.server!r} is no postgres seam with a server"
            f"{_nearest(seam.server, owners)}",
            details=[f"known: {', '.join(owners) or 'none'}"],
        )
    if seam.bindir or seam.settings:
        raise UsageError(
            "servers-own",
            f"{place}: bindir and settings are the server's own",
            way_out=f"write them under {seam.server}",
        )


def _seam(name: str, table: Any, place: str) -> SeamConfig:
    if not name.isidentifier() or name.startswith("_"):
        raise UsageError(
            "bad-seam-name",
            f"{place}: tests say seams.{name}, so it must be a Python name",
            way_out="rename it",
        )
    fields = _mapping(table, place)
    protocol = fields.get("protocol")
    if protocol is None:
        raise UsageError("missing-protocol", f"{place}.protocol is missing", way_out=_protocols())
    readers = _SEAM.get(_text(protocol, _join(place, "protocol")))
    if readers is None:
        later = " (it comes later)" if protocol in PLANNED else _nearest(protocol, _SEAM)
        raise UsageError(
            "unknown-protocol",
            f"{place}.protocol: unknown protocol {protocol!r}{later}",
            way_out=_protocols(),
        )
    return SeamConfig(name=name, **_table(fields, place, readers))


def _protocols() -> str:
    return f"one of {', '.join(_SEAM)}"


def _check_hosts(seams: Mapping[str, SeamConfig], place: str) -> None:
    """A host leads to one seam."""
    owners: dict[str, str] = {}
    for seam in seams.values():
        for host in seam.hosts:
            owner = owners.setdefault(host.lower(), seam.name)
            if owner != seam.name:
                raise UsageError(
                    "host-taken",
                    f"{_join(place, seam.name)}.hosts: {host!r} is intercepted by the seam {owner!r} already",
                )


def _env_templates(env: Mapping[str, str]) -> dict[str, str]:
    return {f"env.{name}": value for name, value in env.items()}


def _check_templates(templates: Mapping[str, str], known: Sequence[str], place: str) -> None:
    """Every template names what there is, before anything is started."""
    for key, template in templates.items():
        for _, name in _TEMPLATE.findall(template):
            if name and name not in known:
                raise _bad_template(template, name, known, _join(place, key))


def _table(table: Any, place: str, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """A table's values, each read by its key's reader."""
    values = {}
    for key, value in _mapping(table, place).items():
        if key not in readers:
            raise UsageError(
                "unknown-key",
                f"{place or 'top level'}: unknown key {key!r}{_nearest(key, readers)}",
                details=[f"known: {', '.join(readers)}"],
            )
        values[key] = readers[key](value, _join(place, key))
    return values


def _nearest(name: str, known: Iterable[str], form: str = "{!r}") -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {form.format(near[0])}?" if near else ""


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


_NAMES = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "a list",
    dict: "a table",
}


def _wrong(place: str, expected: str, value: object) -> UsageError:
    shown = repr(value) if isinstance(value, str | int | float) else ""
    got = _NAMES.get(type(value), f"a {type(value).__name__}")
    return UsageError("wrong-type", f"{place}: expected {expected}, got {got} {shown}".rstrip())


def _mapping(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(place, "a table", value)
    return dict(value)


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong(place, "a string that is not empty", value)
    return value


def _path(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.startswith("/"):
        raise _wrong(place, "a path that begins with /", value)
    return value


def _double(value: Any, place: str) -> str:
    """A form that can name a double; whether one is there, its loading says."""
    if not isinstance(value, str) or not re.fullmatch(r"[\w-]+|(?!upstream:)[\w.]+:\S.*", value):
        raise _wrong(place, "module:attribute, openapi:FILE, cassette:FILE or a double's name", value)
    return value


def _url(value: Any, place: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^/\s?#]+[^\s?#]*", value):
        raise _wrong(place, "a URL that begins with http:// or https://", value)
    return value.rstrip("/")


def _flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(place, "true or false", value)
    return value


def _texts(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _wrong(place, "a list of strings", value)
    return tuple(_text(one, f"{place}[{index}]") for index, one in enumerate(value))


def _commands(value: Any, place: str) -> tuple[str, ...]:
    return (_text(value, place),) if isinstance(value, str) else _texts(value, place)


def _strings(value: Any, place: str) -> dict[str, str]:
    """A table of strings; a number in it is as good as its digits."""
    found = {}
    for key, one in _mapping(value, place).items():
        if isinstance(one, bool) or not isinstance(one, str | int | float):
            raise _wrong(_join(place, key), "a string", one)
        found[key] = str(one)
    return found


def _settings(value: Any, place: str) -> dict[str, str]:
    """As ``_strings``; PostgreSQL writes its booleans on and off."""
    words = {True: "on", False: "off"}
    table = _mapping(value, place)
    return _strings({key: words[one] if isinstance(one, bool) else one for key, one in table.items()}, place)


def _whole(low: int, high: int) -> Reader:
    def read(value: Any, place: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _wrong(place, f"an integer from {low} to {high}", value)
        return value

    return read


def _one_of(*words: str) -> Reader:
    def read(value: Any, place: str) -> str:
        if value not in words:
            raise _wrong(place, f"one of {', '.join(words)}", value)
        return str(value)

    return read


def _seconds(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 86_400:
        raise _wrong(place, "a number of seconds above 0", value)
    return float(value)


def _as_is(value: Any, place: str) -> Any:
    return _mapping(value, place)


_TOP: Mapping[str, Reader] = {
    "service": _as_is,
    "seams": _as_is,
    "processes": _as_is,
    "budget_s": _seconds,
    "data_dir": _text,
    "tests_dir": _text,
}
_SERVICE: Mapping[str, Reader] = {
    "command": _text,
    "ready": _path,
    "setup": _commands,
    "port": _whole(0, 65_535),
    "env": _strings,
    "cwd": _text,
    "start_timeout_s": _seconds,
}
_PROCESS: Mapping[str, Reader] = {"command": _text, "ready": _text, "env": _strings, "cwd": _text}
_SEAM: Mapping[str, Mapping[str, Reader]] = {
    "postgres": {
        "protocol": _text,
        "journal": _texts,
        "bindir": _text,
        "server": _text,
        "database": _text,
        "user": _text,
        "password": _text,
        "settings": _settings,
        "port": _whole(0, 65_535),
    },
    "http": {
        "protocol": _text,
        "double": _double,
        "hosts": _texts,
        "retry_cap": _whole(1, 1_000),
        "port": _whole(0, 65_535),
        "webhook": _path,
        "webhook_secret": _text,
        "upstream": _url,
        "sandbox": _flag,
    },
    "redis": {"protocol": _text, "bindir": _text, "durable": _texts, "port": _whole(0, 65_535)},
    "smtp": {
        "protocol": _text,
        "tls": _one_of("starttls", "implicit", "off"),
        "port": _whole(0, 65_535),
    },
}
