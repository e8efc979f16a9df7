"""One way to write a path, whatever the framework's is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ripstop.scan.routes.paths import angles, braces, join, regex


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (("/api", "/goods"), "/api/goods"),
        (("/api/", "/goods/"), "/api/goods/"),
        (("api", ""), "/api"),
        (("", ""), "/"),
        (("/", "x"), "/x"),
    ],
)
def test_parts_meet_in_one_slash(parts, whole):
    assert join(*parts) == whole


def test_types_of_variables_are_left_out():
    assert braces("/a/{id:int}/{rest:path}") == "/a/{id}/{rest}"
    assert angles("/a/<int:id>/<name>") == "/a/{id}/{name}"


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        (r"^articles/(?P<year>[0-9]{4})/$", "articles/{year}/"),
        (r"^a/(\d+)/(\w+)$", "a/{1}/{2}"),
        (r"^files/(?P<name>[^/)]+)\.json$", "files/{name}.json"),
        (r"^x/(?:page-(?P<page>\d+)/)?$", "x/page-{page}/"),
        (r"^(?P<v>(a|b(c)))/?$", "{v}/"),
        (r"^plain\Z", "plain"),
        (r"(?i)^any$", "any"),
    ],
)
def test_a_regular_expression_reads_as_a_path(pattern, path):
    assert regex(pattern) == path


@given(st.text(alphabet="ab/()[]\\?*+{}<>P:^$.|d1", max_size=30))
def test_a_broken_expression_still_gives_a_text(pattern):
    assert isinstance(regex(pattern), str)
