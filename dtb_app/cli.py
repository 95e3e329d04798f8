"""The `dtb` command: parse, call, turn errors into one sentence and an exit code.

Exit codes: 0 success, 2 input that is refused, 1 failure, 130 or 143 after Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from dtb_app.commands.signals import Signals
from dtb_app.siblings import stranger

__all__ = ["main"]

COMMANDS = {
    "serve": "serve the app",
    "run": "run a scenario without a screen",
    "sweep": "run a scenario over the values of some keys",
    "validate": "hold the analog student against its digital teacher",
    "fit": "tune a brain to measured functional connectivity",
    "student": "judge a fitted brain on the analog chip",
    "animal": "hold a neuron on both substrates against a recorded cell",
    "assimilate": "keep a running brain near measured activity, and see what that says of it",
    "twin": "let a twin adapt to patients, foresee seizures, be stimulated; one scorecard",
    "check": "validate a scenario or a connectome",
    "data": "look at measured data and hold them against a connectome",
    "presets": "list the shipped scenarios",
    "keys": "list the keys that --set and --vary take",
    "noc": "send synthetic traffic over a network on chip",
    "plan": "what a brain of any size asks of many devices",
    "export": "write a run as what other programs read",
    "bench": "print what things cost on this machine",
}
"""What each does. A command is loaded when it is the one that is wanted."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help.\n")

    def print_help(self, file: Any = None) -> None:
        (file or sys.stdout).write(self.format_help())  # argparse is silent where it cannot write


def _parser(wanted: str) -> argparse.ArgumentParser:
    """Of the one command that is wanted, or of the list of them all, which loads none."""
    parser = _Parser(
        prog="dtb",
        description="Digital Twin Brain explorer: simulate a brain on digital and analog hardware.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    if wanted in COMMANDS:
        import_module(f"dtb_app.commands.{wanted}").add(commands)
    else:
        for name, sentence in COMMANDS.items():
            commands.add_parser(name, help=sentence)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    _open_closed()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):  # a stream of another kind, or closed
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    with Signals() as signals:
        try:
            code = _call(sys.argv[1:] if argv is None else argv)
            sys.stdout.flush()
            return code
        except KeyboardInterrupt as stop:
            return _end(signals.exit_code, str(stop) or "stopped.")
        except BrokenPipeError:
            return _end(1, "")
        except MemoryError:
            return _end(1, "memory: not enough for this. Make it smaller.")
        except OSError as error:
            what = "output" if error.filename is None else str(error.filename)
            said = error.strerror or type(error).__name__
            return _end(1, f"{what}: cannot be read or written ({said}).")
        except UnicodeError as error:
            said = getattr(error, "reason", "") or str(error)
            return _end(1, f"text: cannot be read or written ({said}).")


def _call(argv: Sequence[str]) -> int:
    """Parse and call; an error of the engine is one sentence."""
    if wrong := stranger():
        print(wrong, file=sys.stderr)
        return 1
    from engine.errors import EngineError, SimulationError, WriteError
    from engine.kernels import telling

    try:
        arguments = _parser(argv[0] if argv else "").parse_args(argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    try:
        with telling(lambda sentence: print(sentence, file=sys.stderr)):
            return int(arguments.call(arguments))
    except (SimulationError, WriteError) as error:
        print(error, file=sys.stderr)
        return 1
    except EngineError as error:
        print(error, file=sys.stderr)
        return 2


def _open_closed() -> None:
    """Give an output that the shell has closed, as in ``>&-``, a place where all is dropped."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(nowhere, "w", encoding="utf-8"))


def _end(code: int, sentence: str) -> int:
    """Say a last sentence where that can be, and let go of an output that takes nothing more."""
    if sentence:
        with contextlib.suppress(OSError, ValueError):
            print(sentence, file=sys.stderr, flush=True)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # what is left would be tried again when Python ends
            with contextlib.suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)
    return code
