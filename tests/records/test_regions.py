"""Regions of a page: rewritten, while what a person wrote is kept or named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ripstop.errors import UsageError
from ripstop.records.regions import digest, fenced, forced, merged, parts

STEPS = "steps\n"
OLD = fenced("record", "old\n")
NEW = fenced("record", "new\n")
PAGE = f"# Title\n\n{OLD}\nmine\n\n{fenced('steps', STEPS)}\nmine too"


def test_only_what_stands_between_markers_is_rewritten() -> None:
    now = merged(PAGE, {"record": "new\n", "steps": STEPS}, "page.md")

    assert now == PAGE.replace(OLD, NEW)


def test_the_order_of_regions_and_the_absence_of_one_are_the_persons() -> None:
    page = fenced("steps", "a\n") + OLD

    assert merged(page, {"record": "new\n", "steps": STEPS, "cost": "3\n"}, "p") == (
        fenced("steps", STEPS) + NEW
    )


def test_an_edit_inside_a_region_is_named_and_not_lost() -> None:
    page = PAGE.replace("old\n", "old, by hand\n")

    with pytest.raises(UsageError) as refused:
        merged(page, {"record": "new\n", "steps": STEPS}, "page.md")

    assert (refused.value.slug, refused.value.details) == ("page-edited", ("region record",))


def test_an_edit_is_given_up_by_force_alone() -> None:
    page = PAGE.replace("old\n", "old, by hand\n")
    now = forced(page, {"record": "new\n", "steps": STEPS}, "page.md")

    assert "by hand" not in now
    assert now == merged(now, {"record": "new\n", "steps": STEPS}, "page.md")
    assert "\nmine\n" in now


def test_an_edit_that_is_what_would_be_written_is_no_edit() -> None:
    page = PAGE.replace("old\n", "new\n")

    assert NEW in merged(page, {"record": "new\n", "steps": STEPS}, "p")


def test_a_page_without_a_region_of_ours_is_left_alone() -> None:
    with pytest.raises(UsageError) as refused:
        merged("# By hand\n", {"record": "new\n"}, "page.md")

    assert refused.value.slug == "page-not-generated"


@pytest.mark.parametrize(
    "page",
    [
        "<!-- ripstop:begin record -->\n",
        "<!-- ripstop:end record -->\n",
        "<!-- ripstop:begin record -->\n<!-- ripstop:end steps -->\n",
        "<!-- ripstop:begin record -->\n<!-- ripstop:begin record -->\n<!-- ripstop:end record -->\n",
        fenced("record", "a\n") * 2,
    ],
    ids=["no end", "no beginning", "another's end", "nested", "twice"],
)
def test_markers_that_do_not_pair_are_refused(page: str) -> None:
    with pytest.raises(UsageError) as refused:
        parts(page, "page.md")

    assert refused.value.slug == "page-markers"


@given(some.text(alphabet="ab \n<!->#").filter(lambda text: "ripstop" not in text))
def test_whatever_a_person_writes_around_regions_is_kept_to_the_letter(mine: str) -> None:
    page = f"{mine}\n{OLD}{mine}"

    assert merged(page, {"record": "new\n"}, "p") == f"{mine}\n{NEW}{mine}"


def test_a_region_carries_the_digest_of_its_lines() -> None:
    assert fenced("steps", STEPS).startswith(f"<!-- ripstop:begin steps {digest(STEPS)} -->\n")
