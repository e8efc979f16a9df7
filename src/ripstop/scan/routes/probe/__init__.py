"""The program that imports an application and tells its routes. Runs in the project's own interpreter.

Nothing in this folder may import more than the language, ``ripstop.scan.routes.paths`` and, inside
functions, the framework it asks: the interpreter need not have Ripstop installed.
"""
