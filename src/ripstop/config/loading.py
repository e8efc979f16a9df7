"""From a file to a Config: where it is found, what must fit together in it. Values are read by `values`."""

from __future__ import annotations

import contextlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ripstop.config.keys import PROCESS, SEAM, SEAM_FIELDS, SERVICE, TOP, WORKFLOW
from ripstop.config.nouns import Config, ProcessConfig, SeamConfig, ServiceConfig
from ripstop.config.values import a_mapping, a_text, join, nearest, read_table
from ripstop.errors import UsageError
from ripstop.model.survey import Place, Stake

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
            return read_config(_read(own), own, "")
        if shared.is_file():
            table = _read(shared).get("tool", {})
            if isinstance(table, dict) and "ripstop" in table:
                return read_config(table["ripstop"], shared, "tool.ripstop")
    raise UsageError(
        "no-config",
        f"no [tool.ripstop] in any pyproject.toml from {begin} upwards, and no ripstop.toml",
        way_out='begin with [tool.ripstop.service] and command = "uvicorn app:app --port {port}"',
    )


def stakes(start: Path) -> Mapping[str, Stake]:
    """What ``[tool.ripstop.workflows]`` says, by operation or name, also where no service is configured yet.

    Empty where there is no configuration at all. Raises UsageError.
    """
    begin = start.resolve()
    for folder in (begin, *begin.parents):
        own, shared = folder / "ripstop.toml", folder / "pyproject.toml"
        path, place = (own, "") if own.is_file() else (shared, "tool.ripstop")
        table = _read(path) if path.is_file() else {}
        tables = table if path is own else table.get("tool", {}).get("ripstop")
        if isinstance(tables, dict) and (tables or path is own):
            return _stakes_of(tables, path, place)
    return {}


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
        f"{where}{{{name}}} names nothing{nearest(name, known, '{{{}}}')}",
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


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Complaints name the file."""
    try:
        yield
    except UsageError as error:
        error.details = (*error.details, f"file: {path}")
        raise


def read_config(table: Any, path: Path, place: str) -> Config:
    """A Config from its tables, which stand at ``place`` in that file. Raises UsageError."""
    with _told(path):
        return _checked(table, path, place)


def _stakes_of(table: Mapping[str, Any], path: Path, place: str) -> Mapping[str, Stake]:
    with _told(path):
        return _stakes(table.get("workflows", {}), join(place, "workflows"), path)


def _checked(table: Any, path: Path, place: str) -> Config:
    values = read_table(table, place, TOP)
    service = _service(values.pop("service", {}), join(place, "service"))
    seams = _seams(values.pop("seams", {}), join(place, "seams"))
    _check_hosts(seams, join(place, "seams"))
    _check_clocks(seams, join(place, "seams"))
    processes = _processes(values.pop("processes", {}), join(place, "processes"))
    workflows = _stakes(values.pop("workflows", {}), join(place, "workflows"), path)
    known = [
        "port",
        *(f"seams.{s.name}.{key}" for s in seams.values() for key in SEAM_FIELDS.get(s.protocol, ())),
    ]
    templates = {"command": service.command, **_env_templates(service.env)}
    templates |= {f"setup[{index}]": command for index, command in enumerate(service.setup)}
    _check_templates(templates, known, join(place, "service"))
    for one in processes.values():
        templates = {"command": one.command, **_env_templates(one.env)}
        _check_templates(templates, known, join(place, f"processes.{one.name}"))
    return Config(
        root=path.parent,
        service=service,
        seams=seams,
        processes=processes,
        workflows=workflows,
        source=path,
        **values,
    )


def _service(table: Any, place: str) -> ServiceConfig:
    values = read_table(table, place, SERVICE)
    if "command" not in values:
        raise _without_command(place, "how is the service started?", "uvicorn app:app --port {port}")
    return ServiceConfig(**values)


def _stakes(table: Any, place: str, path: Path) -> dict[str, Stake]:
    """Stakes by operation or name, each with the line of its table's heading (else line 1)."""
    found = {}
    for name, one in a_mapping(table, place).items():
        here = f"{place}.{name!r}"
        if re.match(r"[a-z]+ /|/", name):
            method, _, rest = name.rpartition(" ")
            raise UsageError(
                "bad-workflow",
                f"{here}: an operation is a method in capitals and a path",
                way_out=f'write [{place}."{method.upper() or "POST"} {rest}"]',
            )
        line = _heading(name, path)
        found[name] = Stake(**read_table(one, here, WORKFLOW), said_at=Place(path.name, line))
    return found


