"""One run of the guard: a range of a repository in, what its tests lost out."""

from __future__ import annotations

from ripstop.integrity import allowing, revisions
from ripstop.integrity.guard.comparing import difference, weakenings
from ripstop.integrity.guard.rules import registry
from ripstop.integrity.repository import Repository
from ripstop.model.weakening import Guarded, Sure, reaches


def guarded(repo: Repository, span: revisions.Range, *, fail_on: Sure = Sure.LIKELY) -> Guarded:
    """Hold the tests of two revisions side by side. Raises UsageError where git cannot read them."""
    old, new = revisions.files(repo, span.base), revisions.files(repo, span.head)
    changed = revisions.changed(old, new)
    change = difference(old, new, changed)
    given, refused = allowing.allowances(revisions.messages(repo, span))
    rest, allowed, idle = allowing.weigh(weakenings(change), given)
    notes = [
        *refused,
        *(f"allows nothing in this range: {a.rule} {a.target} ({a.commit[:12]})" for a in idle),
    ]
    broken = {**change.old.broken, **change.new.broken}
    notes += [
        f"{path} does not parse: {why}; what it holds is not compared" for path, why in sorted(broken.items())
    ]
    return Guarded(
        span.base,
        span.head,
        tuple(one for one in rest if reaches(one.sure, fail_on)),
        tuple(one for one in rest if not reaches(one.sure, fail_on)),
        tuple(allowed),
        tuple(notes),
        files=len(changed),
        tests=sum(not pair.helper for pair in change.pairs) + len(change.missing) + change.same,
        kinds=registry.RULES,
    )
