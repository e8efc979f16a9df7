"""Stand-ins for external services: a request in, a reply out, effects in a ledger."""
