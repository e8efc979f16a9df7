"""The settings a service reads: which, whether it needs them, and what each is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from ripstop.scaffold.environment import given
from ripstop.scaffold.project import Project
from ripstop.scaffold.settings import settings


@pytest.fixture
def project(tmp_path: Path):
    def made(**files: str) -> Project:
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Project.read(tmp_path)

    return made


READS = """
import os
from decouple import config
A = os.environ["PAYMENTS_URL"]
B = os.getenv("LOG_LEVEL", "info")
C = config("API_TOKEN")
os.environ["WRITTEN"] = "1"
"""
PYDANTIC = """
from pydantic_settings import BaseSettings, SettingsConfigDict
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="app_")
    database_url: str
    debug: bool = False
    owner: str = Field(..., alias="OWNER_EMAIL")
"""


def test_what_is_read_by_key_is_required_and_what_has_a_default_is_not(project) -> None:
    found = settings(project(app_dot_py=READS))

    assert {name: one.required for name, one in found.items()} == {
        "API_TOKEN": True,
        "LOG_LEVEL": False,
        "PAYMENTS_URL": True,
    }
    assert found["LOG_LEVEL"].default == "info"
    assert found["PAYMENTS_URL"].place == "app.py:4"


def test_fields_of_a_settings_class_go_by_prefix_and_alias(project) -> None:
    found = settings(project(config_dot_py=PYDANTIC))

    assert {name for name, one in found.items() if one.required} == {"APP_DATABASE_URL", "OWNER_EMAIL"}
    assert found["APP_DEBUG"].default == "False"


def test_javascript_s_settings_are_read_with_their_defaults(project) -> None:
    text = "const port = process.env.PORT ?? 3000\nconst { DB_HOST, DB_NAME = 'shop' } = process.env\n"

    found = settings(project(app_dot_ts=text))

    assert {name: one.default for name, one in found.items()} == {
        "DB_HOST": None,
        "DB_NAME": "shop",
        "PORT": "3000",
    }


def env(project: Project, **providers: str) -> dict[str, str]:
    return given(project, settings(project).values(), providers).env


def test_addresses_lead_to_seams_whole_or_in_pieces(project) -> None:
    text = "import os\n" + "\n".join(
        f"os.environ['{name}']"
        for name in ("DATABASE_URL", "POSTGRES_HOST", "DB_NAME", "REDIS_URL", "SMTP_PORT", "CRM_URL", "PORT")
    )

    assert env(project(app_dot_py=text), CRM_URL="crm") == {
        "CRM_URL": "{seams.crm.url}",
        "DATABASE_URL": "{seams.db.url}",
        "DB_NAME": "{seams.db.database}",
        "PORT": "{port}",
        "POSTGRES_HOST": "{seams.db.host}",
        "REDIS_URL": "{seams.cache.url}",
        "SMTP_PORT": "{seams.mail.port}",
    }


@pytest.mark.parametrize(
    ("library", "code", "scheme"),
    [
        ("sqlalchemy\npsycopg[binary]", "create_engine(URL)", "postgresql+psycopg"),
        ("sqlalchemy\nasyncpg", "create_async_engine(URL)", "postgresql+asyncpg"),
    ],
)
def test_a_database_s_address_names_the_driver_where_the_code_does_not(
    project, library: str, code: str, scheme: str
) -> None:
    text = f"import os\nURL = os.environ['DATABASE_URL']\n{code}\n"

    found = env(project(app_dot_py=text, requirements_dot_txt=library))

    assert found["DATABASE_URL"].startswith(f"{scheme}://{{seams.db.user}}:")


@pytest.mark.parametrize(
    ("installed", "start"), [(None, "postgresql+pg8000://"), (object(), "{seams.db.url}")]
)
def test_without_any_driver_the_address_names_the_one_that_comes_along(
    project, monkeypatch: pytest.MonkeyPatch, installed: object, start: str
) -> None:
    monkeypatch.setattr("ripstop.scaffold.environment.find_spec", lambda _: installed)
    one = project(app_dot_py="import os\nos.environ['DATABASE_URL']\n", requirements_dot_txt="sqlalchemy\n")

    assert env(one)["DATABASE_URL"].startswith(start)


def test_a_form_that_an_example_file_shows_is_kept(project) -> None:
    one = project(
        app_dot_py="import os\nos.environ['DATABASE_URL']\n",
        _dot_env_dot_example="DATABASE_URL=postgresql+asyncpg://a:b@localhost/x\n",
    )

    assert env(one)["DATABASE_URL"].startswith("postgresql+asyncpg://{seams.db.user}")


def test_what_nobody_could_know_is_a_note_and_what_some_value_serves_is_not(project) -> None:
    text = "import os\nos.environ['SECRET_KEY'], os.environ['WAREHOUSE']\n"
    one = project(app_dot_py=text)

    result = given(one, settings(one).values(), {})

    assert len(result.env["SECRET_KEY"]) >= 32
    assert result.notes == ["WAREHOUSE (app.py:2) is given 'ripstop': say what it should be"]


def test_what_stands_around_a_setting_says_its_default_and_its_type(project) -> None:
    text = """
import os
TTL = int(os.environ.get("TOKEN_MINUTES") or "15")
IN_BODY = as_bool(os.environ.get("TOKEN_IN_BODY"))
URL = os.getenv("DATABASE_URL") or "sqlite:///" + folder
"""
    found = settings(project(app_dot_py=text))

    assert {name: (one.default, one.type) for name, one in found.items()} == {
        "DATABASE_URL": ("", ""),
        "TOKEN_IN_BODY": (None, "bool"),
        "TOKEN_MINUTES": ("15", "int"),
    }


def test_a_switch_and_a_number_with_a_default_are_left_alone(project) -> None:
    text = "import os\nint(os.getenv('TOKEN_DAYS') or '7')\nas_bool(os.getenv('TOKEN_IN_BODY'))\n"

    assert env(project(app_dot_py=text)) == {}


@pytest.mark.parametrize(
    ("files", "led"),
    [
        ({"app_dot_json": '{"addons": [{"plan": "heroku-postgresql:mini"}]}'}, True),
        ({"docker-compose_dot_yml": "services:\n  db:\n    image: postgres:16\n"}, True),
        ({"docker-compose_dot_yml": "services:\n  db:\n    image: redis:7\n"}, False),
    ],
)
def test_a_database_of_a_file_leads_to_the_seam_where_deployment_means_postgres(
    project, files: dict[str, str], led: bool
) -> None:
    one = project(app_dot_py="import os\nos.getenv('DATABASE_URL') or 'sqlite:///x'\n", **files)

    assert ("DATABASE_URL" in env(one)) is led


@pytest.mark.parametrize(
    "file", ["_dot_env_dot_example", "_dot_env", "_dot_env_dot_local", "_dot_env_dot_dev"]
)
def test_an_address_is_what_a_file_of_the_repository_gives_it(project, file: str) -> None:
    text = "import os\nos.environ['COLLECTOR_ENDPOINT']\n"
    one = project(app_dot_py=text, **{file: "COLLECTOR_ENDPOINT=http://localhost:4317\n"})

    assert env(one) == {"COLLECTOR_ENDPOINT": "http://localhost:4317"}
