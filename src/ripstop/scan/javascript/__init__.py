"""Reads JavaScript and TypeScript into the language-neutral code; the door is ``reading.read``.

Syntax trees come from tree-sitter. What routes, seams and hazards make of the code is not found here.
"""
