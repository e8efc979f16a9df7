"""What each setting of a service is given: a seam's address, a plausible constant, or a note."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec

from ripstop.scaffold.project import Project
from ripstop.scaffold.settings import Setting

_URL = r"(URL|URI|DSN)"
_DATABASE_URL = re.compile(
    rf"^(?!TEST_)(\w*_)?(DATABASE|DB|POSTGRES|POSTGRESQL|PG|SQLALCHEMY|SQLALCHEMY_DATABASE|PSQL)_?(CONNECTION_)?(ASYNC_|SYNC_)?{_URL}$"
    r"|^POSTGRES_CONNECTION(_STRING)?$|^(DATABASE|DB)_CONNECTION_STRING$"
)
_DATABASE_PART = re.compile(
    r"^(?!TEST_)(\w*_)?(DB|DATABASE|POSTGRES|POSTGRESQL|PG|PGSQL|PSQL|SQL)_?"
    r"(HOST|HOSTNAME|SERVER|ADDRESS|PORT|USER|USERNAME|PASSWORD|PASS|PASSWD|PWD|NAME|DB|DATABASE|DBNAME)$"
)
_REDIS = re.compile(r"^(\w*_)?REDIS_?(\w*_)?(URL|URI|DSN|HOST|SERVER|PORT)$")
_BROKER = re.compile(r"^(\w*_)?(BROKER_URL|CELERY_BROKER|RESULT_BACKEND|CACHE_URL)$")
_MAIL = re.compile(
    r"^(\w*_)?(SMTP|MAIL|EMAIL)_(HOST|SERVER|HOSTNAME|PORT|USER|USERNAME|HOST_USER|PASSWORD|PASS|HOST_PASSWORD)$"
)
_MAIL_SWITCH = re.compile(r"^(\w*_)?(SMTP|MAIL|EMAIL)_(USE_)?(SSL|TLS|STARTTLS|SSL_TLS|SECURE)$")
_SPELLINGS: Mapping[str, str] = {
    "url": "URL URI DSN",
    "host": "HOST HOSTNAME SERVER ADDRESS",
    "port": "PORT",
    "user": "USER USERNAME HOST_USER",
    "password": "PASSWORD PASS PASSWD PWD HOST_PASSWORD",
    "database": "NAME DB DATABASE DBNAME",
}
_FIELDS = {word: field for field, words in _SPELLINGS.items() for word in words.split()}
_SECRET = re.compile(r"SECRET|KEY|TOKEN|SALT|PASSW|PASS$|PWD|CREDENTIAL|_SID$|PEPPER")
_KNOWN: tuple[tuple[str, str], ...] = (
    (r"STRIPE.*WEBHOOK|WEBHOOK.*SECRET", "whsec_ripstop"),
    (r"STRIPE.*(PUBLIC|PUBLISH)", "pk_test_ripstop"),
    (r"STRIPE", "sk_test_ripstop"),
    (r"SENDGRID", "SG.ripstop"),
    (r"TWILIO.*SID|ACCOUNT_SID", "AC" + "0" * 32),
    (r"AWS_ACCESS_KEY", "ripstop"),
    (r"AWS_SECRET", "ripstop"),
    (r"FERNET|ENCRYPTION_KEY", "cmlwc3RvcC1yaXBzdG9wLXJpcHN0b3AtcmlwczEyMzQ="),
    (r"REGION", "us-east-1"),
    (r"BUCKET", "uploads"),
    (r"ALGORITHM|JWT_ALG", "HS256"),
    (r"EXPIR|MINUTES|SECONDS|TIMEOUT|TTL|MAX|LIMIT|SIZE|COUNT|DAYS|HOURS", "60"),
    (r"EMAIL|MAIL_FROM|FROM_MAIL|SENDER|SUPERUSER$|ADMIN$", "owner@example.com"),
    (r"PHONE|_FROM_NUMBER", "+15005550006"),
    (r"ORIGIN|FRONTEND|BASE_URL|APP_URL|SITE_URL|PUBLIC_URL|DOMAIN$|CLIENT_URL", "http://localhost:3000"),
    (r"DEBUG|ENABLE|DISABLE|USE_|VERBOSE", "false"),
    (r"LOG_?LEVEL", "info"),
    (r"^(\w+_)?(ENV|ENVIRONMENT|STAGE)$", "test"),
    (r"ALLOWED_HOSTS", "*"),
)  # fmt: skip
_DEPLOYED = re.compile(
    r"^(app\.json|render\.ya?ml|fly\.toml|railway\.\w+|(docker-)?compose[\w.-]*\.ya?ml)$"
    r"|^(deploy|deployment|k8s|helm|infra)/.*\.ya?ml$"
)
ALONG = "pg8000"
"""The driver that is installed wherever Ripstop is."""
_LONG_ENOUGH = "ripstop-only-for-tests-not-a-secret-0001"


@dataclass(slots=True)
class Given:
    """What the settings get: ``env`` by name, the kinds of servers they lead to, and notes."""

    env: dict[str, str] = field(default_factory=dict)
    servers: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def given(project: Project, found: Iterable[Setting], providers: Mapping[str, str]) -> Given:
    """A value for each setting that has to have one, or that leads to a seam.

    ``providers`` maps a setting's name to the seam of the external service whose address it holds.
    """
    result = Given()
    for one in found:
        if one.name in providers:
            result.env[one.name] = f"{{seams.{providers[one.name]}.{_provider_field(one)}}}"
        elif not _server(one, project, result):
            _constant(one, result)
    return result


def _provider_field(one: Setting) -> str:
    """An address with its scheme, or a bare host name."""
    shown = one.example or one.default or ""
    return "host" if one.name.endswith("_HOST") and "://" not in shown else "url"


def _server(one: Setting, project: Project, result: Given) -> bool:
    """Lead a setting to a database, a cache or a mail server; whether it is one's."""
    if _DATABASE_URL.match(one.name):
        if one.required or "postgres" in _shown(one) or _speaks_postgres(project):
            result.servers.add("db")
            result.env[one.name] = database_url(one, project)
        return True
    for kind, pattern in (("db", _DATABASE_PART), ("cache", _REDIS), ("mail", _MAIL)):
        if match := pattern.match(one.name):
            result.servers.add(kind)
            result.env[one.name] = f"{{seams.{kind}.{_FIELDS[match[match.lastindex or 0]]}}}"
            return True
    if _BROKER.match(one.name) and "redis" in (_shown(one) + " ".join(project.dependencies)):
        result.servers.add("cache")
        result.env[one.name] = "{seams.cache.url}"
        return True
    return False


