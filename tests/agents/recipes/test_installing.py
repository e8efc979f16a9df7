"""Recipes where agents look for them: all from one source, and never over what a person wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ripstop.agents.recipes.installing import TARGETS, behind, installed, planned
from ripstop.agents.recipes.marking import State
from ripstop.agents.recipes.source import recipes
from ripstop.errors import UsageError


def install(root: Path, *only: str, force: bool = False) -> None:
    for one in planned(root, only):
        if one.is_written(force=force):
            one.path.parent.mkdir(parents=True, exist_ok=True)
            one.path.write_text(one.text)


def states(root: Path) -> dict[str, State]:
    return {one.name: one.state for one in planned(root)}


def test_every_recipe_reaches_every_target(tmp_path: Path) -> None:
    install(tmp_path)

    for one in recipes():
        text = one.text.splitlines()[0]
        for folder in (".claude/skills", ".agents/skills", "plugins/ripstop/skills"):
            assert text in (tmp_path / folder / one.title / "SKILL.md").read_text()
        assert one.title in (tmp_path / "AGENTS.md").read_text()
    assert {one.state for one in planned(tmp_path)} == {State.CURRENT}


def test_a_command_is_filled_in_by_claude_and_asks_others_to_do_it_themselves(tmp_path: Path) -> None:
    install(tmp_path)

    expanding = (tmp_path / ".claude/commands/test-route.md").read_text()
    assert '!`ripstop recipes route "$ARGUMENTS"`' in expanding
    assert 'argument-hint: "<METHOD /path>"' in expanding
    plain = (tmp_path / ".cursor/commands/test-route.md").read_text()
    assert "$ARGUMENTS" not in plain
    assert 'ripstop recipes route "METHOD /path"' in plain


def test_no_placeholder_of_the_source_is_left_in_any_file(tmp_path: Path) -> None:
    assert [one.name for one in planned(tmp_path) if "{facts}" in one.text or "{argument}" in one.text] == []


@pytest.mark.parametrize(
    "name",
    [".claude/skills/ripstop-red-first/SKILL.md", "AGENTS.md", "plugins/ripstop/.claude-plugin/plugin.json"],
)
def test_what_a_person_changed_is_left_unless_they_give_it_up(tmp_path: Path, name: str) -> None:
    install(tmp_path)
    path = tmp_path / name
    ours = path.read_text()
    path.write_text(ours.replace("ipstop", "ipstop of ours", 1) if name.endswith("json") else _edited(ours))
    mine = path.read_text()

    install(tmp_path)
    assert (states(tmp_path)[name], path.read_text()) == (State.EDITED, mine)

    install(tmp_path, force=True)
    assert path.read_text() == ours


def _edited(text: str) -> str:
    return text.replace("red", "crimson", 1)


def test_a_page_of_their_own_keeps_all_that_stands_around_our_block(tmp_path: Path) -> None:
    page = tmp_path / "AGENTS.md"
    page.write_text("# Ours\n\nAsk Ada.\n")

    install(tmp_path)
    page.write_text(f"{page.read_text()}\nAnd Bob.\n")
    install(tmp_path)

    assert page.read_text().startswith("# Ours\n\nAsk Ada.\n\n<!-- ripstop:begin recipes ")
    assert page.read_text().endswith("<!-- ripstop:end recipes -->\n\nAnd Bob.\n")
    assert states(tmp_path)["AGENTS.md"] is State.CURRENT


def test_a_file_of_somebody_else_under_that_name_is_not_ours_to_write(tmp_path: Path) -> None:
    theirs = tmp_path / ".cursor/commands/test-route.md"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("# My own command\n")

    install(tmp_path)

    assert theirs.read_text() == "# My own command\n"
    assert states(tmp_path)[".cursor/commands/test-route.md"] is State.FOREIGN


def _older(path: Path) -> None:
    """The same file as an older source would have made it."""
    from ripstop.agents.recipes import marking

    text = path.read_text().rpartition("\n<!--")[0]
    path.write_text(marking.markdown(text.replace("red", "scarlet")))


def test_what_an_older_source_made_is_stale_and_written_anew(tmp_path: Path) -> None:
    install(tmp_path)
    path = tmp_path / ".claude/skills/ripstop-red-first/SKILL.md"
    now = path.read_text()
    _older(path)

    assert [one.name for one in behind(planned(tmp_path))] == [".claude/skills/ripstop-red-first/SKILL.md"]
    install(tmp_path)
    assert path.read_text() == now


def test_an_edit_of_an_older_version_is_behind_and_one_of_todays_is_not(tmp_path: Path) -> None:
    install(tmp_path)
    path = tmp_path / ".claude/skills/ripstop-red-first/SKILL.md"
    path.write_text(path.read_text().replace("digest", "sum", 1))
    assert list(behind(planned(tmp_path))) == []

    install(tmp_path, force=True)
    _older(path)
    path.write_text(path.read_text().replace("digest", "sum", 1))

    assert [(one.state, one.behind) for one in behind(planned(tmp_path))] == [(State.EDITED, True)]


def test_only_targets_that_are_there_are_asked_for(tmp_path: Path) -> None:
    assert installed(planned(tmp_path)) == ()
    install(tmp_path, "cursor")
    next((tmp_path / ".cursor/commands").iterdir()).unlink()

    found = installed(planned(tmp_path))

    assert {one.target for one in found} == {"cursor"}
    assert [one.state for one in behind(found)] == [State.MISSING]


def test_a_link_is_followed_inside_the_project_and_refused_out_of_it(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "CLAUDE.md").write_text("# Read this\n")
    (root / "AGENTS.md").symlink_to("CLAUDE.md")
    install(root, "agents-md")
    assert (root / "AGENTS.md").is_symlink()
    assert "ripstop:begin recipes" in (root / "CLAUDE.md").read_text()

    (root / ".cursor").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="leads out of"):
        planned(root)


def test_the_manifest_is_json_with_its_mark_in_the_version(tmp_path: Path) -> None:
    (one,) = (each for each in planned(tmp_path) if each.name.endswith("plugin.json"))
    document = json.loads(one.text)

    assert document["mcpServers"]["ripstop"] == {"command": "ripstop", "args": ["mcp"]}
    assert len(document["version"].partition("+")[2]) == 12
    assert set(TARGETS) == {"claude", "agents", "cursor", "agents-md", "plugin"}
