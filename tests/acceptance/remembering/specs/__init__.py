"""The workflow of the desk, and its till."""
