"""The tests there are, read and never imported: which routes each calls, which take an error path."""
