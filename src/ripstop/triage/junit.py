"""A JUnit XML report as outcomes: pytest's, Vitest's and jest-junit's, which agree on little but the names.

There is no standard: pytest puts the class of an error in the text, Vitest in ``type``, jest-junit at the
start of the text; the phase that failed is in pytest's message alone.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from ripstop.errors import UsageError
from ripstop.model.triage import Failure, Frame, Outcome, Run

LIMIT_BYTES = 64 * 1024 * 1024
_TEXT_CHARS = 20_000
_PHASES = (
    ("failed on setup", "setup"),
    ("failed on teardown", "teardown"),
    ("collection failure", "collection"),
)
_ENDING = re.compile(
    r"^E\s+((?:[A-Za-z_][\w.]*)?(?:Error|Exception|Warning|Failed|Exit|Interrupt|NoAnswer|NotFired))(?::|$)",
    re.MULTILINE,
)
_LEADING = re.compile(r"^\s*(?:Uncaught )?([A-Z]\w*(?:Error|Exception)|Error|AssertionError)\b")
_PYTHON = re.compile(r"^([^\s:][^:\n]*\.py):(\d+)(?::|$)", re.MULTILINE)
_NATIVE = re.compile(r'File "([^"\n]+)", line (\d+)')
_SCRIPT = re.compile(r"(?:\(|\u276f (?:[^\n(]* )?|at )((?:file://)?[^\s()]+\.[cm]?[jt]sx?):(\d+):\d+\)?")


def read(path: Path, how: str = "") -> Run:
    """A report's outcomes. Raises UsageError ``no-report``, ``bad-report``.

    What it declares is looked for in its bytes: an encoding in which they mean something else is refused.
    """
    try:
        size = path.stat().st_size
        if size > LIMIT_BYTES:
            raise UsageError(
                "bad-report", f"{path} is larger than {LIMIT_BYTES} bytes", way_out="split the run"
            )
        text = path.read_bytes()
    except OSError as error:
        raise UsageError(
            "no-report",
            f"{path} cannot be read: {error.strerror}",
            way_out="name a JUnit XML file, or run the tests",
        ) from None
    if b"\0" in text or text.startswith((b"\xfe\xff", b"\xff\xfe")):
        raise UsageError("bad-report", f"{path} is no text of single bytes", way_out="write it in UTF-8")
    if b"<!DOCTYPE" in text[:2000] or b"<!ENTITY" in text:
        raise UsageError("bad-report", f"{path} declares a document type, which no report does")
    try:
        root = ET.fromstring(text)  # noqa: S314 - entities were refused above, and expat resolves no others
    except (ET.ParseError, LookupError, ValueError) as error:
        raise UsageError(
            "bad-report", f"{path} is no XML: {error}", way_out="was it written to its end?"
        ) from None
    cases = list(root.iter("testcase"))
    if not cases and root.tag not in ("testsuites", "testsuite"):
        raise UsageError("bad-report", f"{path} is no JUnit report: its root is <{root.tag}>")
    outcomes = (_outcome(case) for case in cases)
    return Run(how, {one.test: one for one in outcomes})


def _outcome(case: ET.Element) -> Outcome:
    test = _name(case)
    torn = next((part for part in case if part.tag in ("failure", "error")), None)
    if torn is None:
        skipped = any(part.tag == "skipped" for part in case)
        return Outcome(test, "skipped" if skipped else "passed")
    return Outcome(test, "failed", _failure(test, case, torn))


def _name(case: ET.Element) -> str:
    """``file or class::name``, without saying the name twice as jest-junit does."""
    owner, name = case.get("classname", ""), case.get("name", "")
    file = case.get("file", "")
    return name if not owner or owner == name else f"{file or owner}::{name}"


def _failure(test: str, case: ET.Element, torn: ET.Element) -> Failure:
    message = torn.get("message", "")
    text = (torn.text or "")[-_TEXT_CHARS:]
    said = message or text.strip()
    during = next((phase for word, phase in _PHASES if message.startswith(word)), "call")
    if case.get("name") == case.get("classname") and "Cannot find" in said:
        during = "collection"
    error = torn.get("type") or _error(message, text)
    frames = tuple(_frames(text))
    file = case.get("file") or (frames[-1].file if frames else "")
    return Failure(test, during, error, _first(said), f"{message}\n{text}", frames, file, _seconds(case))


def _first(said: str) -> str:
    line = said.strip().splitlines()[0] if said.strip() else ""
    quoted = re.match(r'failed on (?:setup|teardown) with "(.*?)"?$', line)
    return quoted.group(1) if quoted else line


def _error(message: str, text: str) -> str:
    """The class of what was raised, without its module; of an assertion that is not named, AssertionError."""
    named = _ENDING.findall(text) or _LEADING.findall(message) or _LEADING.findall(text.strip())
    if named:
        return str(named[-1]).rpartition(".")[2]
    lines = re.findall(r"^\S+\.py:\d+: (\w+)$", text, re.MULTILINE)
    return lines[-1] if lines else "AssertionError" if re.search(r"^E\s+assert ", text, re.MULTILINE) else ""


def _frames(text: str) -> Iterator[Frame]:
    """Outermost first: Python's tracebacks are so, JavaScript's the other way round."""
    found = [
        (m.start(), m.group(1), int(m.group(2))) for m in (*_PYTHON.finditer(text), *_NATIVE.finditer(text))
    ]
    if found:
        yield from (Frame(file, line) for _, file, line in sorted(found))
        return
    script = [Frame(m.group(1).removeprefix("file://"), int(m.group(2))) for m in _SCRIPT.finditer(text)]
    yield from reversed([one for one in script if "node_modules" not in one.file])


def _seconds(case: ET.Element) -> float:
    try:
        return float(case.get("time", "0"))
    except ValueError:
        return 0.0
