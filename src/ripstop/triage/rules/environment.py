"""The environment's fault: what the tests need is not there. Nothing of the project's code is to blame."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ripstop.model.triage import Cause, Diagnosis
from ripstop.triage.context import Context


@dataclass(frozen=True, slots=True)
class Lack:
    """Something missing: how it is told, what is to be done. The fix may use the pattern's first group."""

    name: str
    pattern: re.Pattern[str]
    fix: str


def _lack(name: str, pattern: str, fix: str) -> Lack:
    return Lack(name, re.compile(pattern, re.MULTILINE), fix)


LACKS = (
    _lack(
        "disk-full", r"(No space left on device|ENOSPC|disk full)", "make room on the disk, then run again"
    ),
    _lack(
        "out-of-memory",
        r"(MemoryError|Cannot allocate memory|ENOMEM|heap out of memory)",
        "give the run more memory, or run fewer tests at once",
    ),
    _lack(
        "killed",
        r"(worker '?\w+'? crashed|Killed: 9|exit code -9|SIGKILL)",
        "see why the machine killed the process: memory, most often",
    ),
    _lack(
        "port-taken",
        r"(Address already in use|EADDRINUSE)",
        "end what holds the port, or ask the kernel for a free one",
    ),
    _lack(
        "name-not-resolved",
        r"(Name or service not known|Temporary failure in name resolution|getaddrinfo|ENOTFOUND|EAI_AGAIN)",
        "give the run a network, or put a double in the host's place",
    ),
    _lack(
        "not-reachable",
        r"(Connection refused|ECONNREFUSED|No route to host|Network is unreachable|ENETUNREACH"
        r"|could not connect to server|connection to server .* failed)",
        "start the server that the tests expect at this address",
    ),
    _lack(
        "no-container",
        r"(Cannot connect to the Docker daemon|docker\.errors|DockerException)",
        "start the container engine",
    ),
    _lack(
        "not-allowed",
        r"(Permission denied|EACCES|Operation not permitted|EPERM)",
        "let the user who runs the tests do this",
    ),
    _lack(
        "no-program",
        r"(?:No such file or directory: '([\w.-]+)'|(\S+): (?:command )?not found|spawn (\S+) ENOENT"
        r"|Executable doesn't exist)",
        "install the program that the tests start",
    ),
    _lack(
        "no-database",
        r'(database "[^"]+" does not exist|role "[^"]+" does not exist|password authentication failed)',
        "make the database and its user as the project's set-up says",
    ),
    _lack(
        "certificate",
        r"(certificate verify failed|CERT_HAS_EXPIRED|self.signed certificate)",
        "mend the certificates of this machine",
    ),
    _lack(
        "service-not-started",
        r"\[(service-not-ready|service-died|service-not-found|server-not-started|no-redis|extra-missing)\]",
        "start the service by hand with the same command and mend what it says",
    ),
    _lack(
        "no-variable",
        r"KeyError: '([A-Z][A-Z0-9_]{2,})'",
        "set the variable $1, as the project's README says",
    ),
    _lack(
        "old-python",
        r"(requires a different Python|requires Python|SyntaxError: invalid syntax.*match)",
        "run with the version that the project asks for",
    ),
)
_MISSING = re.compile(r"No module named '([\w.]+)'|Cannot find (?:package|module) '([^'./][^']*)'")


def diagnose(context: Context) -> Diagnosis | None:
    """Something that the tests need is not there. What an assertion says is about the product, not that."""
    failure = context.failure
    said = f"{failure.error}: {failure.message}"
    if missing := _MISSING.search(failure.text) or _MISSING.search(failure.message):
        return _not_installed(context, next(filter(None, missing.groups())))
    if failure.error in ("AssertionError", "Failed", "NameError", "TypeError", "ReferenceError"):
        return None
    for lack in LACKS:
        found = lack.pattern.search(said) or (
            lack.pattern.search(failure.text) if failure.during != "call" else None
        )
        if found:
            what = next(filter(None, found.groups()), found.group(0))
            evidence = [f"{failure.during}: {failure.message}"]
            if context.together > 1:
                evidence.append(f"{context.together} tests failed with this very message")
            return Diagnosis(
                failure, Cause.ENVIRONMENT, lack.name, tuple(evidence), lack.fix.replace("$1", what)
            )
    return None


def _not_installed(context: Context, name: str) -> Diagnosis | None:
    """A module that is nowhere in the project is to be installed; one that is here is another matter."""
    top = name.split("/")[0].split(".")[0]
    here = [
        context.root / top,
        context.root / f"{top}.py",
        context.root / "src" / top,
        context.root / "src" / f"{top}.py",
    ]
    if any(one.exists() for one in here):
        return None
    where = context.line(context.innermost)
    evidence = [
        context.failure.message,
        *([f"imported by: {where}"] if where else []),
        f"no {top} in the project",
    ]
    return Diagnosis(
        context.failure,
        Cause.ENVIRONMENT,
        "not-installed",
        tuple(evidence),
        f"install {top} where the tests run",
    )
