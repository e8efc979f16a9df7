"""Reading a repository: routes, the seams they reach, and what of it is risky and untested.

Nothing of the service is run here but its import, in a process of its own. Readers of languages are in
folders of their own (`python`, `javascript`); all turn code into the nouns of `code`, which the rest reads.
"""
