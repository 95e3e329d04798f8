"""The `dtb` command: parse, call, turn errors into one sentence and an exit code.

Exit codes: 0 success, 2 input that is refused, 1 failure.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from engine.errors import EngineError, SimulationError

__all__ = ["main"]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help.\n")


def _parser() -> argparse.ArgumentParser:
    from dtb_app.commands import (
        bench,
        check,
        export,
        noc,
        plan,
        presets,
        run,
        serve,
        sweep,
        validate,
    )

    parser = _Parser(
        prog="dtb",
        description="Digital Twin Brain explorer: simulate a brain on digital and analog hardware.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    everything = (serve, run, sweep, validate, check, presets, noc, plan, export, bench)
    for module in everything:
        module.add(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = _parser().parse_args(argv)
    try:
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
