"""A club that people sign up to."""
