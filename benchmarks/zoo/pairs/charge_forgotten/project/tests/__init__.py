"""The ticket service's tests."""
