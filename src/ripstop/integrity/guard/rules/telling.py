"""What the rules share: from a lost check to a weakening."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.integrity.guard.change import Change, Missing, Pair, nowhere
from ripstop.integrity.guard.implying import Relation
from ripstop.integrity.guard.matching import Lost
from ripstop.integrity.guard.terms import AKIN
from ripstop.model.weakening import Kind, Spot, Sure, Weakening, least


def lost_as(change: Change, *relations: Relation) -> Iterator[tuple[Pair, Lost]]:
    """The lost checks of paired tests that are so related to what stands in their place."""
    for pair in change.pairs:
        for lost in pair.lost:
            if lost.related and lost.related.relation in relations:
                yield pair, lost


def removed(change: Change) -> Iterator[tuple[Pair, Lost]]:
    """The lost checks of paired tests in whose place nothing stands."""
    for pair in change.pairs:
        for lost in pair.lost:
            if lost.related is None:
                yield pair, lost


def weakening(
    rule: Kind, change: Change, pair: Pair, lost: Lost, sure: Sure, why: str, *, shown: Spot | None = None
) -> Weakening:
    """A weakening of one check of a pair."""
    after = shown or (lost.new.spot if lost.new else nowhere(pair))
    far = (lost.related is not None and lost.related.near <= AKIN) or pair.rewritten
    sure = change.sure(least(sure, Sure.LOOK if far else Sure.SURE), lost.check.spot.text)
    return Weakening(rule.slug, pair.old.node, lost.check.spot, after, sure, why)


def gone(rule: Kind, missing: Missing, sure: Sure, why: str) -> Weakening:
    """A weakening that is the loss of a whole test."""
    function = missing.old.function
    before = Spot(missing.old.path, function.lineno, f"def {function.name}")
    after = (
        Spot(missing.new.path, missing.new.function.lineno, f"def {missing.new.name}")
        if missing.new
        else Spot(missing.old.path, 0)
    )
    return Weakening(rule.slug, missing.old.node, before, after, sure, why)
