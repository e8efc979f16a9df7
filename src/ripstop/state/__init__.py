"""Committed row changes by logical decoding, and their undo."""
