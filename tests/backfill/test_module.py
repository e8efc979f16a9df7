"""A file in blocks, and digests that tell an edit from a formatter's work."""

from __future__ import annotations

import pytest

from ripstop.backfill import module
from ripstop.backfill.module import Block, Entry, Module

TEXT = 'def test_a(service):\n    assert service.get("/", params={"a": 1}).status_code == 200\n'


@pytest.mark.parametrize(
    "same",
    [
        TEXT.replace('"', "'"),
        TEXT.replace("    assert", "\n    assert").replace(
            'params={"a": 1}', 'params={\n        "a": 1,\n    }'
        ),
    ],
    ids=["quotes", "layout"],
)
def test_a_formatter_does_not_change_the_digest(same: str) -> None:
    assert module.digest(same) == module.digest(TEXT)


@pytest.mark.parametrize(
    "edited",
    [TEXT.replace("200", "201"), f"# mine\n{TEXT}", TEXT.replace("test_a", "test_b"), f"@mark\n{TEXT}"],
)
def test_an_edit_changes_the_digest(edited: str) -> None:
    assert module.digest(edited) != module.digest(TEXT)


def test_a_written_file_reads_back_as_it_was() -> None:
    entry = Entry("test_a", module.digest(TEXT), "pin", "0" * 8)
    before = Module(
        '"""Head."""',
        (),
        (Block("constant", "A", "A = 1"), Block("test", "test_a", TEXT.strip())),
        {"test_a": entry},
    )
    after = module.read(module.write(before))

    assert (after.head, after.blocks, after.manifest) == (before.head, before.blocks, before.manifest)


def test_imports_follow_what_the_tests_use_and_a_persons_stay() -> None:
    old = module.read("import os\nimport mine\n\n\ndef test_a():\n    pytest.fail(str(uuid4()))\n")
    text = module.write(old)

    assert "import os" not in text
    assert "from uuid import uuid4" in text
    assert "import pytest" in text
    assert "import mine" in text
