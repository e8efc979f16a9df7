"""``ripstop gate``, as a person runs it: red, then green, then the work tree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.integrity.shop import RED, RIGHT_PRICES, Project, made

from ripstop.agents import jail
from ripstop.cli.main import main

MEND = ["sh", "-c", "sed -i 's/return 0/return sum(items)/' shop/prices.py"]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = made(tmp_path / "shop", {"tests/test_new.py": "WORDS = ()\n"})
    monkeypatch.chdir(project.root)
    return project


def test_an_agent_writes_a_test_then_another_the_code(shop, capfd):
    (shop.root.parent / "red.py").write_text(RED)
    written = ["cp", str(shop.root.parent / "red.py"), "tests/test_red.py"]
    if not jail.missing():
        written = ["sh", "-c", f"cat > tests/test_red.py <<'END'\n{RED}END"]
    assert main(["gate", "red", "--apply", "--", *written]) == 0
    assert main(["gate", "green", "--apply", "--", "true"]) == 1
    assert main(["gate", "green", "--apply", "--", *MEND]) == 0

    told = capfd.readouterr().out
    assert "frozen: " in told
    assert "✗ not-green: a frozen test does not pass" in told
    assert "accepted: 1 files, applied to the work tree" in told
    assert (shop.root / "shop/prices.py").read_text() == RIGHT_PRICES


def test_without_apply_the_patch_waits(shop):
    assert main(["gate", "red", "--", "sh", "-c", f"cat > tests/test_red.py <<'END'\n{RED}END"]) == 0

    assert not (shop.root / "tests/test_red.py").exists()
    shop.git("apply", ".ripstop/gate.patch")
    assert (shop.root / "tests/test_red.py").read_text() == RED


def test_a_machine_is_told_as_json(shop, capfd):
    main(["gate", "triage", "--json", "--", "sh", "-c", "exit 3"])
    told = json.loads(capfd.readouterr().out)

    assert (told["phase"], told["accepted"], told["status"], told["patch"]) == ("triage", True, 3, None)


def test_where_no_jail_can_be_had_it_says_so(shop, capfd, monkeypatch):
    monkeypatch.setattr(jail, "missing", lambda: "there is no bubblewrap on plan9")

    assert main(["gate", "triage", "--", "true"]) == 0
    assert "no jail here: there is no bubblewrap on plan9; verify-only" in capfd.readouterr().out
    assert main(["gate", "triage", "--require-jail", "--", "true"]) == 3


@pytest.mark.parametrize(
    ("arguments", "slug"), [(["red"], "no-command"), (["green", "--", "true"], "no-red-set")]
)
def test_what_is_missing_is_told(shop, capfd, arguments, slug):
    assert main(["gate", *arguments]) == 2
    assert slug in capfd.readouterr().err


LATIN = "printf 'caf\\351\\n' > shop/names.txt"


def test_what_is_no_utf_8_is_handed_back_byte_by_byte(shop, capfd):
    script = f"cat > tests/test_red.py <<'END'\n{RED}END"
    assert main(["gate", "red", "--apply", "--", "sh", "-c", script]) == 0
    assert main(["gate", "green", "--apply", "--", "sh", "-c", f"{MEND[-1]}; {LATIN}"]) == 0

    assert (shop.root / "shop/names.txt").read_bytes() == b"caf\xe9\n"


@pytest.mark.parametrize("setting", ["autocrlf = input", "autocrlf = true", "eol = crlf"])
def test_how_a_person_has_lines_ended_changes_no_patch(shop, tmp_path, monkeypatch, setting):
    (shop.root / "tests/lines.txt").write_bytes(b"one\r\ntwo\r\n")
    (shop.root / "tests/unix.txt").write_bytes(b"one\ntwo\n")
    shop.commit()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".gitconfig").write_text(f"[core]\n\t{setting}\n[diff]\n\tcontext = 0\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    script = f"cat > tests/test_red.py <<'END'\n{RED}END\nprintf 'three\\r\\n' >> tests/lines.txt"
    assert main(["gate", "red", "--apply", "--", "sh", "-c", f"{script}; echo three >> tests/unix.txt"]) == 0

    assert (shop.root / "tests/lines.txt").read_bytes() == b"one\r\ntwo\r\nthree\r\n"
    assert (shop.root / "tests/unix.txt").read_bytes() == b"one\ntwo\nthree\n"


def test_a_new_file_that_only_its_person_ignores_is_in_the_patch(shop, tmp_path, monkeypatch):
    (tmp_path / "home/.config/git").mkdir(parents=True)
    (tmp_path / "home/.config/git/ignore").write_text("*.txt\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    script = f"cat > tests/test_red.py <<'END'\n{RED}END\necho more > tests/more.txt"
    assert main(["gate", "red", "--apply", "--", "sh", "-c", script]) == 0

    assert (shop.root / "tests/more.txt").read_text() == "more\n"
