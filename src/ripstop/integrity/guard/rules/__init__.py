"""The kinds of weakening: a file each, with its page."""
