"""The command line cut in two where a verb hands a part of it on."""

from __future__ import annotations

from collections.abc import Sequence


def parted(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """A verb's own arguments and, after ``--``, another program's."""
    every = list(arguments)
    cut = every.index("--") if "--" in every else len(every)
    return every[:cut], every[cut + 1 :]
