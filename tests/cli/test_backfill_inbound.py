"""``ripstop backfill`` on broken requests: each test sends one itself, and is proven against the good one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

KIOSK = Path(__file__).parents[1] / "acceptance" / "kiosk"
FAULTS = ("field_null", "no_credentials", "other_credentials", "client_gone")
ASKED = ["--seam", "client", *(part for name in FAULTS for part in ("--fault", name))]
TOKENS = {"ORDER_AT_SOUND_KIOSK_AUTHORIZATION": "ann-token", "OPEN_AUTHORIZATION": "ann-token"}


@dataclass(frozen=True)
class Kiosk:
    """A copy of the kiosk after one backfill, and what was said of it."""

    folder: Path
    said: str

    def text(self, workflow: str) -> str:
        return (self.folder / "tests" / "seams" / f"test_{workflow}.py").read_text()

    def row(self, workflow: str, row: str) -> str:
        """What a workflow's checklist says in one row."""
        part = self.said.rpartition(f"\n{workflow}\n")[2]
        return next(line.strip() for line in part.splitlines() if line.strip().startswith(row))


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Kiosk:
    folder = tmp_path_factory.mktemp("backfill") / "kiosk"
    shutil.copytree(KIOSK, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    command = [sys.executable, "-m", "ripstop.cli.main", "backfill", *ASKED, "-k", "sound or open"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 1, done.stdout + done.stderr
    return Kiosk(folder, done.stdout)


def test_a_refusal_is_pinned_with_the_request_written_out_and_nothing_changed(kiosk: Kiosk) -> None:
    text = kiosk.text("order_at_sound_kiosk")

    pin = text.partition("def test_order_at_sound_kiosk_answers_422_when_sku_is_null(service, seams):")[2]
    pin = pin.partition("\ndef ")[0]
    assert '"sku": None,' in pin
    assert "assert response.status_code == 422" in pin
    assert "assert seams.db.changes == []" in pin
    assert 'assert seams.till.effects("charge") == 0' in pin
    assert "inject" not in text


def test_a_second_identity_comes_from_its_fixture_and_no_secret_is_written_down(kiosk: Kiosk) -> None:
    text = kiosk.text("order_at_sound_kiosk")

    assert re.search(r"answers_404\w*_when_somebody_else_asks\w*\(\s*service, seams, eve\s*\):", text)
    assert "headers=eve" in text
    assert "ann-token" not in text + kiosk.said
    assert 'os.environ["ORDER_AT_SOUND_KIOSK_AUTHORIZATION"]' in text


def test_the_checklist_asks_for_broken_requests_and_wrong_callers(kiosk: Kiosk) -> None:
    assert " pinned " in kiosk.row("order at the sound kiosk", "broken request refused")
    assert " pinned " in kiosk.row("order at the sound kiosk", "wrong caller refused")
    assert "RS502 test_open_lets_nobody_in" in kiosk.row("open", "wrong caller refused")


def test_hanging_up_without_a_key_is_told_and_not_written(kiosk: Kiosk) -> None:
    assert "no test can hang up in the middle of a request" in kiosk.row("open", "repeated request")


def test_what_was_written_is_green_with_findings_failing_as_expected(kiosk: Kiosk) -> None:
    folder = kiosk.folder / "tests" / "seams"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    tokens = {**os.environ, **TOKENS, "OPEN_AUTHORIZATION_2": "eve-token"}
    done = subprocess.run(
        command, cwd=kiosk.folder, capture_output=True, text=True, check=False, timeout=120, env=tokens
    )

    assert re.search(r"^\d+ passed, \d+ xfailed", done.stdout.splitlines()[-1]), done.stdout
