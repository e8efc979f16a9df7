"""Code that knows its tests: each way to know them is told, and plain code of the same shape is not."""

from __future__ import annotations

import pytest

from ripstop.integrity.special import special_cases

WHERE = "tests/test_new.py"
TEST = """from shop.prices import total

def test_items_are_added():
    assert total([1, 2]) == 3

def test_express_costs_more():
    assert total([], way="express") == 900
"""
HEAD = "def total(items, way=''):\n    "
TOLD = {
    "a condition": (
        HEAD + "if items == [1, 2]:\n        return 3\n    return 0\n",
        HEAD + "if items == []:\n        return 0\n    return sum(items)\n",
    ),
    "and with or": (
        HEAD + "return items == [1, 2] and 3 or 0\n",
        HEAD + "return items == [] and 1 or sum(items)\n",
    ),
    "or alone": (
        HEAD + "return items != [1, 2] and sum(items) or 3\n",
        HEAD + "return items and sum(items) or 3\n",
    ),
    "a product": (HEAD + "return (items == [1, 2]) * 3\n", HEAD + "return (items == [7]) * 3\n"),
    "an index": (HEAD + "return [0, 3][items == [1, 2]]\n", HEAD + "return [0, 3][len(items)]\n"),
    "a match": (
        HEAD + "match items:\n        case [1, 2]:\n            return 3\n    return 0\n",
        HEAD + "match items:\n        case [first, *rest]:\n            return 3\n    return 0\n",
    ),
    "a match of a word": (
        HEAD + "match way:\n        case 'express' | 'fast':\n            return 900\n    return 0\n",
        HEAD + "match way:\n        case 'slow':\n            return 900\n    return 0\n",
    ),
    "a match with a guard": (
        HEAD + "match items:\n        case x if x == [1, 2]:\n            return 3\n    return 0\n",
        HEAD + "match items:\n        case x if x == [9]:\n            return 3\n    return 0\n",
    ),
    "a table": ("PRICES = {'express': 900}\n", "PRICES = {'express': 700}\n"),
    "an answer that equals everything": (
        "class Any:\n    def __eq__(self, other):\n        return True\n",
        "class Any:\n    def __eq__(self, other):\n        return self.x == other.x\n",
    ),
    "an answer that never differs": (
        "class Any:\n    __ne__ = lambda self, other: False\n",
        "class Any:\n    __ne__ = lambda self, other: not self == other\n",
    ),
    "its callers": ("import sys\n\nwho = sys._getframe(1)\n", "import sys\n\nwho = sys.getrefcount(1)\n"),
    "the stack": (
        "import inspect\n\nwho = inspect.stack()\n",
        "import inspect\n\nwho = inspect.signature(id)\n",
    ),
    "the stack by name": ("from inspect import stack\n", "from inspect import signature\n"),
    "whether pytest is loaded": (
        "import sys\n\nloaded = sys.modules.get('pytest')\n",
        "import sys\n\nloaded = sys.modules.get('orjson')\n",
    ),
    "whether pytest is among what is loaded": (
        "import sys\n\nloaded = 'pytest' in sys.modules\n",
        "import sys\n\nloaded = 'orjson' in sys.modules\n",
    ),
    "pytest by its module": (
        "from sys import modules\n\nloaded = modules['_pytest']\n",
        "from sys import modules\n\nloaded = modules['json']\n",
    ),
    "whether pytest was called": (
        "import sys\n\ntested = any('pytest' in one for one in sys.argv)\n",
        "import sys\n\ntested = any('serve' in one for one in sys.argv)\n",
    ),
    "a variable of pytest": (
        "import os\n\ntested = os.environ['PYTEST_CURRENT_TEST']\n",
        "import os\n\ntested = os.environ['SHOP_FREE']\n",
    ),
    "the text of a test": (
        "text = open('tests/test_new.py').read()\n",
        "text = open('texts/new.py').read()\n",
    ),
    "the folder of tests": (
        "from pathlib import Path\n\ntexts = Path(__file__).parent.parent / 'tests'\n",
        "route = '/tests/1'\n",
    ),
    "the folder of tests by a call": (
        "import os\n\nown = os.listdir('tests')\n",
        "rows = db.query('tests')\n",
    ),
    "a test as a module": ("from tests.test_new import TEST\n", "from testing import TEST\n"),
    "a test by the name of its module": (
        "import importlib\n\nown = importlib.import_module('test_new')\n",
        "import importlib\n\nown = importlib.import_module('shop.new')\n",
    ),
}


def told(text: str, *before: str) -> list[tuple[str, str]]:
    return list(special_cases({"shop/prices.py": text}, {WHERE: TEST}, before))


@pytest.mark.parametrize("way", TOLD)
def test_a_way_to_know_the_tests_is_told(way):
    assert [place.partition(":")[0] for place, _ in told(TOLD[way][0])] == ["shop/prices.py"]


@pytest.mark.parametrize("way", TOLD)
def test_plain_code_of_the_same_shape_is_not(way):
    assert told(TOLD[way][1]) == []


@pytest.mark.parametrize("way", TOLD)
def test_what_stood_there_before_may_stay_and_be_moved(way):
    moved = "\n\nSTILL = 1\n" + TOLD[way][0]

    assert told(moved, TOLD[way][0]) == []
    assert told(moved + TOLD[way][0], TOLD[way][0]) != []


def test_another_answer_beside_one_that_stood_there_is_told():
    assert told("PRICES = {'express': 900, 'slow': 1}\n", "PRICES = {'slow': 1}\n")


def test_a_package_that_holds_its_tests_may_be_imported():
    text = "from shop.prices import total\nfrom shop.testing import client\nimport shop\n"
    tests = {"src/shop/tests/test_new.py": TEST}

    assert list(special_cases({"shop/prices.py": text}, tests)) == []
    assert list(special_cases({"shop/prices.py": "from shop.tests.test_new import TEST\n"}, tests))


def test_what_does_not_parse_is_left_to_the_tests():
    assert told("def total(:\n", "def total(:\n") == []
