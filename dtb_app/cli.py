"""The `dtb` command: parse, call, turn errors into one sentence and an exit code.

Exit codes: 0 success, 2 input that is refused, 1 failure.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from dtb_app.siblings import stranger

__all__ = ["main"]

COMMANDS = (
    "serve", "run", "sweep", "validate", "check", "presets", "noc", "plan", "export", "bench",
)  # fmt: skip


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help.\n")


def _parser(wanted: str) -> argparse.ArgumentParser:
    """Of all commands, or of the one that is wanted, which then loads nothing for the others."""
    parser = _Parser(
        prog="dtb",
        description="Digital Twin Brain explorer: simulate a brain on digital and analog hardware.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in (wanted,) if wanted in COMMANDS else COMMANDS:
        import_module(f"dtb_app.commands.{name}").add(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    if wrong := stranger():
        print(wrong, file=sys.stderr)
        return 1
    from engine.errors import EngineError, SimulationError
    from engine.kernels import telling

    argv = sys.argv[1:] if argv is None else argv
    arguments = _parser(argv[0] if argv else "").parse_args(argv)
    try:
        with telling(lambda sentence: print(sentence, file=sys.stderr)):
            return arguments.call(arguments)
    except SimulationError as error:
        print(error, file=sys.stderr)
        return 1
    except EngineError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
