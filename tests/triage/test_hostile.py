"""Reports that somebody else wrote: none is read as what it was not looked at as, none leads elsewhere."""

from __future__ import annotations

import pytest

from ripstop.errors import UsageError
from ripstop.model.triage import Frame
from ripstop.triage.context import contexts
from ripstop.triage.junit import read

ENTITY = """<?xml version="1.0"{}?><!DOCTYPE x [<!ENTITY big "bigbig">]>
<testsuite><testcase classname="a" name="{}"/></testsuite>"""
PLAIN = '<?xml version="1.0" encoding="{}"?><testsuite><testcase classname="a" name="b"/></testsuite>'
TORN = """<testsuite><testcase classname="a" name="b" file="{}">
<failure message="E">{}:1: ValueError</failure></testcase></testsuite>"""


@pytest.mark.parametrize(
    "given",
    [
        ENTITY.format("", "&big;").encode("utf-16"),
        ENTITY.format(' encoding="utf-16"', "&big;").encode("utf-16-le"),
        ENTITY.format(' encoding="utf-16"', "&big;").encode("utf-16-be"),
        PLAIN.format("utf-8").encode().replace(b'"b"', b'"b\0"'),
        PLAIN.format("utf-7").encode(),
        PLAIN.format("none-such").encode(),
    ],
    ids=["bom", "little", "big", "nul", "many-bytes", "unknown"],
)
def test_a_report_in_another_encoding_is_refused_by_the_one_error(tmp_path, given):
    (tmp_path / "report.xml").write_bytes(given)
    with pytest.raises(UsageError) as caught:
        read(tmp_path / "report.xml")

    assert caught.value.slug == "bad-report"


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252"])
def test_an_honest_report_is_read(tmp_path, encoding):
    (tmp_path / "report.xml").write_text(PLAIN.format(encoding), encoding=encoding)

    assert list(read(tmp_path / "report.xml").outcomes) == ["a::b"]


@pytest.mark.parametrize("leads", ["absolute", "dots", "link"])
def test_no_report_makes_us_read_outside_the_project(tmp_path, leads):
    root = tmp_path / "shop"
    root.mkdir()
    (tmp_path / "test_secret.py").write_text("hidden-word\n")
    (root / "test_link.py").symlink_to(tmp_path / "test_secret.py")
    (root / "test_own.py").write_text("own-word\n")
    name = {"absolute": f"{tmp_path}/test_secret.py", "dots": "../test_secret.py", "link": "test_link.py"}[
        leads
    ]
    (tmp_path / "report.xml").write_text(TORN.format(name, name))
    (found,) = contexts(root, [read(tmp_path / "report.xml")])

    assert found.source() == found.body == found.line(Frame(name, 1)) == ""
    assert found.line(Frame("test_own.py", 1)) == "own-word"
