"""A shop's order service as a Django project: one app, one route, one table, one payment provider."""
