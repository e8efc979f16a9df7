"""Stand-ins for external services: a request in, a reply out, effects in a ledger."""

from ripstop.doubles.double import Double
from ripstop.doubles.ledger import Ledger
from ripstop.model.http import Reply, Request

__all__ = ["Double", "Ledger", "Reply", "Request"]
