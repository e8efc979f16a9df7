"""When a call's statement is sent: with the call, with a later one, or when its session flushes."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a call does about a statement, for libraries that build it first and send it later."""

    NOW = "now"
    PREPARED = "prepared"
    """Builds a statement: what ``reaches`` tells of it is sent by a later call."""
    AMENDS = "amends"
    """Adds to the statement built last, such as a table it joins."""
    SENDS = "sends"
    """Sends the statement built before, unless its own arguments say which."""
    DEFERRED = "deferred"
    """Sent at the next flush, commit or question of its session."""
    FLUSHES = "flushes"
    SAVES = "saves"
    """Sent with the call: told as an INSERT, an UPDATE where the object had been loaded."""


UNSAID = "?"
"""The table in the operation of a reach whose object's class the call alone does not tell."""
