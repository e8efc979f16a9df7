"""The invoice service's tests."""
