"""A shop that charges a card, and tries again where that fails."""
