"""Transcripts hold what was done, and no secret."""

from __future__ import annotations

import json
import stat

from ripstop.agents import transcript
from ripstop.agents.transcript import CALLED, SAID, Step, Told

LOOKS = "Authorization: Bearer abcdefghijkl"
TOLD = Told(
    (Step(CALLED, f"curl -H '{LOOKS}' plain-value", "Bash"), Step(SAID, "done with plain-value")), 2, 0.5, 9
)


def test_secrets_are_masked_by_their_look_and_by_their_value():
    text = "\n".join(transcript.lines("use plain-value", TOLD, ["plain-value", "on"]))

    assert "plain-value" not in text
    assert "abcdefghijkl" not in text
    assert "done with ***" in text


def test_it_reads_as_json_from_what_was_asked_to_the_sum(tmp_path):
    path = transcript.keep(tmp_path, "red-1", transcript.lines("add it", TOLD))
    lines = [json.loads(line) for line in path.read_text().splitlines()]

    assert [line["kind"] for line in lines] == ["asked", "called", "said", "ended"]
    assert (lines[-1]["turns"], lines[-1]["cost_usd"], lines[-1]["tokens"]) == (2, 0.5, 9)
    assert path == tmp_path / ".ripstop/tdd/red-1.jsonl"
    assert (tmp_path / ".ripstop/.gitignore").read_text() == "*\n"
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_no_half_secret_is_left_where_a_long_text_is_cut():
    text = "x" * 19_990 + " plain-value"

    assert "plain" not in transcript.masked(text, ["plain-value"])
