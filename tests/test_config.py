"""A configuration file read whole, and every way to get one wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ripstop.config import load, render, stakes
from ripstop.errors import UsageError
from ripstop.model.survey import Place, Stake

WHOLE = """
[tool.ripstop]
budget_s = 2
data_dir = "/dev/shm"
tests_dir = "tests/torn"

[tool.ripstop.service]
command = "uvicorn orders.app:app --port {port}"
ready = "/health"
setup = "python -m orders.schema"
env = { DATABASE_URL = "{seams.db.url}", WORKERS = 2 }

[tool.ripstop.seams.db]
protocol = "postgres"
journal = ["audit_log"]
settings = { max_connections = 50, autovacuum = false }

[tool.ripstop.seams.payments]
protocol = "http"
hosts = ["api.payments.example"]
double = "tests.doubles:payments"
"""
SEAMS = {"db": {"url": "postgresql://u@127.0.0.1:1/d", "host": "127.0.0.1"}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(WHOLE)
    return tmp_path


def refusal(folder: Path, text: str, *, name: str = "ripstop.toml") -> UsageError:
    (folder / name).write_text(text)
    with pytest.raises(UsageError) as caught:
        load(folder)
    return caught.value


def service(rest: str) -> str:
    return f'[service]\ncommand = "run {{port}}"\n{rest}'


def seam(rest: str) -> str:
    return service(f"[seams.db]\n{rest}")


def test_every_key_of_a_whole_file_arrives(project: Path) -> None:
    config = load(project)

    assert (config.budget_s, config.data_dir, config.tests_dir) == (2.0, "/dev/shm", "tests/torn")
    assert config.service.command == "uvicorn orders.app:app --port {port}"
    assert (config.service.ready, config.service.setup) == ("/health", ("python -m orders.schema",))
    assert config.service.env == {"DATABASE_URL": "{seams.db.url}", "WORKERS": "2"}
    assert config.seams["db"].journal == ("audit_log",)
    assert config.seams["db"].settings == {"max_connections": "50", "autovacuum": "off"}
    assert config.seams["payments"].hosts == ("api.payments.example",)
    assert config.seams["payments"].double == "tests.doubles:payments"


def test_the_file_is_found_from_a_folder_below(project: Path) -> None:
    below = project / "src" / "orders"
    below.mkdir(parents=True)

    config = load(below)

    assert (config.root, config.source) == (project, project / "pyproject.toml")


def test_a_pyproject_without_our_table_is_passed_over(project: Path) -> None:
    package = project / "package"
    package.mkdir()
    (package / "pyproject.toml").write_text("[project]\nname = 'inner'\n")

    assert load(package).root == project


def test_a_file_of_our_own_goes_before_a_pyproject_beside_it(project: Path) -> None:
    (project / "ripstop.toml").write_text(service(""))

    assert load(project).service.command == "run {port}"


def test_no_file_at_all_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path)

    assert caught.value.slug == "no-config"
    assert "[tool.ripstop.service]" in caught.value.way_out


def test_malformed_toml_is_told_with_line_column_and_text(tmp_path: Path) -> None:
    error = refusal(tmp_path, "[service]\ncommand = run\n")

    assert error.slug == "malformed-toml"
    assert "line 2, column 11" in error.message
    assert error.details == ("command = run",)


def test_toml_that_ends_too_soon_is_told_too(tmp_path: Path) -> None:
    assert refusal(tmp_path, "[service]\ncommand = 'run").slug == "malformed-toml"


def test_bytes_that_are_no_text_are_malformed(tmp_path: Path) -> None:
    (tmp_path / "ripstop.toml").write_bytes(b"command = '\xff\xfe'")

    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "place", "nearest"),
    [
        (f"budgets = 2\n{service('')}", "top level", "budget_s"),
        (service("redy = '/health'"), "service", "ready"),
        (seam("protocol = 'postgres'\njournals = []"), "seams.db", "journal"),
    ],
)
def test_an_unknown_key_is_told_with_its_place_and_the_nearest(
    tmp_path: Path, text: str, place: str, nearest: str
) -> None:
    error = refusal(tmp_path, text)

    assert error.slug == "unknown-key"
    assert error.message.startswith(f"{place}: ")
    assert error.message.endswith(f"did you mean {nearest!r}?")


def test_the_place_in_a_pyproject_is_named_in_full(tmp_path: Path) -> None:
    error = refusal(tmp_path, "[tool.ripstop.servce]\ncommand = 'x'\n", name="pyproject.toml")

    assert error.message == "tool.ripstop: unknown key 'servce'; did you mean 'service'?"
    assert error.details[-1] == f"file: {tmp_path / 'pyproject.toml'}"


def test_a_key_of_another_protocol_is_unknown(tmp_path: Path) -> None:
    error = refusal(tmp_path, seam("protocol = 'http'\njournal = ['audit']"))

    assert error.slug == "unknown-key"


def test_a_missing_command_is_told_with_an_example(tmp_path: Path) -> None:
    error = refusal(tmp_path, "[service]\nready = '/'\n")

    assert (error.slug, error.exit_code) == ("missing-command", 2)
    assert "{port}" in error.way_out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "budget_s = '5s'\n" + service(""),
            "budget_s: expected a number of seconds above 0, got a string '5s'",
        ),
        (
            "budget_s = true\n" + service(""),
            "budget_s: expected a number of seconds above 0, got a boolean True",
        ),
        ("service = 'run'\n", "service: expected a table, got a string 'run'"),
        (
            "[service]\ncommand = ['a', 'b']\n",
            "service.command: expected a string that is not empty, got a list",
        ),
        (service("port = 70000"), "service.port: expected an integer from 0 to 65535, got an integer 70000"),
        (
            service("ready = 'health'"),
            "service.ready: expected a path that begins with /, got a string 'health'",
        ),
        (service("env = { A = true }"), "service.env.A: expected a string, got a boolean True"),
        (seam("protocol = 5"), "seams.db.protocol: expected a string that is not empty, got an integer 5"),
        (
            seam("protocol = 'postgres'\njournal = ['a', 1]"),
            "seams.db.journal[1]: expected a string that is not empty, got an integer 1",
        ),
        (
            seam("protocol = 'postgres'\njournal = 'a'"),
            "seams.db.journal: expected a list of strings, got a string 'a'",
        ),
        (
            seam("protocol = 'http'\ndouble = 'tests.doubles'"),
            "seams.db.double: expected module:attribute, openapi:FILE, cassette:FILE or a double's name, "
            "got a string 'tests.doubles'",
        ),
        (
            seam("protocol = 'http'\ndouble = 'upstream:https://api.example'"),
            "seams.db.double: expected module:attribute, openapi:FILE, cassette:FILE or a double's name, "
            "got a string 'upstream:https://api.example'",
        ),
        (
            seam("protocol = 'http'\nupstream = 'api.example'"),
            "seams.db.upstream: expected a URL that begins with http:// or https://, "
            "got a string 'api.example'",
        ),
        (
            seam("protocol = 'http'\nsandbox = 1"),
            "seams.db.sandbox: expected true or false, got an integer 1",
        ),
    ],
)
def test_a_wrong_type_is_told_with_what_was_expected_and_found(tmp_path: Path, text: str, told: str) -> None:
    error = refusal(tmp_path, text)

    assert (error.slug, error.message) == ("wrong-type", told)


def test_an_unknown_protocol_is_told_with_the_known_ones(tmp_path: Path) -> None:
    error = refusal(tmp_path, seam("protocol = 'postgresql'"))

    assert error.message == "seams.db.protocol: unknown protocol 'postgresql'; did you mean 'postgres'?"
    assert error.way_out == "one of postgres, http, redis, smtp, clock"


def test_a_clock_has_a_zone_that_this_machine_knows(tmp_path: Path) -> None:
    error = refusal(tmp_path, seam("protocol = 'clock'\nzone = 'Europe/Atlantis'"))

    assert (error.slug, "Europe/Berlin" in error.message) == ("wrong-type", True)


def test_a_second_clock_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, seam("protocol = 'clock'\n[seams.time]\nprotocol = 'clock'"))

    assert error.slug == "second-clock"


def test_a_seam_without_protocol_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, seam("")).slug == "missing-protocol"


def test_a_seam_name_that_python_cannot_say_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, service("[seams.pay-ments]\nprotocol = 'http'"))

    assert error.slug == "bad-seam-name"


@pytest.mark.parametrize(
    ("env", "nearest"),
    [
        ("{seams.dd.url}", "{seams.db.url}"),
        ("{seams.db.ulr}", "{seams.db.url}"),
        ("{prot}", "{port}"),
    ],
)
def test_a_template_that_names_nothing_is_refused_with_the_nearest(
    tmp_path: Path, env: str, nearest: str
) -> None:
    text = f"{service('')}env = {{ URL = '{env}' }}\n[seams.db]\nprotocol = 'postgres'\n"

    error = refusal(tmp_path, text)

    assert error.slug == "bad-template"
    assert error.message == f"service.env.URL: {env} names nothing; did you mean {nearest}?"


def test_a_template_is_filled_with_the_port_and_the_seams() -> None:
    assert render("{seams.db.url}?p={port}", SEAMS, 80) == "postgresql://u@127.0.0.1:1/d?p=80"


@pytest.mark.parametrize("text", ['{"a": {"b": 1}}', "sh -c 'echo ${HOME}'", "{}", "a{1}"])
def test_braces_that_are_no_template_stay(text: str) -> None:
    assert render(text, SEAMS, 80) == text


def test_doubled_braces_stand_for_themselves() -> None:
    assert render("{{port}}", SEAMS, 80) == "{port}"


def test_filling_in_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"did you mean \{seams.db.host\}"):
        render("{seams.db.hots}", SEAMS, 80)


@pytest.mark.parametrize(
    ("written", "read"),
    [('"migrate"', ("migrate",)), ('["npm run migrate", "seed"]', ("npm run migrate", "seed")), ("[]", ())],
)
def test_set_up_is_one_command_or_several(tmp_path: Path, written: str, read: tuple[str, ...]) -> None:
    (tmp_path / "ripstop.toml").write_text(service(f"setup = {written}"))

    assert load(tmp_path).service.setup == read


def test_every_set_up_command_is_checked_at_its_place(tmp_path: Path) -> None:
    error = refusal(tmp_path, service('setup = ["migrate", "seed {seams.db.url}"]'))

    assert error.message.startswith("service.setup[1]: {seams.db.url} names nothing")


def two(first: str, second: str) -> str:
    return service(f"[seams.db]\nprotocol = '{first}'\n[seams.sales]\nprotocol = 'postgres'\n{second}")


def test_a_database_may_share_the_server_of_another(tmp_path: Path) -> None:
    (tmp_path / "ripstop.toml").write_text(two("postgres", "server = 'db'\ndatabase = 'sales'"))

    sales = load(tmp_path).seams["sales"]

    assert (sales.server, sales.database) == ("db", "sales")


@pytest.mark.parametrize(
    ("first", "second", "slug", "told"),
    [
        ("postgres", "server = 'bd'\ndatabase = 'x'", "no-such-server", "seams.sales.server: 'bd'"),
        ("http", "server = 'db'\ndatabase = 'x'", "no-such-server", "seams.sales.server: 'db'"),
        ("postgres", "server = 'sales'\ndatabase = 'x'", "no-such-server", "seams.sales.server: 'sales'"),
        ("postgres", "server = 'db'", "same-database", "seams.sales is the database of seams.db"),
        ("postgres", "server = 'db'\ndatabase = 'x'\nbindir = '/p'", "servers-own", "seams.sales"),
    ],
)
def test_a_wrong_place_for_a_database_is_refused(
    tmp_path: Path, first: str, second: str, slug: str, told: str
) -> None:
    error = refusal(tmp_path, two(first, second))

    assert (error.slug, error.message.startswith(told)) == (slug, True)


def test_a_second_process_has_a_command_and_settings_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "ripstop.toml").write_text(
        service('[processes.worker]\ncommand = "work"\nready = "waiting"\nenv = {QUEUE = "mails"}')
    )

    worker = load(tmp_path).processes["worker"]

    assert (worker.command, worker.ready, worker.env) == ("work", "waiting", {"QUEUE": "mails"})


@pytest.mark.parametrize(
    ("rest", "slug", "place"),
    [
        ("ready = 'x'", "missing-command", "processes.worker.command"),
        ("command = 'work {seams.dp.url}'", "bad-template", "processes.worker.command"),
        ("command = 'work'\nports = 1", "unknown-key", "processes.worker"),
    ],
)
def test_a_wrong_process_is_refused_at_its_place(tmp_path: Path, rest: str, slug: str, place: str) -> None:
    error = refusal(tmp_path, service(f"[processes.worker]\n{rest}"))

    assert (error.slug, error.message.startswith(place)) == (slug, True)


def test_a_host_of_two_seams_is_refused(tmp_path: Path) -> None:
    one = '[seams.{}]\nprotocol = "http"\nhosts = ["api.pay.example"]\n'
    error = refusal(tmp_path, service(one.format("pay") + one.format("bank")))

    assert (error.slug, error.message) == (
        "host-taken",
        "seams.bank.hosts: 'api.pay.example' is intercepted by the seam 'pay' already",
    )


@pytest.mark.parametrize(
    "double", ["stripe", "s3:a,b", "openapi:docs/api.yaml", "cassette:tests/a b.json", "m.n:x"]
)
def test_a_double_is_named_by_name_file_or_module(tmp_path: Path, double: str) -> None:
    (tmp_path / "ripstop.toml").write_text(
        seam(f"protocol = 'http'\ndouble = '{double}'\nupstream = 'https://a.example/'")
    )
    config = load(tmp_path)

    assert (config.seams["db"].double, config.seams["db"].upstream) == (double, "https://a.example")


STAKES = """\
[tool.other]
x = 1

