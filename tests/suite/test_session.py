"""What takes over pytest's run loop, as pytest handles it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from ripstop.model.runner import Workflow
from ripstop.rig.rig import Rig
from ripstop.suite.running import ItemRunner
from ripstop.suite.session import _Handover


def test_the_plugin_can_be_kept_in_a_set_as_pytest_8_does_with_what_may_hold_fixtures() -> None:
    plugin = _Handover(cast("Rig", None), lambda runners: None)
    seen: set[Any] = {plugin}

    assert plugin in seen
    pytest.PytestPluginManager().register(plugin)


class _Runs:
    """Runs the first test's fixtures, the second's, and the first's again, as experiments do."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        runners = [ItemRunner(item, cast("Rig", None), cast("Workflow", None)) for item in session.items]
        for one in (*runners, *runners[:1]):
            cast("Any", one.item)._initrequest()
            for call in (one._arrive(), one._phase("setup"), one._tear_down()):
                self.failed += [str(call.excinfo.value)] if call.excinfo else []
        cast("Any", session)._setupstate.teardown_exact(None)
        return True


def test_workflows_of_several_files_follow_one_another(tmp_path: Path) -> None:
    for name in ("test_one.py", "test_two.py"):
        tmp_path.joinpath(name).write_text("def test_it():\n    pass\n")
    runs = _Runs()

    pytest.main([str(tmp_path), "-q", "--rootdir", str(tmp_path), "-p", "no:cacheprovider"], plugins=[runs])

    assert runs.failed == []
