"""A service that stores a batch of lines, in sixty crossings."""
