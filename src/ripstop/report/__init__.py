"""Consumers of the engine's events: terminal, JSON."""
