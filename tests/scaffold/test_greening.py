"""The loop from a draft to a green one, on a stage that plays a service's part."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ripstop.errors import StartError, UsageError
from ripstop.model.state import Change, ColumnRule, Effect
from ripstop.model.survey import Hazard, Place, Ranked, Reach, Route, Stake
from ripstop.model.trace import Kind
from ripstop.scaffold.drafts import Draft, Found, Joined, Row, Seen, Send
from ripstop.scaffold.greening import Greening, Outcome
from ripstop.scaffold.plan import DoublePlan, Plan, SeamPlan, ServicePlan
from ripstop.scaffold.project import Project
from ripstop.scaffold.testfile import text

RULES = (
    ColumnRule("users", "id", "bigint", nullable=False, unique=True),
    ColumnRule("users", "email", "text", nullable=False, unique=True),
    ColumnRule("products", "id", "bigint", nullable=False, unique=True),
    ColumnRule("products", "seller_id", "bigint", nullable=False, references="users"),
)


@dataclass
class Stage:
    """Answers a draft as the given function does."""

    answer: Callable[[Draft], Seen]
    starts: Callable[[Plan], None] = lambda plan: None
    plans: list[Plan] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)

    def open(self, plan: Plan) -> None:
        self.plans.append(plan)
        self.starts(plan)

    def columns(self) -> tuple[ColumnRule, ...]:
        return RULES

    def attempt(self, draft: Draft) -> Seen:
        self.drafts.append(draft)
        return self.answer(draft)


def reached(
    tmp_path: Path, route: Route, answer: Callable[[Draft], Seen], *others: Route, plan: Plan | None = None
) -> Outcome:
    work = Greening(Project.read(tmp_path), plan or Plan(ServicePlan("run")), Stage(answer), (route, *others))
    assert work.start() == ""
    return work.reach(Ranked(route))


def post(path: str, body: object = None) -> Route:
    return Route("POST", path, "app.handler", Place("app.py", 1), "fastapi", body=body)


def test_fields_that_a_refusal_names_are_put_in_and_changed_until_it_is_content(tmp_path: Path) -> None:
    def answer(draft: Draft) -> Seen:
        sent = draft.act.json or {}
        wrong = (
            []
            if "amount" in sent
            else [{"loc": ["body", "amount"], "type": "missing", "msg": "Field required"}]
        )
        if not wrong and not isinstance(sent["amount"], int):
            wrong = [{"loc": ["body", "amount"], "type": "int_type", "msg": "should be a valid integer"}]
        return Seen(422, {"detail": wrong}, "refused") if wrong else Seen(201, {"ok": True})

    outcome = reached(tmp_path, post("/orders"), answer)

    assert outcome.green
    assert outcome.draft.act.json == {"amount": 4200}


def test_whoever_is_not_known_registers_and_logs_in(tmp_path: Path) -> None:
    account = {
        "type": "object",
        "required": ["email", "password"],
        "properties": {"email": {}, "password": {}},
    }

    def answer(draft: Draft) -> Seen:
        steps = [one.name for one in draft.arrange]
        given = {"login": {"access_token": "a-long-token"}} if "login" in steps else {}
        arranged = {**{name: {} for name in steps}, **given}
        right = isinstance(draft.act.headers.get("Authorization"), Joined)
        return Seen(201 if right else 401, {}, arranged=arranged)

    outcome = reached(tmp_path, post("/orders"), answer, post("/register", account), post("/login", account))

    assert outcome.green
    assert [one.name for one in outcome.draft.arrange] == ["register", "login"]
    assert 'headers={"Authorization": f"Bearer {login[\'access_token\']}"}' in text(outcome)


def test_rows_that_are_missing_are_put_in_after_those_they_refer_to(tmp_path: Path) -> None:
    def answer(draft: Draft) -> Seen:
        rows = {one.table: one for one in draft.arrange if isinstance(one, Row)}
        if "products" in rows and "email" not in rows["users"].values:
            return Seen(None, None, 'null value in column "email" of relation "users"', broken="user")
        return Seen(201, {}, arranged={one.name: {"id": 3} for one in draft.arrange})

    outcome = reached(tmp_path, post("/products/{product_id}/orders"), answer)

    assert outcome.green
    assert [one.name for one in outcome.draft.arrange] == ["user", "product"]
    assert 'seams.db.insert("products", seller_id=user["id"])' in text(outcome)
    assert "f\"/products/{product['id']}/orders\"" in text(outcome)


def test_a_row_that_the_registration_made_is_looked_up(tmp_path: Path) -> None:
    users = Row("user", "users", {"email": "ada@example.com"})

    def answer(draft: Draft) -> Seen:
        if (
            users.table in [one.table for one in draft.arrange if isinstance(one, Row)]
            and draft.arrange[0].name == "register"
        ):
            return Seen(None, None, "Key (email)=(ada@example.com) already exists.", broken="user")
        known = any(isinstance(one, Found) for one in draft.arrange)
        arranged = {one.name: {"token": "a-long-token"} for one in draft.arrange}
        return Seen(200 if known else 401, {}, arranged=arranged)

    outcome = reached(
        tmp_path, post("/users/{user_id}/notes"), answer, post("/register", {"properties": {"email": {}}})
    )

    assert 'seams.db.row("users", email="ada@example.com")' in text(outcome)


def test_a_call_that_no_double_answers_becomes_a_route_of_the_skeleton(tmp_path: Path) -> None:
    plan = Plan(ServicePlan("run"), (SeamPlan("crm", "http"),), (DoublePlan("crm"),))
    stage = Stage(lambda _: Seen(201, {}))
    refused = Seen(
        201, {}, refusals=("the double 'crm' refused POST /v2/contacts/17/notes: the double has no routes",)
    )
    stage.answer = lambda _: refused if not stage.plans[-1].doubles[0].routes else Seen(201, {})
    work = Greening(Project.read(tmp_path), plan, stage)
    work.start()

    outcome = work.reach(Ranked(post("/notes")))

    assert outcome.green
    (route,) = work.plan.doubles[0].routes
    assert (route.operation, route.effect) == ("POST /v2/contacts/{id}/notes", "note")


@pytest.mark.parametrize(
    ("said", "setting"),
    [
        ("KeyError: 'CRM_TOKEN'", "CRM_TOKEN"),
        ("crm_token\n  Field required [type=missing]", "CRM_TOKEN"),
        ("Error: CRM_TOKEN environment variable is required", "CRM_TOKEN"),
    ],
)
def test_a_setting_that_the_service_misses_at_its_start_is_added(
    tmp_path: Path, said: str, setting: str
) -> None:
    def starts(plan: Plan) -> None:
        if setting not in plan.service.env:
            raise StartError("service-died", "the service died", details=said.splitlines())

    work = Greening(Project.read(tmp_path), Plan(ServicePlan("run")), Stage(lambda _: Seen(), starts))

    assert work.start() == ""
    assert setting in work.plan.service.env


def test_a_service_that_has_had_enough_requests_is_started_anew(tmp_path: Path) -> None:
    stage = Stage(lambda _: Seen())
    stage.answer = lambda _: Seen(429 if len(stage.plans) == 1 else 201, {})
    work = Greening(Project.read(tmp_path), Plan(ServicePlan("run")), stage)
    work.start()

    assert work.reach(Ranked(post("/orders"))).green
    assert len(stage.plans) == 2


def test_what_only_a_person_knows_is_a_note_and_an_unfinished_test(tmp_path: Path) -> None:
    outcome = reached(
        tmp_path, post("/orders"), lambda _: Seen(403, {"detail": "managers only"}, "managers only")
    )

    assert not outcome.green
    assert "POST /orders answered 403 managers only: say who may do this" in outcome.note
    assert "@pytest.mark.xfail(strict=True" in text(outcome)
    compile(text(outcome), "<test>", "exec")


def test_what_differs_between_two_runs_is_not_asserted(tmp_path: Path) -> None:
    count = iter(range(1, 9))

    def answer(_: Draft) -> Seen:
        number = next(count)
        new: dict[str, Any] = {"id": str(number), "status": "paid", "at": f"2026-01-0{number}"}
        change = Change("insert", "orders", None, new, {"id": "bigint", "status": "text", "at": "text"})
        return Seen(201, {"id": number, "status": "paid"}, changes=(change,))

    said = text(reached(tmp_path, post("/orders"), answer))

    assert 'assert answer["status"] == "paid"' in said
    assert 'assert seams.db.row("orders", id=answer["id"])["status"] == "paid"' in said
    assert "2026" not in said


def test_without_a_driver_of_its_own_the_service_gets_the_one_that_comes_along(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("sqlalchemy\n")

    def starts(plan: Plan) -> None:
        if "+pg8000" not in plan.service.env["DATABASE_URL"]:
            said = "ModuleNotFoundError: No module named 'psycopg2'"
            raise StartError("service-died", "the service died", details=[said])

    plan = Plan(ServicePlan("run", env={"DATABASE_URL": "{seams.db.url}"}))
    work = Greening(Project.read(tmp_path), plan, Stage(lambda _: Seen(), starts))

    assert work.start() == ""
    assert work.plan.service.env["DATABASE_URL"].startswith("postgresql+pg8000://{seams.db.user}")


def test_what_is_missing_on_our_side_is_told_with_its_own_way_out(tmp_path: Path) -> None:
    def starts(_: Plan) -> None:
        raise UsageError(
            "extra-missing", "no mail server", details=["No module named 'x'"], way_out="install y"
        )

    work = Greening(Project.read(tmp_path), Plan(ServicePlan("run")), Stage(lambda _: Seen(), starts))

    assert work.start() == "no mail server; install y"


ACCOUNT = {
    "type": "object",
    "required": ["email", "password"],
    "properties": {"email": {}, "password": {}},
}


def test_a_login_that_takes_a_name_and_a_password_in_the_header_gets_them_there(tmp_path: Path) -> None:
    login = replace(post("/tokens"), guards=("app.verify_password",))

    def answer(draft: Draft) -> Seen:
        heads = {one.name: one.headers for one in draft.arrange if isinstance(one, Send)}
        basic = str(heads.get("login", {}).get("Authorization", "")).startswith("Basic ")
        given = {"login": {"access_token": "a-long-token"}} if basic else {}
        right = isinstance(draft.act.headers.get("Authorization"), Joined)
        return Seen(201 if right else 401, {}, arranged={**{one: {} for one in heads}, **given})

    outcome = reached(tmp_path, post("/orders"), answer, post("/users", ACCOUNT), login)

    assert outcome.green
    assert [one.name for one in outcome.draft.arrange] == ["register", "login"]


def test_an_answer_that_left_nothing_is_asked_for_again_by_somebody_known(tmp_path: Path) -> None:
    sends = Reach("smtp", "DATA", Kind.CALL, Place("app.py", 3), effect=True)

    def answer(draft: Draft) -> Seen:
        known = bool(draft.arrange)
        return Seen(204, effects=(Effect("mail", "DATA"),) if known else (), arranged={"register": {}})

    route, register = post("/reset", ACCOUNT), post("/users", ACCOUNT)
    work = Greening(Project.read(tmp_path), Plan(ServicePlan("run")), Stage(answer), (route, register))
    work.start()
    outcome = work.reach(Ranked(route, (sends,)))

    assert [one.name for one in outcome.draft.arrange] == ["register"]
    assert all(one.effects for one in outcome.seen)


def test_whoever_logs_in_by_header_is_the_one_who_has_registered(tmp_path: Path) -> None:
    route = replace(post("/tokens"), guards=("app.verify_password",))

    def answer(draft: Draft) -> Seen:
        given = {one.name: {} for one in draft.arrange}
        pair = b64encode(b"ada@example.com:Correct-horse-1843").decode()
        return Seen(
            200 if draft.act.headers.get("Authorization") == f"Basic {pair}" else 401, {}, arranged=given
        )

    assert reached(tmp_path, route, answer, post("/users", ACCOUNT)).green


def test_a_nameless_id_is_that_of_a_row_which_the_handler_looks_up(tmp_path: Path) -> None:
    looked_up = Reach("postgres", "SELECT products", Kind.READ, Place("app.py", 3), target="products")
    route = replace(post("/me/baskets/{id}"), place=Place("app.py", 1))
    work = Greening(
        Project.read(tmp_path), Plan(ServicePlan("run")), Stage(lambda draft: Seen(204)), (route,)
    )
    work.start()
    outcome = work.reach(Ranked(route, (looked_up,)))

    assert [one.name for one in outcome.draft.arrange] == ["user", "product"]


def test_a_note_names_the_guards_that_know_callers_alone(tmp_path: Path) -> None:
    route = replace(post("/orders"), guards=("lib.body", "app.verify_token"))
    outcome = reached(tmp_path, route, lambda _: Seen(403, {}, "no"))

    assert outcome.note.endswith("say who may do this, and how verify_token knows them")


def test_an_effect_that_came_after_the_answer_is_waited_for_in_the_test(tmp_path: Path) -> None:
    sent = Seen(204, effects=(Effect("mail", "mail"),), late=True)
    outcome = reached(tmp_path, post("/reset"), lambda _: sent)

    assert "assert seams.mail.eventually(lambda: seams.mail.effects() == 1)" in text(outcome)


@pytest.mark.parametrize(("stake", "said"), [(Stake(), ""), (Stake(risk="high"), ', risk="high"')])
def test_a_marker_repeats_a_risk_that_a_person_stated_and_states_none(
    tmp_path: Path, stake: Stake, said: str
) -> None:
    work = Greening(
        Project.read(tmp_path), Plan(ServicePlan("run")), Stage(lambda _: Seen(201, {"ok": True}))
    )
    money = Hazard("money", "it charges", 20, Place("app.py", 2))

    outcome = work.reach(Ranked(post("/orders"), hazards=(money,), stake=stake))

    assert f'@pytest.mark.workflow("create order"{said})' in text(outcome)
