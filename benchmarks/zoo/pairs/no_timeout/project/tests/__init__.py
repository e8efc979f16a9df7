"""The top-up service's tests."""
