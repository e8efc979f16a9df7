"""A green request that is made to write what its code writes, on a stage that plays a service's part."""

from __future__ import annotations

from pathlib import Path

import pytest

from ripstop.model.state import Change, ColumnRule
from ripstop.model.survey import Place, Ranked, Reach, Route
from ripstop.model.trace import Kind
from ripstop.scaffold.drafts import Draft, Row, Seen
from ripstop.scaffold.greening import Greening, Outcome
from ripstop.scaffold.plan import Plan, ServicePlan
from ripstop.scaffold.project import Project

RULES = (
    ColumnRule("articles", "slug", "text", nullable=False, unique=True),
    ColumnRule("articles", "title", "text", nullable=False),
    ColumnRule("labels", "article", "text", nullable=False, references="articles"),
)
ARTICLE = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "body": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "isbn": {"type": "string"},
    },
}
PUT = Route("PUT", "/articles/{slug}", "app.put", Place("app.py", 1), "fastapi", body=ARTICLE)


class Stage:
    """A service that answers 200, or 422 to fields it does not take, and changes what a request changes."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.tries = 0

    def open(self, plan: Plan) -> None:
        pass

    def columns(self) -> tuple[ColumnRule, ...]:
        return RULES

    def attempt(self, draft: Draft) -> Seen:
        self.tries += 1
        sent = draft.act.json
        if any(one in sent for one in self.refused):
            return Seen(422, {}, "refused")
        rows = {
            one.name: {"title": "An example", **one.values} for one in draft.arrange if isinstance(one, Row)
        }
        changes = [Change("update", "articles")] if sent.get("title") != "An example" else []
        changes += [Change("insert", "tags")] if sent.get("tags") else []
        changes += [Change("delete", "labels")] if "label" in rows else []
        return Seen(200, {}, arranged=rows, changes=tuple(changes))


def reached(tmp_path: Path, stage: Stage, *writes: str) -> Outcome:
    reaches = tuple(
        Reach("postgres", one, Kind.WRITE, Place("app.py", 1), target=one.split()[1]) for one in writes
    )
    work = Greening(Project.read(tmp_path), Plan(ServicePlan("run")), stage, (PUT,))
    assert work.start() == ""
    return work.reach(Ranked(PUT, reaches=reaches))


def test_an_update_sends_something_that_the_row_does_not_hold(tmp_path: Path) -> None:
    outcome = reached(tmp_path, Stage(), "UPDATE articles")

    assert outcome.green
    assert outcome.draft.act.json["title"] == "Another example"


def test_fields_that_may_be_left_out_are_sent_where_rows_come_of_them(tmp_path: Path) -> None:
    outcome = reached(tmp_path, Stage(), "UPDATE articles", "INSERT tags")

    assert outcome.green
    assert outcome.draft.act.json["tags"] == ["example"]


def test_one_field_that_is_refused_does_not_keep_the_others_out(tmp_path: Path) -> None:
    outcome = reached(tmp_path, Stage("isbn"), "INSERT tags")

    assert outcome.green
    assert outcome.draft.act.json["tags"] == ["example"]


def test_what_the_code_deletes_is_put_in_first(tmp_path: Path) -> None:
    outcome = reached(tmp_path, Stage(), "UPDATE articles", "DELETE labels")

    assert outcome.green
    assert [one.name for one in outcome.draft.arrange] == ["article", "label"]
    assert outcome.draft.act.json["title"] == "Another example"


@pytest.mark.parametrize("writes", [(), ("UPDATE articles", "INSERT nothing")])
def test_what_cannot_be_bettered_stays_green_after_few_tries(tmp_path: Path, writes: tuple[str, ...]) -> None:
    stage = Stage()

    assert reached(tmp_path, stage, *writes).green
    assert stage.tries <= 9
