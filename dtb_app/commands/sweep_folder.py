"""The folder of a sweep: what was asked for, a file each run, a table; and going on with one."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.errors import DataError
from engine.export.run_content import read_content
from engine.run.provenance import versions
from engine.whole_files import require_folder_place, write_file

__all__ = ["SweepFolder"]

_ASKED, _TABLE = "sweep.json", "results.csv"
_PACKAGE = "digital-twin-brain-explorer"


class SweepFolder:
    """Where a sweep writes; one that holds another sweep is left as it is and refused.

    Parameters
    ----------
    path : Path
    axes : mapping
        Key to values.
    same : mapping
        What all runs have in common, as plain values: another sweep has another.
    read : callable
        From the path of a run's file and its name to its content; raises DataError.

    Raises
    ------
    DataError
        The folder cannot be written, or holds another sweep.
    """

    def __init__(
        self,
        path: Path,
        axes: Mapping[str, Sequence[Any]],
        same: Mapping[str, Any],
        read: Callable[[Path, str], dict[str, Any]] = read_content,
    ):
        self.path = path
        self._read = read
        self._asked = {
            **same,
            "vary": {key: list(values) for key, values in axes.items()},
            "version": versions()[_PACKAGE],
        }
        require_folder_place(path, "sweep.out")
        self.goes_on = self._require_same()

    def begin(self) -> None:
        """Note what was asked for."""
        write_file(self.path / _ASKED, json.dumps(self._asked, indent=1, allow_nan=False) + "\n")

    def _require_same(self) -> bool:
        """Whether the folder holds the beginning of this very sweep."""
        found = sorted(p.name for p in self.path.glob("run-*.json")) if self.path.is_dir() else []
        found += [name for name in (_TABLE, _ASKED) if (self.path / name).exists()]
        if not found:
            return False
        try:
            asked = json.loads((self.path / _ASKED).read_bytes())
        except (OSError, ValueError, RecursionError):
            asked = None
        if asked == self._asked:
            return True
        n = len(found)
        files = found[0] if n == 1 else f"{found[0]} and {n - 1} file{'s' * (n > 2)} more"
        raise DataError(
            f"sweep.out: must be a folder without another sweep in it (got {self.path.absolute()}, "
            f"which holds {files}). Choose another --out, or remove it first."
        )

    def done(self, number: int, facts: Mapping[str, Any]) -> dict[str, Any] | None:
        """The content of a run's file; None where there is none, or other facts stand in it."""
        name = self._run_name(number)
        try:
            run = self._read(self.path / name, name)
        except DataError:
            return None
        is_same = all(name in run and run[name] == value for name, value in facts.items())
        return run if is_same and not run.get("stopped_early") else None

    def keep(self, number: int, data: Mapping[str, Any]) -> None:
        """Write a run's file."""
        write_file(self.path / self._run_name(number), json.dumps(data, allow_nan=False) + "\n")

    def write_table(self, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the table of the runs that are done."""
        text = io.StringIO()
        writer = csv.DictWriter(text, columns)
        writer.writeheader()
        writer.writerows(rows)
        write_file(self.path / _TABLE, text.getvalue())

    @staticmethod
    def _run_name(number: int) -> str:
        return f"run-{number:04d}.json"
