"""Which applications a project has, and how each is started."""

import pytest

from ripstop.model.survey import Place, Route, Sureness
from ripstop.scan.routes.applications import applications, ready_paths

APP = "from fastapi import FastAPI\napp = FastAPI()\n"


def test_the_configured_command_is_the_only_one(write):
    root, code = write(
        {
            "shop.py": APP,
            "other.py": APP,
            "pyproject.toml": """
                [tool.ripstop.service]
                command = "uvicorn shop:app --port {port} --workers 2"
                [tool.ripstop.service.env]
                MODE = "test"
                DATABASE_URL = "{seams.db.url}"
            """,
        }
    )

    (found,) = applications(root, code)

    assert (found.kind, found.target, found.env) == ("fastapi", "shop:app", {"MODE": "test"})
    assert found.command == "uvicorn shop:app --port {port} --workers 2"
    assert found.place == Place("pyproject.toml", 3)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("Procfile", "release: true\nweb: uvicorn shop:app --port $PORT\n", 2),
        ("Dockerfile", 'FROM x\nCMD ["uvicorn", \\\n "shop:app"]\n', 2),
        ("Dockerfile", "CMD uvicorn shop:app\n", 1),
        ("compose.yml", "services:\n  web:\n    command: uvicorn shop:app\n", 3),
        ("start.sh", "#!/bin/sh\nexec uvicorn shop:app\n", 2),
    ],
)
def test_what_starts_it_now_is_surer_than_syntax(write, name, text, line):
    root, code = write({"shop.py": APP, name: text})

    (found,) = applications(root, code)

    assert (found.target, found.place) == ("shop:app", Place(name, line))
    assert (found.kind, found.sureness) == ("fastapi", Sureness.CERTAIN)
    assert found.command == "uvicorn shop:app --port {port}"


def test_an_application_below_a_folder_is_started_there(write):
    root, code = write(
        {"backend/pyproject.toml": "", "backend/app/__init__.py": "", "backend/app/main.py": APP}
    )

    (found,) = applications(root, code)

    assert (found.target, found.folder, found.sureness) == ("app.main:app", "backend", Sureness.LIKELY)


def test_a_factory_is_called_and_one_that_needs_arguments_is_not(write):
    root, code = write(
        {
            "shop.py": """
                from flask import Flask
                def create_app(name="x"):
                    app = Flask(name)
                    return app
                def build_app(name):
                    return Flask(name)
            """
        }
    )

    assert [(one.target, one.kind) for one in applications(root, code)] == [("shop:create_app()", "flask")]


def test_what_a_factory_made_at_the_top_goes_before_the_factory(write):
    root, code = write(
        {
            "shop.py": """
                from flask import Flask
                def create_app() -> Flask:
                    return Flask("x")
                app = create_app()
            """
        }
    )

    found = applications(root, code)

    assert [one.target for one in found] == ["shop:app", "shop:create_app()"]
    assert [one.sureness for one in found] == [Sureness.LIKELY, Sureness.GUESS]


def test_mounted_applications_are_not_started_alone(write):
    root, code = write({"shop.py": APP + 'inner = FastAPI()\napp.mount("/in", inner)\n'})

    assert [one.target for one in applications(root, code)] == ["shop:app"]


def test_a_django_project_is_known_by_its_manage_py(write):
    manage = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_of.settings")\n'
    root, code = write({"manage.py": manage, "site_of/wsgi.py": "", "site_of/settings.py": ""})

    (found,) = applications(root, code)

    assert (found.kind, found.target, found.settings) == (
        "django",
        "site_of.wsgi:application",
        "site_of.settings",
    )
    assert found.command == "python manage.py runserver --noreload 127.0.0.1:{port}"
    assert found.place == Place("manage.py", 2)


def test_a_script_is_started_by_the_application_in_it(write):
    root, code = write({"shop.py": APP, "Procfile": "web: python shop.py\n"})

    (found,) = applications(root, code)

    assert (found.target, found.command) == ("shop:app", "uvicorn shop:app --port {port}")


@pytest.mark.parametrize("text", ["[tool.ripstop", 'CMD ["unclosed', "\x00\xff"])
def test_files_that_cannot_be_read_start_nothing(write, text):
    root, code = write({"pyproject.toml": text, "Dockerfile": text, "Procfile": text})

    assert applications(root, code) == ()


def test_ready_paths_are_open_gets_the_usual_names_first():
    place = Place("a.py", 1)

    def get(path, *guards, method="GET"):
        return Route(method, path, "a.f", place, "flask", guards=guards)

    routes = [
        get("/"),
        get("/orders"),
        get("/api/status"),
        get("/health"),
        get("/ready", "a.login"),
        get("/health/{part}"),
        get("/ping", method="POST"),
    ]

    assert ready_paths(routes) == ("/health", "/api/status", "/ready", "/")
