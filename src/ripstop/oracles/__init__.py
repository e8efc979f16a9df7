"""What counts as torn: a pure check a file, with its own page."""
