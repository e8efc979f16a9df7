"""A ward that needs one doctor on call."""
