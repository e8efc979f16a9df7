"""Recipes: what an agent reads before it tests, from one source for every tool; none is run here."""
