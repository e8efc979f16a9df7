"""The link service's tests."""
