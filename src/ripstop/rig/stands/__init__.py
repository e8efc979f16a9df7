"""What stands at each seam, one file a protocol."""
