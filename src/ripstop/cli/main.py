"""``ripstop``: finds the verb, runs it, turns its error into a message and an exit code."""

from __future__ import annotations

import _thread
import argparse
import difflib
import importlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from types import FrameType

from ripstop.errors import RipstopError

VERBS = (
    "init",
    "scan",
    "explore",
    "replay",
    "explain",
    "backfill",
    "record",
    "drift",
    "docs",
    "red",
    "green",
    "guard",
    "gate",
    "tdd",
    "recipes",
    "mcp",
    "triage",
    "ci",
)
HIDDEN = ("worker",)
INTERNAL_ERROR = 5
_AGAIN_S = 0.02


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; the documented exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    signal.signal(signal.SIGTERM, _as_interrupt)
    lost, sys.unraisablehook = sys.unraisablehook, _unless_lost
    try:
        return _dispatch(arguments)
    except RipstopError as error:
        _tell(f"ripstop: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        _tell("ripstop: interrupted; everything it started was stopped")
        _answered_for()
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:
        _tell(f"ripstop: a defect of its own [internal-error]\n{traceback.format_exc()}")
        return INTERNAL_ERROR
    finally:
        sys.unraisablehook = lost


def _dispatch(arguments: list[str]) -> int:
    if arguments and arguments[0] in (*VERBS, *HIDDEN):
        verb = importlib.import_module(f"ripstop.cli.{arguments[0]}")
        code: int = verb.run(arguments[1:])
        return code
    parser = _parser()
    if arguments and not arguments[0].startswith("-"):
        near = difflib.get_close_matches(arguments[0], VERBS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        parser.error(f"no verb {arguments[0]!r}{hint}")
    parser.parse_args(arguments or ["--help"])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ripstop",
        description="Breaks every seam of your service at the wire, one crossing at a time.",
        epilog="exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 the service or a server "
        "would not start, 4 baseline not green or not stable, 5 internal error, 130 interrupted",
    )
    parser.add_argument("--version", action="version", version=_version())
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")
    for verb in VERBS:
        module = importlib.import_module(f"ripstop.cli.{verb}")
        verbs.add_parser(verb, help=module.HELP, add_help=False)
    return parser


def _version() -> str:
    from importlib.metadata import version

    return f"ripstop {version('ripstop')}"


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _unless_lost(lost: sys.UnraisableHookArgs) -> None:
    """An interrupt that falls into what Python runs in between (a finalizer, a weak reference's callback) is
    reported and forgotten: it comes again, once that is over. All else is reported."""
    if isinstance(lost.exc_value, KeyboardInterrupt):
        threading.Timer(_AGAIN_S, _thread.interrupt_main).start()
    else:
        sys.__unraisablehook__(lost)


def _answered_for() -> None:
    """Let the exit code be ours. An interrupt that falls into a text being executed, as a dataclass is made
    by one, is remembered until the next text is, and Python then ends itself by SIGINT instead."""
    eval("0")  # noqa: S307


def _tell(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
