"""What the box office is to do."""
