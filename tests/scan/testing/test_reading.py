"""Test files of any quality: read, or told why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ripstop.scan.testing.reading import MOST_BYTES, read


def written(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"def test_a(:\n", "SyntaxError"),
        (b"x = '\0'\n", "null bytes"),
        (b"x = " + b"(" * 5_000 + b")" * 5_000, "Error"),
        (b"#" * (MOST_BYTES + 1), "larger than 2 MB"),
    ],
    ids=["syntax error", "null byte", "too deep", "too large"],
)
def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read(
    tmp_path: Path, content: bytes, why: str
) -> None:
    bad = written(tmp_path, "test_bad.py", content)
    good = written(tmp_path, "test_good.py", b"\xef\xbb\xbfdef test_a(client): client.get('/a')\n")

    found = read(tmp_path, [bad, good])

    assert [one.nodeid for one in found.tests] == ["test_good.py::test_a"]
    assert [str(one.place).partition(":")[0] for one in found.unread] == ["test_bad.py"]
    assert why in found.unread[0].why


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    (unread,) = read(tmp_path, [tmp_path / "test_gone.py"]).unread

    assert unread.why == "No such file or directory"


def test_both_languages_are_read(tmp_path: Path) -> None:
    files = [
        written(tmp_path, "test_a.py", b"def test_a(client): client.get('/a')\n"),
        written(tmp_path, "a.test.ts", b"it('b', () => { request(app).get('/b') })\n"),
    ]

    paths = {one.nodeid: one.asked[0].path for one in read(tmp_path, files).tests}

    assert paths == {"test_a.py::test_a": "/a", "a.test.ts::b": "/b"}
