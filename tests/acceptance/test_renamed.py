"""What exploring finds rests on what a service does, not on what its parts are called or come first."""

from __future__ import annotations

from pathlib import Path

from .exploring import QUICK, copy, explore, found, places

RENAMED = Path(__file__).with_name("renamed")
BUDGET_S = "2.5"
"""Above the time-outs of one and one and a half seconds that this service gives its database."""


def test_a_renamed_copy_with_a_read_before_the_charge_tears_at_the_same_two_places(tmp_path: Path) -> None:
    report = explore(copy(RENAMED, tmp_path), "--budget", BUDGET_S, *QUICK)

    # What a caller sends is this copy's own matter: its body has not the fields of the example's.
    assert [place for place in places(report) if place[2] != "client"] == [
        ("RS102", "POST /seats", "till", "PUT /fees"),
        ("RS205", "POST /seats", "vault", "COMMIT"),
    ]
    assert found(report) >= {
        ("RS102", "till", "PUT /fees", "hang"),
        ("RS102", "till", "PUT /fees", "late_reply"),
        ("RS102", "till", "PUT /fees", "unreachable"),
        ("RS205", "vault", "COMMIT", "reply_lost"),
    }
    (workflow,) = report["workflows"]
    assert workflow["verdicts"]["unknown"] == 0
    crossings = [crossing["operation"] for crossing in workflow["baseline"]["crossings"]]
    assert crossings.index("SELECT screenings") < crossings.index("PUT /fees")
