"""What the start-up shim does inside a Python service, a file for each thing.

It runs in the service's interpreter, whatever its version from 3.8 on: standard library only,
nothing heavy imported, nothing of ripstop's own.
"""
