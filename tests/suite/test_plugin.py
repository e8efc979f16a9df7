"""What every pytest loads of Ripstop, where most tests are of something else."""

from __future__ import annotations

import subprocess
import sys

LOADED = "import sys, ripstop.suite.plugin; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
OURS = "import sys, ripstop.suite.plugin; print(*(name for name in sys.modules if name[:8] == 'ripstop.'))"


def said(program: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_pytest_without_a_service_loads_no_client_no_parser_and_no_driver() -> None:
    assert not said(LOADED) & {"httpx", "sqlglot", "pg8000", "cryptography", "asyncio", "h11"}


def test_nor_does_it_load_what_starts_a_rig() -> None:
    rooms = {name.split(".")[1] for name in said(OURS)}

    assert rooms == {"errors", "model", "suite"}
