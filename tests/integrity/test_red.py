"""Red for the right reason: each way in which a test can fail, and its name."""

from __future__ import annotations

import pytest

from ripstop.errors import ExperimentError
from ripstop.integrity.red import RIGHT, WAYS_OUT

from .shop import made

PLAIN = "from shop.prices import total\n\n\n"
HTTP = """import http.client, pytest
from shop.web import served

@pytest.fixture
def shop():
    with served() as port:
        yield http.client.HTTPConnection("127.0.0.1", port)

"""
WEB = """import contextlib, http.server, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(404)
        self.end_headers()
    def log_message(self, *args):
        pass

@contextlib.contextmanager
def served():
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever).start()
    yield server.server_port
    server.shutdown()
    server.server_close()
"""
REFUSED = """
class Refused(Exception):
    def __init__(self, response):
        self.response = response

class Answer:
    status_code = 404
"""

CASES = {
    "assertion": PLAIN + "def test():\n    assert total([1, 2]) == 3\n",
    "assertion-in-a-helper": PLAIN
    + "def check(got):\n    assert got == 3\n\ndef test():\n    check(total([1, 2]))\n",
    "assertion-did-not-raise": PLAIN
    + "import pytest\n\ndef test():\n    with pytest.raises(ValueError):\n        total([1])\n",
    "assertion-over-http": HTTP
    + "def test(shop):\n    shop.request('GET', '/x')\n    assert shop.getresponse().status == 200\n",
    "assertion-of-unittest": "import unittest\n"
    + PLAIN
    + "class Test(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(total([1]), 1)\n",
    "no-route": PLAIN + REFUSED + "def test():\n    total([])\n    raise Refused(Answer())\n",
    "syntax-error": "def test(:\n    pass\n",
    "import-error": "from shop.orders import place\n\ndef test():\n    assert place()\n",
    "fixture-error": "import pytest\n\n@pytest.fixture\ndef broken():\n    raise OSError('no')\n\n"
    + "def test(broken):\n    assert broken\n",
    "fixture-error-missing": "def test(nowhere):\n    assert nowhere\n",
    "teardown-error": PLAIN
    + "import pytest\n\n@pytest.fixture\ndef late():\n    yield\n    raise OSError('no')\n\n"
    + "def test(late):\n    total([])\n",
    "harness-timeout": PLAIN + "def test():\n    total([])\n    raise TimeoutError('waited')\n",
    "fault-not-fired": PLAIN
    + "from ripstop.suite.inject import NotFired\n\ndef test():\n    raise NotFired('never')\n",
    "explicit-fail": PLAIN + "import pytest\n\ndef test():\n    total([])\n    pytest.fail('not yet')\n",
    "constant-assertion": PLAIN + "def test():\n    total([])\n    assert False, 'not yet'\n",
    "service-untouched": "def test():\n    got = 1\n    assert got == 2\n",
    "test-error": PLAIN + "def test():\n    total([1])\n    assert undefined == 3\n",
    "test-error-key": PLAIN + "def test():\n    assert {'a': total([])}['b'] == 3\n",
    "raised-elsewhere": "from shop.prices import broken\n\ndef test():\n    assert broken() == 3\n",
    "skipped": "import pytest\n\ndef test():\n    pytest.skip('later')\n",
    "expected-failure": PLAIN
    + "import pytest\n\n@pytest.mark.xfail\ndef test():\n    assert total([1]) == 1\n",
    "already-green": PLAIN + "def test():\n    assert total([]) == 0\n",
}
"""Each by the reason it must be given; what follows a reason's name says what is special in it."""
REASONS = (*RIGHT, *WAYS_OUT)


def reason_of(case: str) -> str:
    return max((one for one in REASONS if case == one or case.startswith(f"{one}-")), key=len)


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every case in a file of its own, all in one run."""
    files = {f"tests/test_{name.replace('-', '_')}.py": text for name, text in CASES.items()}
    broken = "def total(items):\n    return 0\n\ndef broken():\n    return {}['price']\n"
    project = made(
        tmp_path_factory.mktemp("red") / "shop", {**files, "shop/prices.py": broken, "shop/web.py": WEB}
    )
    found = project.judge.red(sorted(files))
    assert found.frozen is None
    return {one.nodeid.partition("::")[0].removeprefix("tests/test_"): one.reason for one in found.colours}


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_failure_is_given_its_reason(colours, case):
    assert colours[f"{case.replace('-', '_')}.py"] == reason_of(case)


def test_every_reason_has_a_case():
    assert {reason_of(case) for case in CASES} == set(REASONS) - {
        "not-collected",
        "died",
        "edited-while-running",
    }


def test_a_right_red_set_is_frozen_with_its_reasons_and_files(shop):
    found = shop.judge.red(["tests/test_new.py"])

    assert found.frozen is not None
    assert found.frozen.tests == {"tests/test_new.py::test_items_are_added": "assertion"}
    assert list(found.frozen.files) == ["tests/test_new.py"]
    assert set(found.frozen.running) == {"pyproject.toml", "tests/conftest.py"}
    assert len(found.frozen.suite) == 2


def test_a_test_that_kills_its_process_is_told_with_what_was_printed(shop):
    shop.write({"tests/test_new.py": "import os\n\ndef test():\n    os._exit(3)\n"})

    with pytest.raises(ExperimentError, match="not-witnessed"):
        shop.judge.red(["tests/test_new.py"])


def test_what_is_ignored_has_no_say(shop):
    shop.write({"shop/__pycache__/prices.cpython-311.pyc": "planted"})

    assert shop.judge.red(["tests/test_new.py"]).frozen


def test_a_test_that_rewrites_the_project_is_told(shop):
    edit = "open('shop/prices.py', 'a').write('#')"
    shop.write({"tests/test_new.py": f"def test():\n    assert {edit} == 3\n"})
    (told,) = shop.judge.red(["tests/test_new.py"]).colours

    assert (told.nodeid, told.reason) == ("shop/prices.py", "edited-while-running")


def test_a_name_that_pytest_does_not_find_is_told(shop):
    (told,) = shop.judge.red(["tests/test_none.py"]).colours

    assert told.reason == "not-collected"
