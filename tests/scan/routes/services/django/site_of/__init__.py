"""A library's site: the project."""
