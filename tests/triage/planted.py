"""Failures of every kind, planted: what a file holds, and what it must be put down to."""

from __future__ import annotations

PRODUCT = {
    "shop/__init__.py": "",
    "shop/prices.py": """
def total(items):
    return sum(items) - 1

def find(order):
    return [line["id"] for line in order["lines"]]

def place(order):
    raise RuntimeError("no stock")

def read(text):
    return text

async def fetched():
    return 3

def answer():
    class Answer:
        status_code = 500
        def json(self):
            return {"error": "internal"}
    return Answer()

def scale(value, *, by):
    return value * by
""",
    "shop/moved.py": "def discount(): return 10\n",
}
IMPORT = "from shop.prices import *\n"
CALL = f"{IMPORT}import pytest\n\n"

# The file's name says what is planted; the cause and the rule that must be named.
CASES: dict[str, tuple[str, str, str]] = {
    "wrong_sum": (CALL + "def test():\n    assert total([1, 2]) == 3\n", "product-bug", "wrong-result"),
    "product_raises": (CALL + "def test():\n    assert place({}) is None\n", "product-bug", "raised"),
    "product_key": (CALL + "def test():\n    assert find({}) == []\n", "product-bug", "raised"),
    "does_not_raise": (
        CALL + "def test():\n    with pytest.raises(ValueError):\n        read('x')\n",
        "product-bug",
        "wrong-result",
    ),
    "server_error": (
        CALL + "def test():\n    assert answer().status_code == 201\n",
        "product-bug",
        "server-error",
    ),
    "answer_lacks": (
        CALL + "def test():\n    body = answer().json()\n    assert body['id'] == 1\n",
        "product-bug",
        "answer-lacks",
    ),
    "in_a_fixture": (
        CALL + "@pytest.fixture\ndef order():\n    return place({})\n\ndef test(order):\n    assert order\n",
        "product-bug",
        "raised",
    ),
    "syntax": ("def test(:\n    pass\n", "test-bug", "does-not-parse"),
    "no_fixture": ("def test(shopp):\n    assert shopp\n", "test-bug", "no-such-fixture"),
    "undefined": (CALL + "def test():\n    assert totall([1]) == 1\n", "test-bug", "undefined-name"),
    "moved_import": (
        "from shop.prices import discount\n\ndef test():\n    assert discount() == 10\n",
        "test-bug",
        "import-out-of-date",
    ),
    "passes_now": (
        CALL + "@pytest.mark.xfail(strict=True)\ndef test():\n    assert read('x') == 'x'\n",
        "test-bug",
        "expected-failure-passes",
    ),
    "own_type_error": (
        CALL + "def test():\n    wanted = 'a' + 1\n    assert read('x') == wanted\n",
        "test-bug",
        "test-breaks",
    ),
    "old_arguments": (CALL + "def test():\n    assert scale(2) == 4\n", "test-bug", "call-out-of-date"),
    "not_awaited": (CALL + "def test():\n    assert fetched() + 1 == 4\n", "test-bug", "test-breaks"),
    "bare_fail": (CALL + "def test():\n    pytest.fail('later')\n", "test-bug", "fails-by-itself"),
    "fixture_breaks": (
        CALL + "@pytest.fixture\ndef rows():\n    return [][0]\n\ndef test(rows):\n    assert rows\n",
        "test-bug",
        "fixture-breaks",
    ),
    "double_misused": (
        "from unittest import mock\n\ndef test():\n    assert mock.Mock(spec=['send']).sent()\n",
        "test-bug",
        "double-misused",
    ),
    "not_installed": (
        "import stripe_of_old\n\ndef test():\n    assert stripe_of_old\n",
        "environment",
        "not-installed",
    ),
    "refused": (
        "import socket\n\ndef test():\n    assert socket.create_connection(('127.0.0.1', 1), 1)\n",
        "environment",
        "not-reachable",
    ),
    "port_taken": (
        "import socket\n\ndef test():\n    first = socket.create_server(('127.0.0.1', 0))\n"
        "    assert socket.create_server(first.getsockname())\n",
        "environment",
        "port-taken",
    ),
    "no_variable": (
        "import os\n\ndef test():\n    assert os.environ['SHOP_DATABASE_URL']\n",
        "environment",
        "no-variable",
    ),
    "no_program": (
        "import subprocess\n\ndef test():\n    assert subprocess.run(['pg-of-old', '--version'])\n",
        "environment",
        "no-program",
    ),
    "disk_full": (
        "import errno, pytest\n\n@pytest.fixture\ndef place():\n"
        "    raise OSError(errno.ENOSPC, 'No space left on device')\n\ndef test(place):\n    assert place\n",
        "environment",
        "disk-full",
    ),
    "order_of_a_set": (
        "def test():\n    assert [3, 1, 2] == [1, 2, 3]\n",
        "flake",
        "unordered",
    ),
    "measured_time": (
        "import time\n\ndef test():\n    began = time.perf_counter()\n"
        "    elapsed = time.perf_counter() - began + 1\n"
        "    assert elapsed < 0.5\n",
        "flake",
        "timing",
    ),
}

# What only several runs can tell: it fails first, and then depends.
FLAKES: dict[str, tuple[str, str]] = {
    "order": (
        "KEPT = []\n\ndef test_a():\n    KEPT.append(1)\n\ndef test_order():\n    assert KEPT == []\n",
        "order-dependent",
    ),
    "random": (
        "import pathlib, random\n\ndef test_random():\n    seen = pathlib.Path('seen.txt')\n"
        "    first = not seen.exists()\n    seen.write_text('x')\n"
        "    value = 2 if first else random.random()\n"
        "    assert value < 1\n",
        "random",
    ),
    "sleep": (
        "import pathlib, time\n\ndef test_sleep():\n    slept = pathlib.Path('slept.txt')\n"
        "    first = not slept.exists()\n    slept.write_text('x')\n"
        "    time.sleep(0.01)\n    assert not first\n",
        "timing",
    ),
}
