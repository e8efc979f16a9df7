"""The order service's tests."""
