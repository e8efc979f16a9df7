"""A desk that pays under a key, and remembers."""
