"""Coding agents kept honest: the jail, the patch, the loop, an adapter for each, their recipes."""
