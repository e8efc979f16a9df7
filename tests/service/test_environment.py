"""Commands taken apart, and what a service is not to inherit."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ripstop.errors import UsageError
from ripstop.service.environment import service_env, split_command
from ripstop.service.stacks import SHIMS


def test_a_command_is_split_as_a_shell_splits_it() -> None:
    assert split_command("run --name 'a b' \"c\"") == ({}, ["run", "--name", "a b", "c"])


def test_leading_assignments_go_to_the_environment() -> None:
    assert split_command("A=1 B='x y' run C=2") == ({"A": "1", "B": "x y"}, ["run", "C=2"])


@pytest.mark.parametrize("command", ["", "  ", "A=1", "run 'open", "cd x && run", "run | tee log"])
def test_a_command_that_cannot_be_taken_apart_is_refused(command: str) -> None:
    with pytest.raises(UsageError) as caught:
        split_command(command)

    assert caught.value.slug == "bad-command"


@pytest.mark.parametrize(
    "name",
    [
        "HTTPS_PROXY",
        "https_proxy",
        "PGHOST",
        "PGPASSWORD",
        "PYTEST_ADDOPTS",
        "RIPSTOP_CACHE",
        "PYTHONINSPECT",
    ],
)
def test_what_would_mislead_a_service_is_left_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "x")

    assert name not in service_env({})


def test_the_rest_is_inherited_and_what_is_given_goes_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT", "1")
    monkeypatch.setenv("CHANGED", "1")

    env = service_env({"CHANGED": "2", "PGHOST": "127.0.0.1"})

    assert (env["KEPT"], env["CHANGED"], env["PGHOST"]) == ("1", "2", "127.0.0.1")


def test_programs_beside_our_interpreter_are_found_first() -> None:
    assert service_env({})["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)


def test_the_shim_goes_before_a_path_that_is_given() -> None:
    path = service_env({"PYTHONPATH": "/given"}, shims=True)["PYTHONPATH"]

    assert path == f"{SHIMS}{os.pathsep}/given"
