"""Make the shipped scorecards of twins: ``python -m dtb_app.samples.make_twins [PRESET]``.

Every preset of a twin over its own number of patients, with a seed that nothing was chosen on; about twenty
minutes on two cores. With the same engine and libraries the numbers are the same, but for the times that
they took.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import sample_data
from dtb_app.commands.progress import on_stderr
from dtb_app.samples.checksums import write_checksums
from engine.twin.trial import TWINS, run_trial, write_scorecard

__all__ = ["SEED", "main"]

SEED = 2
"""None that anything of a trial was chosen on."""


def main() -> None:
    """Try and write those that are named, or all."""
    for name in sys.argv[1:] or TWINS.names:
        card = run_trial(name, seed=SEED, workers=os.cpu_count() or 1, progress=on_stderr())
        write_scorecard(sample_data.path(f"twin.{name}"), card)
    write_checksums(Path(sample_data.__file__).with_name("README.md"))


if __name__ == "__main__":
    main()
