"""Which files of a repository are its source."""

import time
from pathlib import PurePath

import pytest

from ripstop.scan import files


def written(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    found = files.find(root)
    return [
        [path.relative_to(root).as_posix() for path in some]
        for some in (found.python, found.javascript, found.tests)
    ]


def test_files_are_told_apart_by_their_language(tmp_path):
    python, javascript, tests = written(
        tmp_path, "a.py", "b.ts", "c.mjs", "d.tsx", "e.txt", "f.pyc", "g/h.cjs"
    )

    assert (python, javascript, tests) == (["a.py"], ["b.ts", "c.mjs", "d.tsx", "g/h.cjs"], [])


@pytest.mark.parametrize(
    "name",
    [
        *(
            ".git/a.py",
            "node_modules/x/i.js",
            "build/a.py",
            "dist/a.js",
            "a/__pycache__/b.py",
            ".venv/lib/a.py",
        ),
        *("lib/site-packages/a.py", "a.min.js", "types.d.ts", ".next/a.js", "x.egg-info/a.py"),
    ],
)
def test_what_was_installed_or_made_is_left_out(tmp_path, name):
    assert written(tmp_path, name, "own.py") == [["own.py"], [], []]


def test_a_virtual_environment_is_known_by_what_lies_in_it(tmp_path):
    assert written(tmp_path, "env/pyvenv.cfg", "env/lib/a.py", "own.py")[0] == ["own.py"]


def test_migrations_stay(tmp_path):
    assert written(tmp_path, "shop/migrations/0001_first.py")[0] == ["shop/migrations/0001_first.py"]


@pytest.mark.parametrize(
    ("name", "is_test"),
    [
        ("tests/app.py", True),
        ("shop/tests/test_app.py", True),
        ("test_app.py", True),
        ("app_test.py", True),
        ("conftest.py", True),
        ("src/app.test.ts", True),
        ("src/__tests__/app.js", True),
        ("src/app.spec.js", True),
        ("specs/app.py", True),
        ("src/contest.py", False),
        ("src/testimony.py", False),
        ("src/latest.ts", False),
        ("protest/app.py", False),
    ],
)
def test_tests_are_told_from_sources(name, is_test):
    assert files.is_test(PurePath(name)) is is_test


def test_the_folder_a_repository_lies_in_does_not_make_it_tests(tmp_path):
    assert written(tmp_path / "tests" / "repository", "app.py")[0] == ["app.py"]


def test_links_that_lead_in_circles_or_out_are_not_followed(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "far.py").touch()
    root = tmp_path / "root"
    root.mkdir()
    (root / "loop").symlink_to(root)
    (root / "away").symlink_to(tmp_path / "out")
    (root / "dangling.py").symlink_to(root / "nowhere.py")

    assert written(root, "app.py") == [["app.py"], [], []]


def test_a_root_that_is_no_folder_holds_nothing(tmp_path):
    assert files.find(tmp_path / "nowhere") == files.Sources()


def test_more_files_than_the_limit_are_cut_and_said_to_be(tmp_path):
    for number in range(5):
        (tmp_path / f"a{number}.py").touch()

    assert files.find(tmp_path, most=5).cut is False
    found = files.find(tmp_path, most=3)
    assert (len(found.python), found.cut) == (3, True)


def test_five_thousand_files_are_found_in_a_moment(tmp_path):
    for folder in range(50):
        (tmp_path / f"f{folder}").mkdir()
        for number in range(100):
            (tmp_path / f"f{folder}" / f"m{number}.py").touch()

    started = time.process_time()
    assert len(files.find(tmp_path).python) == 5_000
    assert time.process_time() - started < 2
