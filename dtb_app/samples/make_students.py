"""Make the stored fits of the analog student: ``nice -n 10 python -m dtb_app.samples.make_students``.

Judges the preset `resting-twin` with the hippocampi, all subcortical regions and all regions on the
model of the chip, in each of its modes, and after more tuning with the chip in the loop; an hour and a
half on one core. Deterministic: with the same versions the numbers are the same.
"""

from __future__ import annotations

import os
from pathlib import Path

import sample_data
from dtb_app.commands.progress import on_stderr
from dtb_app.samples.checksums import write_checksums
from engine.brain.connectome import load_connectome
from engine.scenario.presets import preset
from engine.tuning.student import fit_students, write_students

__all__ = ["main"]

_SUBCORTICAL = ("TH", "CA", "PU", "PA", "HI", "AM", "AC")


def main() -> None:
    """Measure and write."""
    scenario = preset("resting-twin")
    connectome = load_connectome(scenario.connectome)
    assert connectome.fc_matrix is not None
    sets = {
        "hippocampi": [f"{side}.HI" for side in "LR"],
        "subcortical regions": [f"{side}.{name}" for side in "LR" for name in _SUBCORTICAL],
        "all regions": list(connectome.labels),
    }
    found = fit_students(
        scenario,
        connectome,
        connectome.fc_matrix,
        sets,
        command="python -m dtb_app.samples.make_students",
        workers=os.cpu_count() or 1,
        progress=on_stderr(),
    )
    write_students(sample_data.path("students"), found)
    write_checksums(Path(sample_data.__file__).with_name("README.md"))


if __name__ == "__main__":
    main()
