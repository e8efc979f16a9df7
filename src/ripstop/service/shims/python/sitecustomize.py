"""Start-up shim inside a Python service: loads what ``ripstop_shim`` does there.

Found first on ``PYTHONPATH``, it runs whatever other ``sitecustomize`` there is as well. Silent
when anything fails: the service must not notice.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import importlib.util
import os
import sys


def _install() -> None:
    for variable, module in (("RIPSTOP_OUTBOUND", "outbound"), ("RIPSTOP_STACKS", "stacks")):
        if not os.environ.get(variable):
            continue
        with contextlib.suppress(Exception):
            importlib.import_module("ripstop_shim." + module).install()


def _run_the_other() -> None:
    """Run the ``sitecustomize`` this one hides."""
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    rest = [path for path in sys.path if os.path.abspath(path or ".") != here]  # noqa: PTH100
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", rest)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_install()
_run_the_other()
