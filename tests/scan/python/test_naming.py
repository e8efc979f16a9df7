"""Names of modules from paths, and what imports mean."""

import pytest

from ripstop.scan.python.naming import named


@pytest.mark.parametrize(
    ("files", "marked", "file", "name"),
    [
        (["shop/__init__.py", "shop/app.py"], [], "shop/app.py", "shop.app"),
        (["src/shop/__init__.py", "src/shop/a/b.py"], [], "src/shop/a/b.py", "shop.a.b"),
        (["src/app.py"], [], "src/app.py", "app"),
        (
            ["backend/app/__init__.py", "backend/app/api/main.py"],
            [],
            "backend/app/api/main.py",
            "app.api.main",
        ),
        (["service/app/main.py"], ["service"], "service/app/main.py", "app.main"),
        (["app/main.py"], [], "app/main.py", "app.main"),
        (["shop/__init__.py"], [], "shop/__init__.py", "shop"),
        (["manage.py"], [], "manage.py", "manage"),
    ],
)
def test_a_file_is_named_as_it_is_imported(files, marked, file, name):
    assert named(files, marked).by_file[file] == name


def test_the_second_of_two_same_names_gets_its_whole_path():
    names = named(["a/shop/__init__.py", "b/shop/__init__.py"])

    assert names.by_file == {"a/shop/__init__.py": "shop", "b/shop/__init__.py": "b.shop"}


@pytest.mark.parametrize(
    ("dotted", "found"),
    [
        ("db", "services.one.db"),
        ("services.one.db", "services.one.db"),
        ("other", ""),
        ("shared.log", "shared.log"),
    ],
)
def test_an_import_is_looked_for_where_the_program_may_have_started(dotted, found):
    names = named(["services/one/main.py", "services/one/db.py", "services/two/other.py", "shared/log.py"])

    assert names.imported("services/one/main.py", dotted) == found