[tool.ripstop.workflows."POST /orders"]
risk = "critical"
revenue = 120000
cost_of_failure = 35.5
frequency = 9000
currency = "EUR"
owner = "team-checkout"

[tool.ripstop.workflows."place an order"]
owner = "someone"
"""


def stakes_of(tmp_path: Path, text: str) -> Mapping[str, Stake]:
    (tmp_path / "pyproject.toml").write_text(text)
    return stakes(tmp_path)


def test_stakes_are_read_without_any_service(tmp_path: Path) -> None:
    found = stakes_of(tmp_path, STAKES)

    said_at = Place("pyproject.toml", 4)
    assert found["POST /orders"] == Stake("critical", 120_000, 35.5, 9_000, "EUR", "team-checkout", said_at)
    assert found["place an order"] == Stake(owner="someone", said_at=Place("pyproject.toml", 12))


def test_stakes_are_part_of_a_whole_configuration(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(STAKES + '[tool.ripstop.service]\ncommand = "x"\n')

    assert load(tmp_path).workflows == stakes(tmp_path)


@pytest.mark.parametrize("text", ["", "[tool.ripstop]\n", "[project]\nname = 'x'\n"])
def test_where_nobody_says_anything_there_are_no_stakes(tmp_path: Path, text: str) -> None:
    assert stakes_of(tmp_path, text) == {}


@pytest.mark.parametrize(
    ("line", "slug", "said"),
    [
        ("risc = 'high'", "unknown-key", "did you mean 'risk'"),
        ("risk = 'huge'", "wrong-type", "one of low, normal, high, critical"),
        ("revenue = '12'", "wrong-type", "revenue: expected a number that is not below 0"),
        ("frequency = -1", "wrong-type", "frequency: expected a number that is not below 0"),
        ("revenue = inf", "wrong-type", "expected a number that is not below 0"),
        ("cost_of_failure = true", "wrong-type", "expected a number that is not below 0, got a boolean"),
    ],
)
def test_a_wrong_stake_is_told_with_its_place(tmp_path: Path, line: str, slug: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        stakes_of(tmp_path, f'[tool.ripstop.workflows."POST /orders"]\n{line}\n')

    assert (raised.value.slug, said in str(raised.value)) == (slug, True)
    assert "tool.ripstop.workflows.'POST /orders'" in str(raised.value)


@pytest.mark.parametrize("name", ["post /orders", "/orders"])
def test_a_stake_of_a_path_without_its_method_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r'write \[tool.ripstop.workflows."POST /orders"\]') as raised:
        stakes_of(tmp_path, f'[tool.ripstop.workflows."{name}"]\nowner = "x"\n')

    assert raised.value.slug == "bad-workflow"
