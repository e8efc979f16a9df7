"""Tests for finding a double by its name in the configuration."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ripstop.doubles.loading import load
from ripstop.errors import UsageError

_names = itertools.count(1)
SOURCE = """
from ripstop.doubles import Double
payments = Double("payments")
payments.state["limit"] = 5
def make_mail():
    return Double("mail")
number = 7
"""


@pytest.fixture
def module(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    before = list(sys.path)

    def write(source: str) -> str:
        name = f"doubles_under_test_{next(_names)}"
        (tmp_path / f"{name}.py").write_text(source)
        return name

    yield write
    sys.path[:] = before


def test_a_double_is_found_and_sealed(module: Callable[[str], str], tmp_path: Path) -> None:
    double = load(f"{module(SOURCE)}:payments", tmp_path)
    double.state["limit"] = 0
    double.reset()
    assert (double.name, double.state) == ("payments", {"limit": 5})


def test_a_function_may_make_the_double(module: Callable[[str], str], tmp_path: Path) -> None:
    assert load(f"{module(SOURCE)}:make_mail", tmp_path).name == "mail"


@pytest.mark.parametrize(
    ("spec", "slug", "told"),
    [
        ("tests.doubles", "double-spec", "module:attribute"),
        ("no_such_module_at_all:payments", "double-module", "was not found"),
        ("{}:paymnts", "double-attribute", "did you mean 'payments'"),
        ("{}:number", "double-type", "int, not a Double"),
    ],
)
def test_a_name_that_leads_nowhere_is_told_with_a_way_out(
    module: Callable[[str], str], tmp_path: Path, spec: str, slug: str, told: str
) -> None:
    with pytest.raises(UsageError) as caught:
        load(spec.format(module(SOURCE)), tmp_path)
    assert caught.value.slug == slug
    assert told in str(caught.value)


def test_a_module_that_fails_to_import_says_what_it_raised(
    module: Callable[[str], str], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"failed: ZeroDivisionError"):
        load(f"{module('1 / 0')}:payments", tmp_path)


def test_a_module_whose_own_import_is_missing_is_not_called_missing(
    module: Callable[[str], str], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="no_such_dependency"):
        load(f"{module('import no_such_dependency')}:payments", tmp_path)


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("strpie", "'stripe'"),
        ("Twilio", "'twilio'"),
        ("openapi", "'openapi:FILE'"),
        ("casette", "'cassette:FILE'"),
    ],
)
def test_a_wrong_built_in_name_is_told_with_the_nearest(tmp_path: Path, spec: str, hint: str) -> None:
    with pytest.raises(UsageError) as met:
        load(spec, tmp_path)
    assert (met.value.slug, f"did you mean {hint}?" in met.value.message) == ("double-name", True)
    assert "known: stripe, sendgrid, twilio, s3, openapi:FILE, cassette:FILE" in met.value.details[0]


@pytest.mark.parametrize("spec", ["stripe", "sendgrid", "twilio", "s3", "s3:a-bucket"])
def test_a_built_in_bears_the_seam_s_name(tmp_path: Path, spec: str) -> None:
    assert load(spec, tmp_path, name="payments").name == "payments"
