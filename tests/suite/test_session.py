"""What takes over pytest's run loop, as pytest handles it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ripstop.rig.rig import Rig
from ripstop.suite.session import _Handover


def test_the_plugin_can_be_kept_in_a_set_as_pytest_8_does_with_what_may_hold_fixtures() -> None:
    plugin = _Handover(cast("Rig", None), lambda runners: None)
    seen: set[Any] = {plugin}

    assert plugin in seen
    pytest.PytestPluginManager().register(plugin)
