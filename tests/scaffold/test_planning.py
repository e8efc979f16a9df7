"""From a folder and what a survey told of it to commands, seams and doubles."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ripstop.model.survey import LeftOut, Place, Ranked, Reach, Route, Survey
from ripstop.model.trace import Kind
from ripstop.scaffold import configuration
from ripstop.scaffold.plan import Plan
from ripstop.scaffold.planning import layout, planned
from ripstop.scaffold.project import Project
from ripstop.scan.routes.applications import Application

Folder = Callable[[dict[str, str]], Project]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    def made(files: dict[str, str]) -> Project:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return Project.read(tmp_path)

    return made


def plan_of(
    project: Project, *reaches: Reach, kind: str = "fastapi", command: str = "uvicorn app:app"
) -> Plan:
    route = Route("POST", "/orders", "app.place", Place("app.py", 1), kind)
    health = Route("GET", "/health", "app.health", Place("app.py", 9), kind)
    found = Survey((Ranked(route, reaches),), (LeftOut(health, "a utility"),))
    application = Application(kind, "app:app", command, Place("app.py", 1), settings="shop.settings")
    return planned(project, found, (application,), configuration.existing(project))


def call(target: str, operation: str, line: int = 1, client: str = "requests", path: str = "app.py") -> Reach:
    return Reach("http", operation, Kind.CALL, Place(path, line), target, client, effect=True)


@pytest.mark.parametrize(
    ("files", "setup"),
    [
        ({"alembic.ini": "", "app.py": ""}, ("alembic upgrade head",)),
        (
            {"schema.py": "if __name__ == '__main__':\n    Base.metadata.create_all(engine)\n"},
            ("python -m schema",),
        ),
        (
            {"package.json": json.dumps({"scripts": {"migrate": "node m.js", "start": "node a.js"}})},
            ("node m.js",),
        ),
        (
            {"db.py": "def make():\n    Base.metadata.create_all(e)\n"},
            ("python -c 'from db import make; make()'",),
        ),
        ({"app.py": "Base.metadata.create_all(engine)\n"}, ()),
    ],
)
def test_the_tables_are_made_as_the_project_makes_them(
    folder: Folder, files: dict[str, str], setup: object
) -> None:
    assert plan_of(folder(files)).service.setup == setup


def test_scripts_in_sql_are_run_by_the_driver_that_comes_along(folder: Folder) -> None:
    (command,) = plan_of(folder({"sql/schema.sql": "CREATE TABLE x ()", "app.py": ""})).service.setup

    assert command.startswith('python -c "import pathlib, pg8000.native')
    assert "'sql/schema.sql'" in command


def test_a_development_server_gives_way_to_the_one_the_project_depends_on(folder: Folder) -> None:
    one = folder({"requirements.txt": "django\nwaitress\n", "manage.py": ""})

    plan = plan_of(one, kind="django", command="python manage.py runserver --noreload 127.0.0.1:{port}")

    assert plan.service.command == "waitress-serve --listen=127.0.0.1:{port} --threads=8 app:app"
    assert plan.service.setup == ("python manage.py migrate --run-syncdb",)
    assert plan.service.ready == "/health"


CODE = """
def charge(user, cents):
    reply = requests.post(f"{URL}/v1/charges", json={"user": user, "cents": int(cents)},
                          headers={"Idempotency-Key": key})
    return reply.json()["receipt"]
"""


def test_a_provider_behind_a_setting_gets_a_skeleton_of_what_the_code_calls(folder: Folder) -> None:
    one = folder({"app.py": f"import os\nURL = os.environ['PAYMENTS_API_URL']\n{CODE}"})

    plan = plan_of(one, call("$PAYMENTS_API_URL", "POST /v1/charges", 5))

    assert plan.service.env == {"PAYMENTS_API_URL": "{seams.payments.url}"}
    (double,) = plan.doubles
    (route,) = double.routes
    assert (double.name, double.header) == ("payments", "Idempotency-Key")
    assert (route.effect, route.sends, route.reads) == (
        "charge",
        {"user": "object", "cents": "int"},
        ("receipt",),
    )


@pytest.mark.parametrize(
    ("reach", "name", "hosts", "double"),
    [
        (
            call("api.stripe.com", "POST /v1/charges", client="stripe"),
            "stripe",
            ("api.stripe.com",),
            "stripe",
        ),
        (call("", "PutObject", client="boto3.client"), "s3", ("*.amazonaws.com",), "s3:uploads"),
        (call("https://api.crm.example.com/v1", "POST /x"), "example", ("api.crm.example.com",), ""),
    ],
)
def test_a_host_is_intercepted_with_the_double_that_fits(
    folder: Folder, reach: Reach, name: str, hosts: tuple[str, ...], double: str
) -> None:
    (seam,) = plan_of(folder({"app.py": ""}), reach).seams

    assert (seam.name, seam.hosts, seam.double) == (name, hosts, double)


def test_a_provider_s_document_stands_in_for_it_where_the_repository_has_one(folder: Folder) -> None:
    one = folder(
        {"specs/crm.yaml": "openapi: 3.0.3\nservers:\n- url: https://api.crm.example\n", "app.py": ""}
    )

    (seam,) = plan_of(one, call("api.crm.example", "GET /x")).seams

    assert seam.double == "openapi:specs/crm.yaml"


def test_programs_of_the_project_s_own_environment_are_named_by_their_place(folder: Folder) -> None:
    one = folder({".venv/bin/uvicorn": "", ".venv/bin/alembic": "", "alembic.ini": "", "app.py": ""})

    service = plan_of(one).service

    assert (service.command, service.setup) == (
        ".venv/bin/uvicorn app:app",
        (".venv/bin/alembic upgrade head",),
    )


def test_a_server_that_no_setting_leads_to_is_told(folder: Folder) -> None:
    reach = Reach("postgres", "INSERT orders", Kind.WRITE, Place("app.py", 3), "orders")

    plan = plan_of(folder({"app.py": ""}), reach)

    assert [one.name for one in plan.seams] == ["db"]
    assert any(note.startswith("no setting leads to the seam db") for note in plan.notes)


def test_workflows_stay_away_from_fixtures_that_would_run_for_them(folder: Folder) -> None:
    plain = layout(folder({"tests/test_x.py": ""}))
    apart = layout(folder({"tests/conftest.py": "@pytest.fixture(autouse=True)\ndef db(): ..."}))

    assert (plain.folder, plain.marked) == ("tests", False)
    assert (apart.folder, apart.module, apart.marked) == ("workflows", "workflows.doubles", True)
