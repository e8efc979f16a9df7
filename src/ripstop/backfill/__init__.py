"""Findings and pins written as readable pytest files."""
