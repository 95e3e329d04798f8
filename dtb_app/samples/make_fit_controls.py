"""Make the stored controls of a fit: ``python -m dtb_app.samples.make_fit_controls [FILE]``.

Fits the preset `resting-twin`, all digital and untuned, over 20 minutes of biology, and makes the same fit
with a rewired connectome, a shuffled target, half of the pairs, and from five other starts: 22 minutes on one
core. FILE is a tuning that this very command of `dtb fit` has written: then its figures are kept as they are.
Deterministic: with the same versions the numbers are the same.
"""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
from pathlib import Path

import sample_data
from dtb_app.cli import main as dtb
from dtb_app.samples.checksums import write_checksums
from engine.stored_results import write_stored
from engine.tuning.stored_controls import controls_of

__all__ = ["COMMAND", "main"]

COMMAND = (
    "dtb fit resting-twin --set network.tuning= --set 'regions.analog=[]' --seed 1 --to fc --minutes 20 "
    "--judge 10 --controls --refits 5"
)


def main() -> None:
    """Make the fits, unless they are there, and write."""
    if len(sys.argv) > 1:
        _keep(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "controls.json"
        if code := dtb([*shlex.split(COMMAND)[1:], "--out", str(file)]):
            raise SystemExit(code)
        _keep(file)


def _keep(file: Path) -> None:
    made = json.loads(file.read_text(encoding="utf-8"))["provenance"]
    found = controls_of(
        made["reached"],
        title=made["scenario"]["title"],
        connectome=made["connectome"],
        command=COMMAND,
        versions=made["versions"],
    )
    write_stored(sample_data.path("fit-controls"), found)
    write_checksums(Path(sample_data.__file__).with_name("README.md"))


if __name__ == "__main__":
    main()
