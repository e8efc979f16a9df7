"""The subscription service's tests."""
