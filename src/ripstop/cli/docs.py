"""``ripstop docs``: a page for each workflow from what was explored, and whether the pages are current."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ripstop import config as configuration
from ripstop.cli import keeping, options, store
from ripstop.cli.explore import configured, session
from ripstop.cli.sharing import write_shared
from ripstop.cli.stdout import own_stdout
from ripstop.config import Config
from ripstop.errors import UsageError
from ripstop.faults import catalogue
from ripstop.model.survey import Stake
from ripstop.oracles import registry
from ripstop.records import cost, pages, regions
from ripstop.records.cost import Assumed
from ripstop.records.failures import Glossary
from ripstop.records.reading import records
from ripstop.report.pages import REASONS
from ripstop.report.terminal import TerminalReport
from ripstop.report.text import clean
from ripstop.scan.testing.reading import read as read_tests
from ripstop.suite import noting

HELP = "write a page for each workflow: its steps, what happens when it breaks, what no test covers"
OUT = "docs/workflows"
STALE = 1
_LINE = 2_000


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it lies there (None for not at all) and as it should be."""

    path: Path
    old: str | None
    new: str


def run(arguments: Sequence[str]) -> int:
    parser = _parser()
    options.add_exploring(parser)
    given, pytest_arguments = parser.parse_known_args(list(arguments))
    config = configured(given)
    out = Path(given.out) if given.out else config.root / OUT
    with own_stdout() as stream:
        known: Mapping[str, object] = store.read_private(config.root, keeping.FILE)
        if given.explore or not known.get("workflows"):
            known = _explored(config, given, pytest_arguments, stream)
        known = _standing(config.root, known, stream)
        found = list(_pages(config, known, out, _assumed(given.rate), force=given.force or given.check))
        gone = _orphans(out, [page.path for page in found])
        if given.check:
            return _check(found, gone, stream)
        _write(found, gone, stream)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ripstop docs",
        description=HELP,
        epilog="What is known comes from the last `ripstop explore`; where there was none, it explores "
        "first, with the same options. exit codes: 0 written or current, 1 --check found stale pages, "
        "2 usage, and those of `ripstop explore` where it cannot explore",
    )
    parser.add_argument("--out", metavar="FOLDER", help=f"where the pages are (default {OUT})")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 and what differs")
    parser.add_argument("--explore", action="store_true", help="explore first, whatever is known")
    parser.add_argument("--force", action="store_true", help="give up what was edited inside the markers")
    kinds = ", ".join(cost.KINDS)
    parser.add_argument(
        "--rate",
        action="append",
        default=[],
        metavar="KIND=NUMBER",
        help=f"assume so many failures in a million crossings; {kinds}; repeatable",
    )
    return parser


def _explored(
    config: Config, given: argparse.Namespace, pytest_arguments: Sequence[str], stream: TextIO
) -> Mapping[str, object]:
    """Explore, and what that left. Raises UsageError (``nothing-explored``)."""
    asked = options.exploring(given, config)
    tally = session(config, asked, pytest_arguments, [TerminalReport(stream)], workers=given.workers)
    known = store.read_private(config.root, keeping.FILE)
    if not known.get("workflows"):
        raise UsageError(
            "nothing-explored",
            "no workflow could be explored, so there is nothing to write",
            details=[f"{one.workflow}: {one.reason}" for one in tally.refused],
            way_out="make one workflow green and stable, then `ripstop explore`",
        )
    return known


def _standing(root: Path, known: Mapping[str, object], stream: TextIO) -> Mapping[str, object]:
    """What was explored without the workflows whose test is gone from its file, each of them named."""
    workflows = known.get("workflows")
    entries = dict(workflows) if isinstance(workflows, Mapping) else {}
    for nodeid in list(entries):
        path, _, test = nodeid.partition("::")
        name = test.rpartition("::")[2].partition("[")[0]
        text = _read(root / path) or ""
        if path.endswith(".py") and f"def {name}(" not in text:
            del entries[nodeid]
            stream.write(f"left out   {clean(nodeid)}: that test is gone\n")
    return {**known, "workflows": entries}