def _heading(name: str, path: Path) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((n for n, text in enumerate(lines, 1) if text.startswith("[") and name in text), 1)


def _processes(table: Any, place: str) -> dict[str, ProcessConfig]:
    found = {}
    for name, one in a_mapping(table, place).items():
        values = read_table(one, join(place, name), PROCESS)
        if "command" not in values:
            raise _without_command(join(place, name), "how is it started?", "python -m app.worker")
        found[name] = ProcessConfig(name=name, **values)
    return found


def _without_command(place: str, question: str, example: str) -> UsageError:
    return UsageError(
        "missing-command",
        f"{place}.command is missing: {question}",
        way_out=f'[{place}] command = "{example}"',
    )


def _seams(table: Any, place: str) -> dict[str, SeamConfig]:
    seams = {name: _seam(name, one, join(place, name)) for name, one in a_mapping(table, place).items()}
    databases: dict[tuple[str, str], str] = {}
    for seam in (one for one in seams.values() if one.protocol == "postgres"):
        _check_server(seam, seams, join(place, seam.name))
        where = (seam.server or seam.name, seam.database)
        if where in databases:
            raise UsageError(
                "same-database",
                f"{join(place, seam.name)} is the database of {join(place, databases[where])}",
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
            f"{join(place, 'server')}: {seam.server!r} is no postgres seam with a server"
            f"{nearest(seam.server, owners)}",
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
    fields = a_mapping(table, place)
    protocol = fields.get("protocol")
    if protocol is None:
        raise UsageError("missing-protocol", f"{place}.protocol is missing", way_out=_protocols())
    readers = SEAM.get(a_text(protocol, join(place, "protocol")))
    if readers is None:
        raise UsageError(
            "unknown-protocol",
            f"{place}.protocol: unknown protocol {protocol!r}{nearest(protocol, SEAM)}",
            way_out=_protocols(),
        )
    return SeamConfig(name=name, **read_table(fields, place, readers))


def _protocols() -> str:
    return f"one of {', '.join(SEAM)}"


def _check_hosts(seams: Mapping[str, SeamConfig], place: str) -> None:
    """A host leads to one seam."""
    owners: dict[str, str] = {}
    for seam in seams.values():
        for host in seam.hosts:
            owner = owners.setdefault(host.lower(), seam.name)
            if owner != seam.name:
                raise UsageError(
                    "host-taken",
                    f"{join(place, seam.name)}.hosts: {host!r} is intercepted by the seam {owner!r} already",
                )


def _check_clocks(seams: Mapping[str, SeamConfig], place: str) -> None:
    """There is one time for all."""
    first, *more = [one.name for one in seams.values() if one.protocol == "clock"] or [""]
    if more:
        raise UsageError(
            "second-clock",
            f"{join(place, more[0])} is a second clock: {join(place, first)} is the time of all processes",
            way_out="leave one of them",
        )


def _env_templates(env: Mapping[str, str]) -> dict[str, str]:
    return {f"env.{name}": value for name, value in env.items()}


def _check_templates(templates: Mapping[str, str], known: Sequence[str], place: str) -> None:
    """Every template names what there is, before anything is started."""
    for key, template in templates.items():
        for _, name in _TEMPLATE.findall(template):
            if name and name not in known:
                raise _bad_template(template, name, known, join(place, key))
