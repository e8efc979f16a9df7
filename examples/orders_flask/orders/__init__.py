"""A shop's order service: one route, one table, one payment provider."""
