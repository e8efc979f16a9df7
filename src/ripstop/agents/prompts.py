"""What each step asks of an agent, in our words; and a refusal, in the words of the rule that refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ripstop.agents.gate import RULES
from ripstop.agents.phases import GREEN, RED, REFACTOR, TRIAGE, Ground
from ripstop.integrity.green import Refusal

_LIMIT_CHARS = 12_000
_REFUSALS = 20
_TASKS: Mapping[str, str] = {
    RED: """Write tests, and nothing else, for behaviour that this project does not have yet:

{about}

- Use pytest, and the fixtures and style that the tests here have. Put them in files of their own.
- Each new test must fail today, in its own assertion about what the code under test answered, stored or
  sent. A 404 or 405 from a route that is not built yet is right as well.
- It must not fail in any other way: no import of what is not there, no error in the test's own code or in
  a fixture, no bare `assert False`, no skip, no expected failure.
- Assert behaviour that whoever asked would recognise, not private names or the order of calls.
- Leave every existing test as it is, and do not build the behaviour: that is somebody else's part.""",
    GREEN: """Make these tests pass, by changing the code and nothing else:

{about}

- They are frozen: their files, every conftest and pytest's settings must stay exactly as they are.
- Build the behaviour they describe, for every input and not just for the values in them. Do not look at
  whether a test is running.
- The rest of the suite must stay green.
- Change as little as the behaviour needs.""",
    REFACTOR: """These tests pass. Tidy the code that was just changed for them, if it is worth it:

{about}

- What the program does must stay the same, and the whole suite green.
- Take away what is double, name what is unclear, and leave alone what others wrote.
- If there is nothing to tidy, change nothing and say so.""",
    TRIAGE: """Find out why, and say it in a few sentences:

{about}

- Name the place in the code, and what tells that it is the cause.
- Change nothing: nothing can be written here.""",
}
_WAYS_OUT: Mapping[str, str] = {
    "frozen-path": "leave it as it was; do without",
    "outside-phase": "leave it as it was; this step writes only what is named below",
    "symlink": "use a plain file",
    "mode-change": "leave permissions as they are",
    "special-file": "use a plain file",
    "submodule": "leave other repositories within this one as they are",
    "too-large": "keep generated data out",
    "nothing-red": "add a test file that pytest collects: test_*.py",
    "weakened": "leave existing tests as they are",
    "special-cased": "compute the answer from what is given, whatever it is",
    "original-touched": "stay in the current folder",
    "not-judged": "let no test, and no code under test, end the process or wait for ever",
    "out-of-time": "do less, and let no command wait for ever",
    "not-green": "read its failure and mend the code",
    "suite-broken": "keep what the other tests ask for",
    "shadowed": "give the module another name",
    "tampered": "leave what runs the tests alone",
    "edited-while-running": "write no file of the project while tests run",
}


def ask(phase: str, about: str, ground: Ground, *, jailed: bool = True) -> str:
    """The whole of what one step asks."""
    places = ", ".join(ground.writable(phase)) or "nothing"
    held = "The rest is read-only." if jailed else "A change anywhere else is refused."
    ways = [
        "You work in a copy of a project, in the current folder. What you leave in its files is judged by a",
        "program, on a fresh checkout; what you say is not.",
        "",
        _TASKS[phase].format(about=_bounded(about)),
        "",
        f"You may write: {places}. {held}",
        "Run tests with: python -m pytest -p no:cacheprovider PATH",
        "Work on your own to the end: nobody answers questions.",
    ]
    return "\n".join(ways)


def again(prompt: str, refusals: Sequence[Refusal], *, kept: bool) -> str:
    """The same, after a refusal."""
    told = "\n".join(_refusals(refusals))
    left = (
        "Your files are as you left them, but for those you may not write: mend them."
        if kept
        else "Nothing of it was kept: begin anew."
    )
    return f"{prompt}\n\nYou tried before, and it was refused:\n{_bounded(told)}\n{left}"


def _refusals(refusals: Iterable[Refusal]) -> Iterable[str]:
    some = list(refusals)
    for one in some[:_REFUSALS]:
        yield f"- {one.rule}: {RULES[one.rule]}"
        yield f"  at {one.place}{': ' if one.said else ''}{one.said}"
        if way_out := _WAYS_OUT.get(one.rule, ""):
            yield f"  way out: {way_out}"
    if len(some) > _REFUSALS:
        yield f"- and {len(some) - _REFUSALS} more"


def _bounded(text: str) -> str:
    """What fits into an argument of a command line, and into a reader's head."""
    text = text.replace("\0", "")
    return text if len(text) <= _LIMIT_CHARS else f"{text[:_LIMIT_CHARS]}\n[cut]"
