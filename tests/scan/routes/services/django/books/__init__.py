"""The books: an application of the project."""
