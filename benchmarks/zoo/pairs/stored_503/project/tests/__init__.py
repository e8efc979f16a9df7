"""The booking service's tests."""
