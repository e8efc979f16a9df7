"""A ticket booth."""
