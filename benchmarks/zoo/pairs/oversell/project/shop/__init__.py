"""A shop with few tickets left."""
