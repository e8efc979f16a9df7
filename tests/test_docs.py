"""The pages people read: complete, true to the code where it can be asked, and leading somewhere."""

from __future__ import annotations

import dataclasses
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ripstop import config
from ripstop.cli.main import VERBS
from ripstop.config import keys as keys_of
from ripstop.config.loading import read_config
from ripstop.config.values import Reader
from ripstop.doubles.loading import BUILT_IN, OF_FILE
from ripstop.model.survey import Stake
from ripstop.suite.workflows import MARKER

ROOT = Path(__file__).parents[1]
GUIDES = ROOT / "docs" / "guides"
PAGES = sorted([*ROOT.glob("*.md"), *GUIDES.glob("*.md"), *(ROOT / "docs" / "decisions").glob("*.md")])
OURS = [page for page in PAGES if page.parent == GUIDES or page.name == "README.md"]
SECTIONS: Mapping[str, tuple[Mapping[str, Reader], type]] = {
    "Top level": (keys_of.TOP, config.Config),
    "The service": (keys_of.SERVICE, config.ServiceConfig),
    "Workflows": (keys_of.WORKFLOW, Stake),
    "Processes": (keys_of.PROCESS, config.ProcessConfig),
    "Postgres": (keys_of.SEAM["postgres"], config.SeamConfig),
    "HTTP": (keys_of.SEAM["http"], config.SeamConfig),
    "Redis": (keys_of.SEAM["redis"], config.SeamConfig),
    "SMTP": (keys_of.SEAM["smtp"], config.SeamConfig),
}


def section(text: str, title: str) -> str:
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def keys(text: str, title: str) -> dict[str, str]:
    """The keys of a section's table, each with its default as it is printed."""
    return dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|", section(text, title), re.MULTILINE))


def missing(text: str, title: str) -> set[str]:
    """Keys that one of the page and the code has and the other has not."""
    seam = title in ("Postgres", "HTTP", "Redis", "SMTP")
    shared = set(keys(text, "Every seam")) if seam else set()
    return (shared | set(keys(text, title))) ^ set(SECTIONS[title][0])


def printed(default: Any) -> str:
    """A default as the page prints it."""
    if default is None:
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, float):
        return f"`{default:g}`"
    if isinstance(default, tuple):
        return "`[]`"
    return f'`"{default}"`' if isinstance(default, str) else f"`{default}`"


def defaults(kind: type) -> dict[str, str]:
    found = {}
    for one in dataclasses.fields(kind):
        made = one.default_factory() if one.default_factory is not dataclasses.MISSING else one.default
        found[one.name] = "required" if made is dataclasses.MISSING else printed(made)
    return found


def configuration_page() -> str:
    return (GUIDES / "configuration.md").read_text()


@pytest.mark.parametrize("title", SECTIONS)
def test_the_reference_names_every_key_and_no_other(title: str) -> None:
    assert missing(configuration_page(), title) == set()


@pytest.mark.parametrize("title", SECTIONS)
def test_a_key_taken_from_the_reference_is_missed(title: str) -> None:
    page = configuration_page()
    gone = next(iter(keys(page, title)))

    assert gone in missing(page.replace(f"| `{gone}` |", "| |"), title)


@pytest.mark.parametrize("title", SECTIONS)
def test_the_reference_tells_each_default_as_it_is(title: str) -> None:
    real = defaults(SECTIONS[title][1]) | ({"seams": "`{}`"} if title == "Top level" else {})
    told = keys(configuration_page(), title)

    assert told == {key: real[key] for key in told}


def test_the_reference_names_every_field_of_a_template() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (`.+`) \|$", section(configuration_page(), "Templates"), re.MULTILINE)

    assert {name: tuple(re.findall(r"`(\w+)`", fields)) for name, fields in rows} == config.SEAM_FIELDS


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Each fenced block of a language in our pages, with a name to find it by."""
    for page in OURS:
        found = re.findall(rf"^ *```{language}\n(.*?)^ *```", page.read_text(), re.MULTILINE | re.DOTALL)
        for number, text in enumerate(found, 1):
            yield f"{page.stem}-{number}", textwrap.dedent(text)


PROTOCOLS = {"db": "postgres", "cache": "redis", "mail": "smtp"}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in blocks("toml")])
def test_every_configuration_shown_is_one_that_is_understood(text: str) -> None:
    tables = tomllib.loads(text)["tool"]["ripstop"]
    tables.setdefault("service", {}).setdefault("command", "python app.py")
    for name in re.findall(r"\{seams\.(\w+)\.", text):
        tables.setdefault("seams", {}).setdefault(name, {"protocol": PROTOCOLS.get(name, "http")})

    assert read_config(tables, ROOT / "pyproject.toml", "tool.ripstop").service.command


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in blocks("python")])
def test_every_piece_of_python_shown_is_python(text: str) -> None:
    compile(text, "<page>", "exec")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", OURS, ids=lambda page: page.name)
def test_a_page_stays_short(page: Path) -> None:
    assert len(page.read_text().splitlines()) <= (130 if page.name == "README.md" else 120)


def test_every_guide_is_reached_from_the_first_page() -> None:
    first = (ROOT / "README.md").read_text()

    assert [page.name for page in GUIDES.glob("*.md") if f"docs/guides/{page.name}" not in first] == []


def test_every_verb_double_and_argument_of_the_marker_has_its_place_in_a_page() -> None:
    text = "\n".join(page.read_text() for page in OURS)
    verbs = [verb for verb in VERBS if f"ripstop {verb}" not in text]
    doubles = [name for name in [*BUILT_IN, *OF_FILE] if f'"{name}' not in text and name != "upstream"]
    arguments = [name for name in re.findall(r"(\w+)=", MARKER) if f"{name}=" not in text]

    assert (verbs, doubles, arguments) == ([], [], [])


def test_every_extra_has_its_reason() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    decision = (ROOT / "docs" / "decisions" / "0001-runtime-dependencies.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", decision, re.MULTILINE))
    named = {extra: [re.split(r"[<>=~\[]", line)[0] for line in lines] for extra, lines in extras.items()}

    assert {extra: text.strip().split(", ") for extra, text in rows.items()} == named
