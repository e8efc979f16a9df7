"""The whole survey of a repository: the examples, and repositories in every bad state."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from ripstop.cli.offering import faults_at
from ripstop.errors import UsageError
from ripstop.model.survey import Ranked, Reach, Stake, Survey
from ripstop.model.trace import Kind
from ripstop.scan.survey import Options, survey

EXAMPLES = Path(__file__).parents[2] / "examples"
SYNTAX = Options(importing=False)
APP = """
import requests
from fastapi import FastAPI
from fastapi.responses import JSONResponse

app = FastAPI()

@app.get("/rates")
def rates():
    try:
        return requests.get("https://rates.example/v1/rates").json()
    except requests.RequestException:
        return JSONResponse({}, 502)

@app.get("/sum")
def add(a: int, b: int):
    return a + b
"""


def written(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def first(found: Survey) -> Ranked:
    return found.workflows[0]


@pytest.mark.parametrize(
    ("example", "effect", "write"),
    [
        ("orders", "orders/app.py:52", "orders/app.py:41"),
        ("orders_flask", "orders/app.py:58", "orders/app.py:47"),
        ("orders_django", "orders/views.py:48", "orders/views.py:37"),
        ("orders_express", "src/app.ts:44", "src/app.ts:56"),
    ],
)
def test_charge_then_insert_ranks_first_with_both_lines(example: str, effect: str, write: str) -> None:
    one = first(survey(EXAMPLES / example, Options(importing=False, faults=faults_at)))

    reason = max(one.hazards, key=lambda hazard: hazard.weight)
    assert (one.route.operation, reason.slug, str(reason.place)) == (
        "POST /orders",
        "effect-then-write",
        effect,
    )
    assert f"INSERT orders ({write})" in reason.reason
    assert one.tests == ("tests/test_orders.py::test_place_order",)
    assert len(one.failure_modes) > 20
    assert one.stake.risk == "critical"


def test_it_is_the_same_whether_the_application_or_the_syntax_tells_the_routes() -> None:
    asked = Options(faults=faults_at, python=Path(sys.executable))

    told, read = survey(EXAMPLES / "orders", asked), survey(EXAMPLES / "orders", Options(importing=False))

    assert first(told).route.found_by == "import"
    assert [(one.route.operation, one.score) for one in told.workflows] == [
        (one.route.operation, one.score) for one in read.workflows
    ]


def test_what_reaches_nothing_is_left_out_with_its_reason(tmp_path: Path) -> None:
    found = survey(written(tmp_path, {"app.py": APP}), SYNTAX)

    assert [one.route.path for one in found.workflows] == ["/rates"]
    assert [(one.route.path, one.reason) for one in found.left_out] == [
        ("/sum", "pure calculation: it reaches no seam")
    ]


def test_a_person_s_word_is_taken_from_the_options_and_a_slip_in_it_is_told(tmp_path: Path) -> None:
    said = {"GET /rates": Stake(owner="fx"), "GET /rate": Stake(owner="nobody")}

    found = survey(written(tmp_path, {"app.py": APP}), Options(stakes=said, importing=False))

    assert first(found).stake.owner == "fx"
    assert any("'GET /rate' was found; did you mean 'GET /rates'?" in note for note in found.notes)


def test_tests_are_matched_and_what_runs_left_is_read(tmp_path: Path) -> None:
    step = {"step": "GET /rates", "status": 502, "failure": None}
    ran = {"outcome": "passed", "steps": [step], "fired": []}
    document = {"schema": "ripstop-suite/1", "tests": {"tests/test_a.py::test_rates": ran}}
    files = {
        "app.py": APP,
        "tests/test_a.py": "def test_rates(client):\n    client.get('/rates')\n\ndef test_sum(): ...\n",
        "web/tests/page.spec.ts": "test('looks well', async ({ page }) => { page.goto('/') })\n",
        "web/tests/api.spec.ts": "test('rates', async () => { await fetch('/rates') })\n",
        ".ripstop/suite.json": json.dumps(document),
    }

    found = survey(written(tmp_path, files), SYNTAX)

    mine = ("tests/test_a.py::test_rates",)
    assert first(found).tests == (*mine, "web/tests/api.spec.ts::rates")
    assert first(found).error_tests == mine
    assert {one.entered_by for one in first(found).exits} == {mine}
    assert (found.coverage.tests, found.coverage.error_tests) == (3, 1)


def test_faults_are_asked_for_each_crossing(tmp_path: Path) -> None:
    def one(reach: Reach) -> tuple[str, ...]:
        return ("hang",) if reach.kind is Kind.CALL else ()

    found = survey(written(tmp_path, {"app.py": APP}), Options(faults=one, importing=False))

    (mode,) = first(found).failure_modes
    assert (mode.protocol, mode.operation, mode.fault, str(mode.place)) == (
        "http",
        "GET /v1/rates",
        "hang",
        "app.py:11",
    )


BAD = {
    "syntax.py": "def (:\n",
    "null.py": b"x = 1\n\0\n",
    "latin.py": b"x = '\xff\xfe'\n",
    "deep.py": "x = " + "(" * 3_000 + ")" * 3_000,
    "large.py": "x = 1\n" * 900_000,
    "tests/test_bad.py": "def (:\n",
}


def test_files_in_every_bad_state_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    written(tmp_path, {"app.py": APP, **BAD})
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / "dangling.py").symlink_to(tmp_path / "gone.py")

    found = survey(tmp_path, SYNTAX)

    assert first(found).route.path == "/rates"
    unread = {one.place.path for one in found.unread}
    assert {"syntax.py", "null.py", "deep.py", "large.py", "tests/test_bad.py"} <= unread
    assert any(note.startswith("not read: ") for note in found.notes)


@pytest.mark.parametrize(
    ("files", "slug", "said"),
    [
        ({}, "no-code", "no Python, JavaScript or TypeScript source"),
        ({"README.md": "# hi"}, "no-code", "no Python, JavaScript or TypeScript source"),
        ({"tests/test_a.py": "def test_a(): ..."}, "no-code", "only 1 files of tests"),
        ({"lib.py": "def f(): ..."}, "no-service", "no route of a web service in the 1 files"),
        ({"lib.py": "def (:"}, "no-service", "lib.py:1: "),
        ({"index.js": "console.log(1)"}, "no-service", "no route of a web service"),
    ],
)
def test_where_nothing_can_be_said_it_is_a_clear_answer(
    tmp_path: Path, files: dict[str, str | bytes], slug: str, said: str
) -> None:
    with pytest.raises(UsageError) as raised:
        survey(written(tmp_path, files), SYNTAX)

    assert (raised.value.slug, raised.value.exit_code) == (slug, 2)
    assert said in str(raised.value)
    assert raised.value.way_out


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no folder") as raised:
        survey(tmp_path / "gone", SYNTAX)

    assert raised.value.slug == "no-such-folder"


def test_a_package_that_does_not_import_keeps_its_routes_and_says_why(tmp_path: Path) -> None:
    broken = APP + "\nraise RuntimeError('no licence')\n"
    asked = Options(python=Path(sys.executable))

    found = survey(written(tmp_path, {"app.py": broken, "pyproject.toml": ""}), asked)

    assert first(found).route.path == "/rates"
    assert "no licence" in found.notes[0]


MODULE = """
from app.main import charge

class Worker:
    def work(self, amount: int) -> int:
        try:
            charge(amount)
        except ValueError:
            raise RuntimeError("no")
        return sum(one for one in range(amount))
"""


def test_five_thousand_files_are_read_in_time(tmp_path: Path) -> None:
    files = {f"app/p{n % 100}/m{n}.py": MODULE for n in range(4_000)}
    tests = {f"tests/test_{n}.py": f"def test_{n}(client):\n    client.get('/rates')\n" for n in range(1_000)}
    charge = "\ndef charge(amount): requests.post('https://pay.example/v1/charges')\n"
    written(tmp_path, {**files, **tests, "app/main.py": APP + charge})
    began = time.process_time()

    found = survey(tmp_path, SYNTAX)

    assert time.process_time() - began < 20
    assert (found.files, len(first(found).tests)) == (5_001, 1_000)
