"""What a tried request left, where the service acts in a thread after it has answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from ripstop.cli import rehearsing
from ripstop.model.state import Effect, Observation
from ripstop.rig.rig import Rig


@dataclass
class Late:
    """A rig that shows a mail at the third look, or never."""

    mails: bool
    looks: int = 0

    def settle(self) -> None: ...

    def observe(self) -> Observation:
        self.looks += 1
        return Observation(effects=(Effect("mail", "mail"),) if self.mails and self.looks > 2 else ())


def test_an_effect_after_the_answer_is_waited_for() -> None:
    observed, late = rehearsing._observed(cast("Rig", Late(mails=True)))

    assert observed.effects == (Effect("mail", "mail"),)
    assert late


def test_the_wait_for_what_never_comes_ends() -> None:
    rig = Late(mails=False)

    assert rehearsing._observed(cast("Rig", rig)) == (Observation(), False)
    assert rig.looks > 2
