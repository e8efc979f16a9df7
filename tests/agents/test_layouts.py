"""Projects of other shapes: in a folder of a larger repository, or with tests beside the code.

What is around a project is there to read, and only in the copy.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integrity.shop import RED as RED_TEST
from tests.integrity.shop import Project, made

from ripstop.agents import jail
from ripstop.agents.gate import Gate, Handed, Task
from ripstop.agents.phases import GREEN, RED, TRIAGE, Ground
from ripstop.integrity.repository import Repository
from ripstop.integrity.session import Session

CELLS = [] if jail.missing() else ["bubblewrap"]
TEST = """import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "common"))

from shop.prices import total

from beside import NUMBERS


def test_the_common_numbers_are_added():
    assert total(NUMBERS) == 3
"""


@pytest.fixture
def inner(elsewhere: Path) -> Project:
    """A project beside another folder, in one repository, under no temporary folder."""
    whole = made(elsewhere / "whole")
    for name in ("shop", "tests", "pyproject.toml"):
        (whole.root / "svc").mkdir(exist_ok=True)
        (whole.root / name).rename(whole.root / "svc" / name)
    whole.write({"svc/tests/test_new.py": "WORDS = ()\n", "common/beside.py": "NUMBERS = [1, 2]\n"})
    whole.commit()
    return Project(whole.root / "svc")


def handed(project: Project, phase: str, script: str, *, jailed: bool) -> Handed:
    gate = Gate(Repository.around(project.root), jailed=jailed, session=Session(timeout_s=60.0))
    return gate.run(Task(phase, ("sh", "-c", script), Ground(("tests",), ("shop",))))


@pytest.mark.parametrize("cell", CELLS)
def test_all_of_the_original_is_out_of_reach(inner, cell):
    beside = inner.root.parent / "common" / "beside.py"
    done = handed(inner, TRIAGE, f"cat {beside}; cat ../common/beside.py; echo x > ../common/x", jailed=True)

    assert done.said.count(b"NUMBERS") == 1
    assert b"Read-only" in done.said


@pytest.mark.parametrize("jailed", [bool(CELLS), False])
def test_a_test_may_import_from_a_folder_beside_the_project(inner, jailed):
    done = handed(inner, RED, f"cat > tests/test_common.py <<'END'\n{TEST}END", jailed=jailed)

    assert done.refusals == ()
    assert done.red is not None


@pytest.fixture
def flat(tmp_path: Path) -> Project:
    """Tests and code side by side, at the top."""
    project = made(tmp_path / "flat")
    for name in ("shop/prices.py", "tests/test_old.py"):
        text = (project.root / name).read_text().replace("shop.prices", "prices")
        project.write({name.rpartition("/")[2]: text})
    project.git("rm", "-r", "-q", "shop", "tests")
    project.commit()
    return project


@pytest.mark.parametrize("jailed", [bool(CELLS), False])
def test_a_test_beside_the_code_is_written_and_the_code_is_not(flat, jailed):
    ground = Ground.of(["prices.py", "test_old.py", "pyproject.toml"])
    write = f"cat > test_new.py <<'END'\n{RED_TEST.replace('shop.prices', 'prices')}END\n"
    gate = Gate(Repository.around(flat.root), jailed=jailed, session=Session(timeout_s=60.0))
    told = gate.run(Task(RED, ("sh", "-c", write), ground))
    both = gate.run(Task(RED, ("sh", "-c", f"{write}\necho >> prices.py; echo >> pyproject.toml"), ground))

    assert (told.refusals, told.changed) == ((), ("test_new.py",))
    assert jailed == (both.said.count(b"Read-only") == 2)
    assert jailed == both.accepted


@pytest.fixture
def parted(tmp_path: Path) -> Project:
    """A project with another repository inside, as a submodule, and a folder of which half is ignored."""
    lent = made(tmp_path / "lent", {"numbers_lent.py": "LENT = [1, 2]\n"})
    project = made(tmp_path / "parted", {"tests/test_new.py": "WORDS = ()\n", "data/kept.txt": "kept\n"})
    project.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(lent.root), "shop/lent"
    )
    project.write({".gitignore": "__pycache__/\ndata/own.txt\n"})
    project.commit()
    project.write({"data/own.txt": "[1, 2]\n"})
    return project


LENT = """import json
from pathlib import Path

from shop.lent.numbers_lent import LENT
from shop.prices import total


def test_what_was_lent_is_added():
    assert Path("data/kept.txt").read_text() == "kept\\n"
    assert json.loads(Path("data/own.txt").read_text()) == LENT
    assert total(LENT) == 3
"""


@pytest.mark.parametrize("jailed", [bool(CELLS), False])
def test_a_submodule_is_brought_and_what_is_ignored_in_a_folder_too(parted, jailed):
    repo = Repository.around(parted.root)
    gate = Gate(repo, jailed=jailed, session=Session(timeout_s=60.0), bring=("shop/lent", "data"))
    script = f"cat > tests/test_lent.py <<'END'\n{LENT}END"
    done = gate.run(Task(RED, ("sh", "-c", script), Ground(("tests",), ("shop",))))

    assert done.refusals == ()
    assert done.red is not None
    assert b"lent/" not in done.patch.replace(b"shop.lent", b"")


def test_what_is_written_into_a_submodule_is_refused_by_that_name(parted):
    frozen = made(parted.root.parent / "like").frozen("tests/test_new.py")
    mend = "sed -i 's/return 0/return sum(items)/' shop/prices.py"
    gate = Gate(Repository.around(parted.root), jailed=False, session=Session(timeout_s=60.0))
    ground = Ground(("tests",), ("shop",))
    done = gate.run(Task(GREEN, ("sh", "-c", f"{mend}; echo > shop/lent/more.py"), ground, frozen))

    assert [(one.rule, one.place) for one in done.refusals] == [("submodule", "shop/lent/more.py")]
