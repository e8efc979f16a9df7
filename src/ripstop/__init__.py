"""Ripstop: breaks every seam of a service at the wire and judges by what cannot lie."""

__version__ = "0.1.0"
