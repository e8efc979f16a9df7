"""A pair with all that was learned of it in one run, and how a whole run is summed up. No text, no files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.zoo.judging import Judgement
from benchmarks.zoo.peers.comparing import Compared


@dataclass(frozen=True, slots=True)
class Result:
    """Ripstop's judgement, and each peer's comparison by the peer's name where peers were asked for."""

    judged: Judgement
    peers: Mapping[str, Compared]

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        told["judged"]["pair"]["folder"] = self.judged.pair.name
        return told


@dataclass(frozen=True, slots=True)
class PeerScore:
    """A peer over all pairs: of how many services it could run on, how many bugs it told from their twins.

    ``repeated`` counts effects that it made the bug sides do again.
    """

    peer: str
    found: int
    applies: int
    false: int
    repeated: int

    def __str__(self) -> str:
        return (
            f"peer {self.peer}: found {self.found}/{self.applies}, reported {self.false} on twins, "
            f"caused {self.repeated} repeated effects"
        )


def peer_scores(results: Sequence[Result]) -> list[PeerScore]:
    """One for each peer that took part, in the order in which they ran."""
    names = dict.fromkeys(name for result in results for name in result.peers)
    return [_score(name, [r.peers[name] for r in results if name in r.peers]) for name in names]


def _score(name: str, compared: Sequence[Compared]) -> PeerScore:
    there = [one for one in compared if one.applies]
    return PeerScore(
        peer=name,
        found=sum(one.found for one in there),
        applies=len(there),
        false=sum(one.false_alarms for one in there),
        repeated=sum(sum(one.bug.repeated.values()) for one in there),
    )
