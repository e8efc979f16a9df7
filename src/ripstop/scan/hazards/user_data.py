"""Data about people is changed."""

from __future__ import annotations

from collections.abc import Iterator

from ripstop.model.survey import Hazard, Reach, Sureness
from ripstop.scan.code import Table
from ripstop.scan.hazards.asking import is_external, is_write, listed, weaker, words
from ripstop.scan.hazards.asking import named as told
from ripstop.scan.hazards.subject import Reason, Subject

_PAGE = """\
## What it checks

The workflow writes rows about people: users, accounts, customers, profiles, or a table that holds an e-mail
address, a telephone number, a date of birth.

## Why it matters

What is lost or doubled here is somebody's: two accounts for one address, an address changed for the wrong
person, a deletion that was promised and did not happen.

## Example

`DELETE /users/{id}` deletes from `users` and asks the mailing list to forget the address.

## What to do instead

Have a test for who may do it, for the request that is sent twice, and for each write that fails after
another.
"""

REASON = Reason("user-data", "changes user data", 10, _PAGE)
_TABLES = listed(
    "user account customer profile person people member contact patient employee subscriber client"
)
_COLUMNS = listed("email phone telephone ssn birthdate birthday dob iban passport surname")
_PAIRS = (("first", "name"), ("last", "name"), ("full", "name"), ("birth", "date"), ("postal", "code"))


def hazards(subject: Subject) -> Iterator[Hazard]:
    """At most one, the surest."""
    found = [hazard for reach in subject.reaches if is_write(reach) for hazard in _rows(subject, reach)]
    yield from sorted(found, key=lambda hazard: list(Sureness).index(hazard.sureness))[:1]
    if not found and words(subject.route.path) & _TABLES:
        told_outside = next((one for one in subject.reaches if is_external(one) and one.effect), None)
        if told_outside is not None:
            text = f"{told(told_outside)} tells somebody else about a person, as the path says"
            yield REASON.hazard(text, told_outside.place, Sureness.GUESS)


def _rows(subject: Subject, reach: Reach) -> Iterator[Hazard]:
    table = next((one for one in subject.code.tables.values() if one.name == reach.target), None)
    personal = _personal(table) if table else []
    if words(reach.target) & _TABLES:
        yield REASON.hazard(f"{told(reach)} changes rows about people", reach.place, reach.sureness)
    elif personal:
        text = f"{told(reach)} changes rows that hold {', '.join(personal[:3])}"
        yield REASON.hazard(text, reach.place, weaker(reach.sureness))


def _personal(table: Table) -> list[str]:
    return [
        column.name
        for column in table.columns
        if words(column.name) & _COLUMNS or any(set(pair) <= words(column.name) for pair in _PAIRS)
    ]
