"""Rules: a failure in its context in, a diagnosis or nothing out. A file for each side at fault."""