def _assumed(rates: Sequence[str]) -> Assumed:
    """The assumed rates with the command line's own. Raises UsageError (``wrong-rate``)."""
    per_million = dict(cost.PER_MILLION)
    for text in rates:
        kind, _, number = text.partition("=")
        value = _number(number)
        if kind not in cost.KINDS or value is None:
            raise UsageError(
                "wrong-rate",
                f"--rate {text!r} is not understood",
                details=[f"{name}: {what}" for name, what in cost.KINDS.items()],
                way_out="write it as --rate provider=500, at most 1000000",
            )
        per_million[kind] = value
    return Assumed(per_million)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1_000_000 else None


def _pages(
    config: Config, known: Mapping[str, object], out: Path, assumed: Assumed, *, force: bool
) -> Iterator[Page]:
    suite = store.read_private(config.root, noting.FILE)
    found = records(known, suite, _stakes(config.root, known))
    named = pages.file_names(found)
    glossary = _glossary()
    for name, record in named.items():
        yield _page(out / name, *pages.workflow(record, glossary, assumed), force=force)
    yield _page(out / pages.INDEX, *pages.index(named), force=force)


def _stakes(root: Path, known: Mapping[str, object]) -> Mapping[str, Stake]:
    """What markers say, by node id, and the configuration, by operation or name."""
    workflows = known.get("workflows")
    nodeids = list(workflows) if isinstance(workflows, Mapping) else []
    files = sorted({root / nodeid.partition("::")[0] for nodeid in nodeids})
    marked = {test.nodeid: test.stake for test in read_tests(root, files).tests}
    return {**configuration.stakes(root), **marked}


def _page(path: Path, fresh: str, parts: Mapping[str, str], *, force: bool) -> Page:
    old = _read(path)
    if old is None:
        return Page(path, None, fresh)
    merge = regions.forced if force else regions.merged
    return Page(path, old, merge(old, parts, _shown(path)))


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("page-unreadable", f"{path} cannot be read: {error}") from error


def _glossary() -> Glossary:
    faults = {name: _first_sentence(catalogue.page(name)) for name in catalogue.names()}
    return Glossary(faults, {rule.code: rule.title for rule in registry.RULES}, REASONS)


def _first_sentence(page: str) -> str:
    """The paragraph below a page's heading, without markup."""
    paragraphs = page.strip().split("\n\n")
    return " ".join(paragraphs[1].split()).replace("**", "").replace("`", "") if len(paragraphs) > 1 else ""


def _orphans(out: Path, expected: Sequence[Path]) -> list[Path]:
    """Pages of ours that no workflow has any more."""
    others = sorted(path for path in out.glob("*.md") if path not in expected)
    return [path for path in others if "<!-- ripstop:begin record" in (_read(path) or "")]


def _check(found: Sequence[Page], gone: Sequence[Path], stream: TextIO) -> int:
    stale = [page for page in found if page.old != page.new]
    for page in stale:
        name = _shown(page.path)
        old, new = (page.old or "").splitlines(), page.new.splitlines()
        told = difflib.unified_diff(old, new, name, f"{name} (now)", lineterm="")
        stream.writelines(f"{clean(line, _LINE)}\n" for line in told)
    stream.writelines(f"{_shown(path)}: no workflow has this page any more\n" for path in gone)
    if stale or gone:
        number = len(stale) + len(gone)
        stream.write(f"{number} of {len(found) + len(gone)} pages stale; `ripstop docs` writes them\n")
        return STALE
    stream.write(f"{len(found)} pages current\n")
    return 0


def _write(found: Sequence[Page], gone: Sequence[Path], stream: TextIO) -> None:
    for page in found:
        if page.old != page.new:
            write_shared(page.path, page.new, "page")
        done = "unchanged" if page.old == page.new else "written  "
        stream.write(f"{done}  {_shown(page.path)}\n")
    told = "no workflow has this page any more; delete it"
    stream.writelines(f"left       {_shown(path)}: {told}\n" for path in gone)


def _shown(path: Path) -> str:
    """A path from here where it is below."""
    whole, here = path.resolve(), Path.cwd()
    return clean(whole.relative_to(here) if whole.is_relative_to(here) else whole)
