"""The workflow of the depot, and its courier."""
