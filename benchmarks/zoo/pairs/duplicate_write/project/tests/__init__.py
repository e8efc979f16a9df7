"""The expense service's tests."""
