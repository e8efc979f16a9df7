"""Which file an import means."""

import pytest

from ripstop.scan.javascript.specifiers import Alias, Files, files_of

PATHS = ("src/app.ts", "src/db.ts", "src/lib/index.js", "src/view.tsx", "packages/pay/src/index.ts")


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("./db", "src/db.ts"),
        ("./db.js", "src/db.ts"),
        ("./db.ts", "src/db.ts"),
        ("./lib", "src/lib/index.js"),
        ("../src/view.jsx", "src/view.tsx"),
        ("./gone", None),
        ("express", None),
    ],
)
def test_a_relative_import_means_a_file_whatever_its_ending(source, path):
    assert Files(frozenset(PATHS)).find("src/app.ts", source) == path


def test_an_alias_counts_below_its_own_folder_only():
    files = Files(frozenset(PATHS), (Alias("src/", "@/", "src/"),))

    assert files.find("src/app.ts", "@/db") == "src/db.ts"
    assert files.find("packages/pay/src/index.ts", "@/db") is None


def test_names_of_workspaces_and_imports_of_packages_are_read(tmp_path):
    (tmp_path / "packages/pay").mkdir(parents=True)
    (tmp_path / "packages/pay/package.json").write_text('{"name": "@shop/pay"}')
    (tmp_path / "package.json").write_text('{"name": "shop", "imports": {"#lib/*": "./src/lib/*"}}')

    files = files_of(tmp_path, PATHS)
    assert files.find("src/app.ts", "@shop/pay") == "packages/pay/src/index.ts"
    assert files.find("src/app.ts", "#lib/index.js") == "src/lib/index.js"


@pytest.mark.parametrize("written", ["{", "[]", '{"compilerOptions": {"paths": []}}', "\0"])
def test_settings_that_are_wrong_give_no_names(tmp_path, written):
    (tmp_path / "tsconfig.json").write_text(written)

    assert files_of(tmp_path, PATHS).aliases == ()


def test_a_base_url_is_where_names_start(tmp_path):
    (tmp_path / "tsconfig.json").write_text('{"compilerOptions": {"baseUrl": "./src"}}')

    assert files_of(tmp_path, PATHS).find("src/view.tsx", "lib") == "src/lib/index.js"
