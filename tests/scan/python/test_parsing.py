"""Files that are no Python, or hardly: each becomes a reason, and the others are still read."""

import pytest


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"def f(:\n", "syntax error"),
        (b"x = 1\0\n", "NUL"),
        (b"x = 'caf\xe9'\n", "codec"),
        (b"# coding: klingon\nx = 1\n", "encoding"),
        (b"x = " + b"-" * 5_000 + b"1\n", "deeply"),
        (b"x = " + b"+".join([b"a"] * 9_000) + b"\n", "deeply"),
        (b"x = a" + b".b()" * 5_000 + b"\n", "deeply"),
        (b"x = [\n" + b"1,\n" * 700_000 + b"]\n", "longer than 2 MB"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_is_read(tmp_path, project, content, why):
    (tmp_path / "odd.py").write_bytes(content)
    code = project("def f(): ...")

    (unread,) = code.unread
    assert unread.place.path == "odd.py"
    assert why in unread.why
    assert "app.f" in code.functions
    assert code.files == 2


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("# -*- coding: latin-1 -*-\nX = 'café'\n".encode("latin-1"), "café"),
        (b"\xef\xbb\xbfX = 'bom'\n", "bom"),
        ("X = 'naïve'\n".encode(), "naïve"),
    ],
)
def test_a_file_is_decoded_as_it_declares(tmp_path, project, content, text):
    (tmp_path / "odd.py").write_bytes(content)

    assert project().constants["odd.X"].text == text


def test_a_syntax_error_names_its_line(project):
    (unread,) = project("", {"odd.py": "x = 1\ny = (\n"}).unread

    assert str(unread.place) == "odd.py:2"


@pytest.mark.parametrize(
    "text",
    [
        "class C(C): ...",
        "x = x\ny = [z for z in z]",
        "def f(a: 'a', b: x.y = 3, *, c: (1 + 2) = g()) -> [1]: ...",
        "x: 'list[' = 3",
        "from . import x as x\nfrom .... import y\nfrom ...far import z",
        "import app\napp.app.app.f()",
        "*a, b = f()\nf.g.h = 3\ndel f.g",
        "class D:\n    self = None\n    def m(): self.x = 1\n    def n(*a): return super().n(*a)",
        "def f(): return (yield)\nlambda: (yield)",
        "match x:\n    case {'a': y} if y: go(y)",
    ],
)
def test_odd_but_valid_code_is_read_without_complaint(project, text):
    assert project(text).unread == ()


def test_a_function_nested_too_deeply_costs_itself_alone(project):
    deep = "x = " + "(a + " * 85 + "a" + ")" * 85
    nested = "".join(f"{'    ' * depth}if {'not ' * 6}x:\n" for depth in range(1, 19))
    code = project(f"def f():\n{nested}{'    ' * 19}{deep}\ndef g(): go()")

    assert [call.name for call in code.functions["app.g"].calls] == ["?.go"]
