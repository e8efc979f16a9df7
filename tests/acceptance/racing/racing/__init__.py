"""A shop with few things left: one route that sells, in many ways, right and wrong ones."""
