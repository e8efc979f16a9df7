"""Whatever is wrong with a project: one clear message, the way out, the documented code, nothing left."""

from __future__ import annotations

import socket

import pytest

from .projects import Disk, Make

QUICK = ("explore", "--fault", "status")

BROKEN = [
    ("no command", "python app.py", "no-such-program-here", 3, ["no-such-command", "way out"]),
    (
        "never ready",
        'app.py {port}"\nstart_timeout_s = 20',
        "-c 'import time; time.sleep(60)'\"\nstart_timeout_s = 1",
        3,
        ["never-ready", "in 1 s", "way out"],
    ),
    (
        "dies",
        "app.py {port}",
        "-c 'raise SystemExit(chr(98)+chr(121)+chr(101))'",
        3,
        ["service-died", "bye", "way out"],
    ),
    ("unknown protocol", '"http"', '"htpt"', 2, ["unknown-protocol", "did you mean 'http'"]),
    ("malformed", 'protocol = "http"', "protocol =", 2, ["malformed-toml", "line 9", "way out"]),
    (
        "unknown template",
        "{seams.pay.url}",
        "{seams.pya.url}",
        2,
        ["bad-template", "did you mean {seams.pay.url}"],
    ),
]


@pytest.mark.parametrize(("_name", "old", "new", "code", "said"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_broken_configuration_is_explained(
    project: Make, _name: str, old: str, new: str, code: int, said: list[str]
) -> None:
    made = project()
    made.edit("ripstop.toml", old, new)

    status, text = made.run("explore", "--report", "json:report.json")

    assert (status, [words for words in said if words not in text]) == (code, []), text
    assert "Traceback" not in text
    assert not (made.folder / "report.json").exists()
    assert made.nothing_left() == []


WRONG = [
    (["exlpore"], 2, ["'explore'"]),
    (["explore", "--seam", "pya"], 2, ["unknown-seam", "did you mean 'pay'"]),
    (["explore", "--fault", "reply_lots"], 2, ["unknown-fault", "did you mean 'reply_lost'"]),
    (["explore", "--report", "xml:a"], 2, ["unknown-report", "json:PATH"]),
    (["explore", "--workers", "0"], 2, ["wrong-workers"]),
    (["explore", "--max-time", "soon"], 2, ["--max-time"]),
    (["replay", "nope"], 2, ["no-such-replay", "way out"]),
    (["explain", "RS999"], 2, ["no-such-page", "did you mean"]),
    (["explain"], 0, ["RS205", "reply_lost"]),
    (["--help"], 0, ["explore", "exit codes"]),
    (["explore", "--help"], 0, ["--max-time", "pytest"]),
]


@pytest.mark.parametrize(("arguments", "code", "said"), WRONG, ids=[" ".join(row[0]) for row in WRONG])
def test_a_command_line_is_answered(project: Make, arguments: list[str], code: int, said: list[str]) -> None:
    status, text = project().run(*arguments)

    assert (status, [words for words in said if words not in text]) == (code, []), text
    assert "Traceback" not in text


SUITES = [
    ("red", "== 201", "== 200", 4, ["not green", "assert 201 == 200"]),
    ("broken set-up", 'note("fixture")', 'raise OSError("no ink")', 4, ["set-up failed", "OSError: no ink"]),
    (
        "broken tear-down",
        'note("undo")',
        'raise OSError("no ink")',
        4,
        ["tear-down failed", "OSError: no ink"],
    ),
    ("unmarked", '@pytest.mark.workflow("pay")', "", 2, ["no-workflows", "way out"]),
    (
        "import error",
        "import pytest",
        "import pytest, nothing_like_it",
        2,
        ["collection-failed", "No module"],
    ),
]


@pytest.mark.parametrize(("_name", "old", "new", "code", "said"), SUITES, ids=[row[0] for row in SUITES])
def test_a_test_suite_that_cannot_be_explored_is_explained(
    project: Make, _name: str, old: str, new: str, code: int, said: list[str]
) -> None:
    made = project()
    made.edit("conftest.py" if old.startswith("note") else "test_pay.py", old, new)

    status, text = made.run(*QUICK)

    assert (status, [words for words in said if words not in text]) == (code, []), text
    assert "Traceback (most recent call last):\n  File" not in text
    assert made.nothing_left() == []


@pytest.mark.parametrize(
    "place", ["start_timeout_s = 20\nport = PORT", "start_timeout_s = 20\n[seams.pay]\nport = PORT\nX"]
)
def test_a_taken_port_is_named(project: Make, place: str) -> None:
    made = project()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        if place.endswith("X"):
            made.edit("ripstop.toml", "[seams.pay]", f"[seams.pay]\nport = {port}")
        else:
            made.edit("ripstop.toml", "start_timeout_s = 20", place.replace("PORT", port))
        status, text = made.run(*QUICK)

    assert (status, "port-taken" in text, port in text) == (3, True, True), text
    assert made.nothing_left() == []


def test_a_double_that_raises_is_named_with_its_route(project: Make) -> None:
    status, text = project(handler="raise ZeroDivisionError('no cents')").run(*QUICK)

    told = " ".join(text.split())
    assert status == 4, text
    assert [w for w in ("pay", "POST /charges", "ZeroDivisionError", "no cents") if w not in told] == [], text


def test_a_call_that_matches_no_route_is_shown_with_its_differences(project: Make) -> None:
    made = project()
    made.edit("stand_in.py", '{"cents": int}', '{"amount": int}')

    status, text = made.run(*QUICK)

    assert status == 4, text
    assert "body.amount: missing, expected int" in " ".join(text.split()), text


RATES = """
@pay.route("GET /rates")
def rates(request):
    return Reply.of(200, {})
"""
EVERY_OTHER_TIME = """
        if sum(line == "call\\n" for line in open("notes")) % 2:
            urllib.request.urlopen(os.environ["PAY_URL"] + "/rates").read()
"""


def test_a_baseline_that_differs_between_runs_names_the_crossing(project: Make) -> None:
    made = project(extra=EVERY_OTHER_TIME)
    made.write("stand_in.py", (made.folder / "stand_in.py").read_text() + RATES)

    status, text = made.run(*QUICK)

    told = " ".join(text.split())
    assert status == 4, text
    assert "two runs without any fault did not do the same" in told
    assert "run: POST /pay > pay: GET /rates" in told
    assert "are the usual causes" in told


def test_a_full_disk_under_the_data_directory_is_told_before_anything_starts(
    project: Make, small_disk: Disk
) -> None:
    made = project(database=True)
    small_disk(made.folder / "data", "8m")

    status, text = made.run(*QUICK, "--report", "json:report.json")

    assert (status, text.count("\n")) == (3, 3), text
    assert [words for words in ("disk-full", "way out", "data_dir") if words not in text] == []
    assert (made.nothing_left(), (made.folder / "report.json").exists()) == ([], False)


def test_a_full_disk_under_the_cache_leaves_no_half_made_entry(project: Make, small_disk: Disk) -> None:
    made = project(database=True)
    small_disk(made.folder / "cache", "8m")

    status, text = made.run(*QUICK, RIPSTOP_CACHE=str(made.folder / "cache"))

    assert (status, text.count("\n")) == (3, 3), text
    assert [words for words in ("disk-full", "way out", "RIPSTOP_CACHE") if words not in text] == []
    assert [path.suffix for path in (made.folder / "cache").iterdir()] == [".lock"]


MANY_ROWS = """
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            connection.execute("INSERT INTO payments (cents) SELECT 5 FROM generate_series(1, 400000)")
"""


def test_a_disk_that_fills_up_during_a_run_is_named_as_the_cause(project: Make, small_disk: Disk) -> None:
    made = project(database=True, extra=MANY_ROWS)
    small_disk(made.folder / "data", "70m")

    status, text = made.run(*QUICK)

    assert status == 3, text
    assert [w for w in ("disk-full", "No space left on device", "way out") if w not in text] == [], text
    assert made.nothing_left() == []


@pytest.mark.parametrize(
    ("folder", "slug"), [("reports", "report-not-written"), (".ripstop", "replays-not-kept")]
)
def test_what_cannot_be_written_is_named_and_not_half_there(
    project: Make, small_disk: Disk, folder: str, slug: str
) -> None:
    made = project()
    small_disk(made.folder / folder, "0")

    status, text = made.run(*QUICK, "--report", "json:reports/report.json")

    assert (status, slug in text, "way out: make room" in text, "Traceback" in text) == (
        2,
        True,
        True,
        False,
    ), text
    assert list((made.folder / folder).iterdir()) == []


NOISE = [
    ("binary junk", "os.write(2, bytes(range(256)) * 9)"),
    ("a flood", "os.write(2, b'x' * 99 + b'\\n' + (b'y' * 199 + b'\\n') * 9000)"),
    ("a fork", "__import__('subprocess').Popen(['sleep', '60'], start_new_session=True)"),
]


@pytest.mark.parametrize(("_name", "extra"), NOISE, ids=[row[0] for row in NOISE])
def test_a_noisy_service_is_explored_like_any_other(project: Make, _name: str, extra: str) -> None:
    made = project(extra=extra)

    status, text = made.run(*QUICK)

    assert (status, "no findings" in text) == (0, True), text
    assert made.nothing_left() == []


@pytest.mark.parametrize("addopts", ["-n 2", "-x", "--reruns 2", "-n 2 --dist loadfile -x --reruns 2"])
def test_the_users_own_pytest_options_change_no_result(project: Make, addopts: str) -> None:
    made = project()
    made.write("pytest.ini", f"[pytest]\naddopts = {addopts}\n")

    status, text = made.run(*QUICK)

    assert (status, "no findings" in text, "experiments in" in text) == (0, True, True), text


def test_what_keeps_two_set_ups_from_starting_is_told_once(project: Make) -> None:
    made = project()
    made.edit("test_pay.py", "import pytest", "import pytest, nothing_like_it")

    status, text = made.run(*QUICK, "--workers", "2")

    assert (status, text.count("collection-failed")) == (2, 1), text
    assert made.nothing_left() == []
