"""A plugin that keeps other plugins from running tests apart, again, in another order or against a clock.

It changes parsed options rather than appending some, so that a plugin that is not installed, or that the user
switched off, is not asked for options it never declared. Stopping at the first failure is pytest's own.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

NAME = __name__

_CALM: dict[str, object] = {
    "numprocesses": None,
    "maxprocesses": None,
    "dist": "no",
    "distload": False,
    "tx": [],
    "reruns": 0,
    "timeout": 0,
    "randomly_reorganize": False,
    "randomly_reset_seed": False,
}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, object, object]:
    """Before any plugin reads what its options say: xdist does so in this very hook."""
    for name, value in _CALM.items():
        if hasattr(config.option, name):
            setattr(config.option, name, value)
    return (yield)
