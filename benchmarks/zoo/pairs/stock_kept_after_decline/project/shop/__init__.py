"""A shop that takes an item off the shelf before it charges the card."""
