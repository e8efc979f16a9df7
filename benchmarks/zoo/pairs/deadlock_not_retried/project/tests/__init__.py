"""The cart service's tests."""