def _shown(one: Setting) -> str:
    return f"{one.example or ''} {one.default or ''}".lower()


def _speaks_postgres(project: Project) -> bool:
    """By a driver it depends on, or by what it is deployed with."""
    drivers = {
        "psycopg",
        "psycopg2",
        "psycopg2-binary",
        "psycopg-binary",
        "asyncpg",
        "pg8000",
        "pg",
        "postgres",
    }
    if drivers & project.dependencies:
        return True
    deployed = [path for path in project.files if _DEPLOYED.search(path)]
    return any(re.search(r"postgres|\bpgsql\b", project.text(path)) for path in deployed)


def _constant(one: Setting, result: Given) -> None:
    if one.name == "PORT":
        result.env[one.name] = "{port}"
    elif one.required or (one.default is None and not one.type and _SECRET.search(one.name) and _wanted(one)):
        value, sure = plausible(one)
        result.env[one.name] = value
        if not sure:
            result.notes.append(f"{one.name} ({one.place}) is given {value!r}: say what it should be")


def _wanted(one: Setting) -> bool:
    """A key of a provider's client, without which the client refuses to call."""
    return bool(re.search(r"STRIPE|SENDGRID|TWILIO|AWS|API_KEY|SECRET_KEY|TOKEN", one.name))


def plausible(one: Setting) -> tuple[str, bool]:
    """A value for a setting that has nothing to do with a seam, and whether it is likely to do."""
    options = re.search(r"Literal\[\s*['\"]([^'\"]+)", one.type)
    if options:
        return options[1], True
    if by_type := {"bool": "false", "int": "1", "float": "1", "EmailStr": "owner@example.com"}.get(one.type):
        return next(
            (value for pattern, value in _KNOWN if re.search(pattern, one.name) and _fits(value, one)),
            by_type,
        ), True
    for pattern, value in _KNOWN:
        if re.search(pattern, one.name):
            return value, True
    if _SECRET.search(one.name):
        return _LONG_ENOUGH, True
    if one.example and not one.example.startswith("<"):
        return one.example, True
    if re.search(r"URL|URI|ENDPOINT", one.name) or "Url" in one.type:
        return "http://localhost", False
    return (
        ("[]", True)
        if one.type.lower().startswith("list")
        else ("ripstop", bool(re.search("NAME|TITLE", one.name)))
    )


def _fits(value: str, one: Setting) -> bool:
    return value.isdigit() == (one.type in ("int", "float"))


def database_url(one: Setting, project: Project) -> str:
    """The address in the form that the code wants: with SQLAlchemy's driver where it is part of it."""
    scheme = next(
        (
            m[1]
            for text in (one.example, one.default)
            if text and (m := re.match(r"(postgres\w*(?:\+\w+)?)://", text))
        ),
        "",
    )
    if not scheme or (scheme in ("postgresql", "postgres") and "sqlalchemy" in _libraries(project)):
        scheme = _dialect(project) or scheme
    if scheme in ("", "postgresql"):
        return "{seams.db.url}"
    account = "{seams.db.user}:{seams.db.password}@{seams.db.host}:{seams.db.port}/{seams.db.database}"
    return f"{scheme}://{account}"


def _libraries(project: Project) -> set[str]:
    known = set(project.dependencies)
    return known | {"sqlalchemy"} if known & {"sqlmodel", "flask-sqlalchemy"} else known


def _dialect(project: Project) -> str:
    """The dialect that SQLAlchemy needs to be told because the code does not say it; empty for none."""
    known = _libraries(project)
    if "sqlalchemy" not in known or (known & {"psycopg2", "psycopg2-binary"} and "asyncpg" not in known):
        return ""
    texts = [project.text(path) for path in project.code(".py")]
    if any(
        re.search(r"drivername|['\"]postgresql\+\w+(://)?['\"]|f['\"]postgresql\+\w+://", text)
        for text in texts
    ):
        return ""
    drivers = (
        ("asyncpg", "asyncpg"),
        ("psycopg", "psycopg"),
        ("psycopg-binary", "psycopg"),
        ("pg8000", "pg8000"),
    )
    asynchronous = any("create_async_engine" in text for text in texts)
    for library, driver in drivers:
        if library in known and (library != "asyncpg" or asynchronous):
            return f"postgresql+{driver}"
    return "" if asynchronous or find_spec("psycopg2") else f"postgresql+{ALONG}"
