"""The examples in an ordinary pytest run, no exploration: their own test and what all four have in common."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
SAME_ROUTE = ROOT / "tests" / "examples" / "same_route.py"
HARDENINGS = tomllib.loads((EXAMPLES / "orders_hardened" / "hardenings.toml").read_text())["hardening"]


@pytest.mark.parametrize("example", ["orders", "orders_django", "orders_flask", "orders_hardened"])
def test_the_example_is_green_and_its_route_does_what_all_do(example):
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "tests", str(SAME_ROUTE)],
        cwd=EXAMPLES / example,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "7 passed" in done.stdout


@pytest.mark.parametrize("hardening", HARDENINGS, ids=lambda hardening: hardening["name"])
def test_a_hardening_is_one_piece_of_text_that_can_be_taken_back(hardening):
    text = (EXAMPLES / "orders_hardened" / hardening["file"]).read_text()

    assert text.count(hardening["hardened"]) == 1
    compile(text.replace(hardening["hardened"], hardening["plain"]), hardening["file"], "exec")


def test_the_three_plain_examples_share_their_test_and_their_double():
    for name in ("doubles.py", "test_orders.py"):
        texts = {
            (EXAMPLES / e / "tests" / name).read_text() for e in ("orders", "orders_django", "orders_flask")
        }
        assert len(texts) == 1
