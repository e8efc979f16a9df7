"""Reading Python, by its syntax alone: files to functions, calls, tables and constants."""
