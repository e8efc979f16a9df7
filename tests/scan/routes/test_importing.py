"""The probe's subprocess: what it may reach, what it is given, and that nothing is left of it."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from ripstop.model.survey import Place, Sureness
from ripstop.scan.routes import importing
from ripstop.scan.routes.applications import Application
from ripstop.scan.routes.importing import ask, interpreter

FLASK = "from flask import Flask\napp = Flask('x')\n"


def application(target: str = "shop:app", **more: object) -> Application:
    return Application("flask", target, "", Place("shop.py", 1), Sureness.CERTAIN, **more)


@pytest.fixture
def asked(tmp_path):
    """Writes ``shop.py`` and asks it."""

    def ask_it(text: str, *, timeout_s: float = 20, **more: object):
        (tmp_path / "shop.py").write_text(text)
        return ask(tmp_path, application(**more), python=sys.executable, timeout_s=timeout_s)

    return ask_it


def test_a_missing_variable_gets_a_placeholder_that_fits_its_name(asked):
    told = asked(
        "import os\nassert os.environ['DATABASE_URL'].startswith('postgresql://')\n"
        "int(os.environ['HTTP_PORT'])\nassert os.getenv('DEBUG') is None\n" + FLASK
    )

    assert told.problem is None
    assert set(told.placed) == {"DATABASE_URL", "HTTP_PORT"}
    assert "127.0.0.1:9" in told.placed["DATABASE_URL"]


def test_a_placeholder_that_does_not_fit_is_changed(asked):
    told = asked("import os\nint(os.environ['SLOTS'])\n" + FLASK)

    assert (told.problem, told.placed["SLOTS"]) == (None, "1")


def test_settings_of_pydantic_are_filled_by_their_types(asked):
    told = asked(
        "from typing import Literal\nfrom pydantic import HttpUrl\n"
        "from pydantic_settings import BaseSettings\n"
        "class Settings(BaseSettings, env_prefix='shop_'):\n"
        "    slots: int\n    mode: Literal['fast', 'slow']\n    site: HttpUrl\n    name: str\n"
        "Settings()\n" + FLASK
    )

    assert told.problem is None
    assert (told.placed["SHOP_SLOTS"], told.placed["SHOP_MODE"]) == ("1", "fast")


def test_the_callers_environment_is_out_of_reach(asked, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://production/real")

    told = asked("import os\nassert 'real' not in os.environ['DATABASE_URL']\n" + FLASK)

    assert told.problem is None


def test_plain_variables_of_the_configuration_are_given(asked):
    told = asked("import os\nassert os.environ['MODE'] == 'test'\n" + FLASK, env={"MODE": "test"})

    assert told.problem is None


def test_an_import_reaches_no_server_of_this_machine(asked):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        told = asked(
            f"import socket\nsocket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2)\n"
        )

        with pytest.raises(TimeoutError):
            server.accept()
    assert told.problem is not None
    assert told.problem.place == Place("shop.py", 2)


@pytest.mark.parametrize("way", ["create_connection(('192.0.2.1', 80), 5)", "getaddrinfo('example.com', 80)"])
def test_an_import_that_leaves_the_machine_is_refused_at_once(asked, way):
    began = time.monotonic()

    told = asked(f"import socket\nsocket.{way}\n")

    assert "no network while routes are read" in told.problem.said
    assert time.monotonic() - began < 5


def test_an_import_that_never_ends_is_ended_with_all_it_started(asked, tmp_path):
    told = asked(
        "import subprocess, sys, pathlib, time\n"
        "one = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "pathlib.Path('pid').write_text(str(one.pid))\ntime.sleep(600)\n",
        timeout_s=3,
    )

    assert told.problem.said == "importing it took longer than 3 s"
    assert is_gone(int((tmp_path / "pid").read_text()))


def is_gone(pid: int) -> bool:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


def test_what_the_application_prints_disturbs_nothing(asked):
    told = asked("import sys\nprint('{' * 100_000, flush=True)\n" + FLASK)

    assert (told.problem, told.kind) == (None, "flask")


def test_an_application_that_reads_its_input_finds_none(asked):
    reading, writing = os.pipe()
    kept = os.dup(0)
    os.dup2(reading, 0)
    try:
        told = asked("import sys\nassert sys.stdin.read() == ''\n" + FLASK, timeout_s=10)
    finally:
        os.dup2(kept, 0)
        for one in (kept, reading, writing):
            os.close(one)

    assert told.problem is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import sys\nsys.exit('no licence')\n", "SystemExit: no licence"),
        ("def (:\n", "SyntaxError: invalid syntax"),
        ("import os, sys\nprint('bye', file=sys.stderr, flush=True)\nos._exit(3)\n", "bye"),
        ("app = 3\n", "TypeError: builtins.int is no application of a known framework"),
        ("\n", "AttributeError: module 'shop' has no attribute 'app'"),
    ],
)
def test_an_import_that_fails_says_how(asked, text, said):
    assert asked(text).problem.said == said


def test_the_line_of_a_failure_is_the_projects_own(asked):
    told = asked("import json\ndef read():\n    return json.loads('{')\nread()\n")

    assert told.problem.place == Place("shop.py", 3)
    assert str(told.problem).startswith("shop.py:3: json.decoder.JSONDecodeError")


def test_a_child_that_lives_on_holds_nobody_up(asked):
    told = asked("import os, time\nif not os.fork():\n    time.sleep(600)\n" + FLASK, timeout_s=10)

    assert (told.problem, told.kind) == (None, "flask")


def test_an_answer_without_end_is_cut(asked, monkeypatch):
    monkeypatch.setattr(importing, "_ANSWER_LIMIT_BYTES", 10)

    assert asked(FLASK).problem.said == "it tells more routes than can be read"


def test_the_line_of_a_failure_is_never_the_import_machinery(asked):
    told = asked("import importlib\nimportlib.import_module('no_such_library')\n")

    assert told.problem.place == Place("shop.py", 2)


def test_nothing_is_written_beside_the_source(asked, tmp_path):
    asked(FLASK)

    assert [one.name for one in tmp_path.iterdir()] == ["shop.py"]


def test_an_interpreter_that_is_not_there_is_a_problem(tmp_path):
    told = ask(tmp_path, application(), python=str(tmp_path / "python"))

    assert told.problem.said == f"{tmp_path / 'python'}: No such file or directory"


def test_an_application_inside_hand_made_middleware_is_found(asked):
    told = asked(
        FLASK + "@app.get('/up')\ndef up(): return ''\n"
        "class Counting:\n    def __init__(self, app): self.app = app\n"
        "    def __call__(self, environ, start): return self.app(environ, start)\n"
        "app = Counting(app)\n"
    )

    assert [one.operation for one in told.routes] == ["GET /up"]


def test_the_projects_own_environment_is_preferred(tmp_path):
    python = tmp_path / ".venv" / "bin" / "python"
    assert interpreter(tmp_path) == sys.executable
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)

    assert interpreter(tmp_path) == str(python)
