"""Running pytest in a checkout, as its owner would and under a witness, with nothing of this machine's mood.

Variables that change what pytest does are left behind, no compiled module is written, and the checkout
comes first where Python looks for modules, before any editable installation of the same project.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ripstop.errors import ExperimentError
from ripstop.integrity import process
from ripstop.integrity.witnessed import Witnessed, read
from ripstop.suite import calm, witness

_LEFT_OUT = re.compile(r"PYTEST_\w+|PYTHON\w*|RIPSTOP_(?!CACHE)\w+|COV_CORE_\w+|COVERAGE_\w+")
_SAID_LINES = 60


Inside = Callable[[Sequence[str], Path, Path], list[str]]


@dataclass(frozen=True, slots=True)
class Session:
    """How pytest is run: by which ``python``, for at most ``timeout_s`` in all, with more ``arguments``.

    ``inside`` puts a command line into a jail, given the checkout and a folder that it must be able to write.
    ``withheld`` says which variables of ours it does not get.
    """

    python: str = sys.executable
    timeout_s: float = 900.0
    arguments: tuple[str, ...] = ()
    inside: Inside | None = None
    withheld: Callable[[str], bool] = lambda _: False

    def run(
        self, project: Path, tests: Sequence[str] = (), *, home: Path, collect_only: bool = False
    ) -> Witnessed:
        """Run tests of a checkout that was made of ``home``; all where none are named.

        Raises ExperimentError ``out-of-time``, ``not-witnessed``.
        """
        with tempfile.TemporaryDirectory(prefix="ripstop-witness-") as kept:
            lines = Path(kept) / f"{secrets.token_hex(16)}.jsonl"
            lines.touch()
            seal, key = lines.with_suffix(".key"), secrets.token_hex(32)
            seal.write_text(key, encoding="ascii")
            command = [
                self.python,
                "-m",
                "pytest",
                *tests,
                *self.arguments,
                "-q",
                "--no-header",
                "--maxfail=0",
            ]
            command += ["-p", calm.NAME, "-p", witness.NAME, "-p", "no:cacheprovider"]
            command += [f"--ripstop-witness={lines}", f"--ripstop-home={home}", f"--ripstop-seal={seal}"]
            command += ["--collect-only"] * collect_only + ["--continue-on-collection-errors"]
            if self.inside:
                command = self.inside(command, project, Path(kept).resolve())
            env = {name: value for name, value in environment(project).items() if not self.withheld(name)}
            said, code = self._finished(command, project, env)
            found = read(lines.read_text(encoding="utf-8", errors="replace"), said, code, key)
        if not found.ended:
            raise ExperimentError(
                "not-witnessed",
                "pytest ended before it could say how the tests went",
                details=said.splitlines()[-25:],
                way_out="make a plain `python -m pytest` of these tests run to its end first",
            )
        return found

    def _finished(self, command: Sequence[str], project: Path, env: Mapping[str, str]) -> tuple[str, int]:
        """What it printed last, and its exit code, at its end. Its whole process group is ended with it."""
        ran = process.run(command, project, env, self.timeout_s)
        if ran.status is None:
            raise ExperimentError(
                "out-of-time",
                f"the tests were not done after {self.timeout_s:g} s",
                way_out="give them longer with --timeout, or fewer tests",
            )
        return "\n".join(ran.said.decode(errors="replace").splitlines()[-_SAID_LINES:]), ran.status


def environment(project: Path) -> dict[str, str]:
    """What pytest is run with in a checkout, which holds no compiled module and gets none."""
    env = {name: value for name, value in os.environ.items() if not _LEFT_OUT.fullmatch(name)}
    sources = [project / "src", project] if (project / "src").is_dir() else [project]
    env["PYTHONPATH"] = os.pathsep.join(map(str, sources))
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    env["PYTHONHASHSEED"] = "0"
    return env
