"""Names in brackets, as the official client spells them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe._encode import _api_encode

from ripstop.doubles.stripe.forms import nested, parameters
from ripstop.model.http import Request

NAMES = st.text("abcdefgh_", min_size=1, max_size=6)
VALUES = st.recursive(
    st.text("xyz 1&=é", min_size=1, max_size=5),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3) | st.dictionaries(NAMES, inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_what_the_client_encodes_is_read_back(sent: dict[str, Any]) -> None:
    body = urlencode(list(_api_encode(sent))).encode()
    assert parameters(Request("POST", "/v1/customers", (), body)) == sent


def test_empty_brackets_append_and_the_query_counts_too() -> None:
    request = Request("GET", "/v1/charges?expand[]=a&expand[]=b&limit=3")
    assert parameters(request) == {"expand": ["a", "b"], "limit": "3"}


@pytest.mark.parametrize(
    "pairs", [[("a", "1"), ("a[b]", "2")], [("a[b]", "2"), ("a", "1")], [("[]" * 20, "1")]]
)
def test_names_that_contradict_each_other_are_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match=r"a value and an object|no parameter's name"):
        nested(pairs)
