"""The workflow, and what stands in for others."""
