"""Clauses that catch everything, or forget what they caught."""

from __future__ import annotations

import pytest

from ripstop.model.survey import Exit, Hazard, Place
from ripstop.scan.hazards.broad_except import hazards

from .reading import function, subject


def found(what: str, text: str, path: str = "app.py") -> list[Hazard]:
    """The hazards of one ``except`` at line 2 of a file."""
    lines = ["try: work()", *text.splitlines()]
    way_out = Exit("except", what, Place(path, 2))
    return list(hazards(subject(functions=(function(exits=(way_out,)),), source=lambda _path: lines)))


@pytest.mark.parametrize("what", ["Exception", "builtins.BaseException", "", "ValueError, Exception -> 500"])
def test_catching_everything_is_told(what: str) -> None:
    (one,) = found(what, "except Exception:\n    return 500")

    assert one.reason.endswith("is caught (app.py:2): what failed cannot be told apart")


@pytest.mark.parametrize(
    "text",
    [
        "except ValueError: pass",
        "except ValueError:\n    pass\nreturn 1",
        "except ValueError:\n    # nothing to do\n    ...\n",
        "except ValueError:\n    continue\n",
    ],
)
def test_forgetting_what_was_caught_is_told_whatever_it_is(text: str) -> None:
    (one,) = found("ValueError", text)

    assert one.reason == "ValueError is caught and forgotten (app.py:2)"


@pytest.mark.parametrize("text", ["except KeyError:\n    return 404", "except KeyError: raise", ""])
def test_catching_by_name_and_answering_is_not(text: str) -> None:
    assert found("KeyError -> 404", text) == []


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("} catch {}", True),
        ("} catch (e) {\n  // it is fine\n}", True),
        ("} catch (e) { /* fine */ }", True),
        ("} catch (e) { log(e) }", False),
        ("} catch {\n  return 402\n}", False),
    ],
)
def test_in_javascript_only_empty_ones_are_told(text: str, empty: bool) -> None:
    assert bool(found("", text, "app.ts")) is empty


def test_a_clause_that_several_functions_share_is_told_once() -> None:
    way_out = Exit("except", "Exception", Place("app.py", 2))

    assert len(list(hazards(subject(functions=(function(exits=(way_out,)),) * 2)))) == 1


def test_other_exits_are_nothing_to_it() -> None:
    answer = function(exits=(Exit("answer", "500", Place("app.py", 2)),))

    assert list(hazards(subject(functions=(answer,), source=lambda _path: ["", "except:"]))) == []
