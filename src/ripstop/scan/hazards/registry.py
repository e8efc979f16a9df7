"""All reasons, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ripstop.errors import UsageError
from ripstop.model.survey import Hazard
from ripstop.scan.hazards import (
    authentication,
    broad_except,
    effect_in_transaction,
    effect_then_write,
    money,
    no_idempotency_key,
    no_timeout,
    several_writes,
    user_data,
)
from ripstop.scan.hazards.subject import Reason, Subject

Ask = Callable[[Subject], Iterator[Hazard]]

_ASKED: tuple[tuple[Reason, Ask], ...] = (
    (effect_then_write.REASON, effect_then_write.hazards),
    (money.REASON, money.hazards),
    (effect_in_transaction.REASON, effect_in_transaction.hazards),
    (no_idempotency_key.REASON, no_idempotency_key.hazards),
    (several_writes.REASON, several_writes.hazards),
    (no_timeout.REASON, no_timeout.hazards),
    (authentication.REASON, authentication.hazards),
    (user_data.REASON, user_data.hazards),
    (broad_except.REASON, broad_except.hazards),
)

REASONS: tuple[Reason, ...] = tuple(reason for reason, _ in _ASKED)


def hazards(subject: Subject) -> tuple[Hazard, ...]:
    """All that is risky about a route, in the order of the table, each line's once."""
    found = (hazard for _, ask in _ASKED for hazard in ask(subject))
    return tuple({(one.slug, one.place.path, one.place.line, one.reason): one for one in found}.values())


def reason(slug: str) -> Reason:
    """A reason by its slug, in any case. Raises UsageError (``unknown-reason``)."""
    wanted = slug.strip().lower()
    for one in REASONS:
        if one.slug == wanted:
            return one
    raise UsageError(
        "unknown-reason",
        f"there is no reason {slug!r}",
        details=[f"{one.slug}: {one.title}" for one in REASONS],
        way_out="name one of these",
    )


def page(slug: str) -> str:
    """A reason's own page as Markdown, with its heading."""
    one = reason(slug)
    return f"# {one.slug}: {one.title}\n\nWeight: {one.weight}.\n\n{one.page}"
