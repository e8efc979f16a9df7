"""Which files of a very large repository are read."""

from ripstop.scan.python import reading
from ripstop.scan.python.naming import named
from ripstop.scan.python.relevance import needed

TEXTS = {
    "shop/__init__.py": b"",
    "shop/app.py": b"from fastapi import FastAPI\nfrom shop.core import (\n    charge,\n    refund,\n)\n",
    "shop/core.py": b"from . import deep\nimport shop.other as o, os\n",
    "shop/deep.py": b"def f():\n    from .late import x\n",
    "shop/late.py": b"",
    "shop/other.py": b"",
    "shop/alone.py": b"import os\nfrom shop import app\n",
}


def test_services_and_all_they_import_are_needed():
    assert needed(TEXTS, named(TEXTS)) == set(TEXTS) - {"shop/alone.py"}


def test_a_large_repository_is_read_selectively_and_a_small_one_whole(project, monkeypatch):
    others = {name: text.decode() for name, text in TEXTS.items()}
    assert "shop.alone.<module>" in project("", others).functions

    monkeypatch.setattr(reading, "LARGE_BYTES", 10)
    code = project("", others)
    assert "shop.alone.<module>" not in code.functions
    assert "shop.deep.f" in code.functions
    assert code.files == len(TEXTS) + 1
