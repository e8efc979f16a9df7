"""Tests about tests: red and green, weakened assertions. No agent is driven here."""
