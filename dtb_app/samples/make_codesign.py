"""Make the results that the Co-design page shows before a visitor has any.

    nice -n 10 python -m dtb_app.samples.make_codesign [PART ...]

Validates, attributes, calibrates and trades off the first preset, shortened as the page does, and
writes `results/codesign.json`. With the same engine and libraries the bytes are the same. A result
that takes longer than ten minutes is left out, and the file says so. Where parts are named
(validation, attribution, calibration, trade_off), the others are kept, as long as the engine still
makes the spikes that they are of.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import sample_data
from dtb_app.samples.checksums import write_checksums
from engine.brain.connectome import load_connectome
from engine.codesign import (
    Origin,
    Results,
    attribute,
    read_results,
    repeat_calibration,
    shortened,
    student_of,
    teacher_of,
    trade_off,
    validate,
    with_noise,
    write_results,
)
from engine.errors import DataError
from engine.progress import Progress
from engine.run.provenance import versions
from engine.run.simulation import Simulation, Stopped
from engine.scenario.presets import preset

__all__ = ["make"]

LIMIT_S = 600.0
_PRESET = "hippocampus-on-analog"


def make(parts: tuple[str, ...] = ()) -> Results:
    """Make these results, or all four; ten minutes each at most.

    Raises
    ------
    DataError
        Parts are to be kept that are of another engine, scenario or connectome.
    """
    scenario = shortened(preset(_PRESET))
    connectome = load_connectome(scenario.connectome)
    workers = os.cpu_count() or 1
    work: dict[str, Callable[[Progress], Any]] = {
        "validation": lambda p: validate(scenario, connectome, 5, 4, workers, p),
        "attribution": lambda p: attribute(scenario, connectome, 3, 2, workers, p),
        "calibration": lambda p: repeat_calibration(scenario, connectome, workers=workers, progress=p),
        "trade_off": lambda p: trade_off(scenario, connectome, None, 2, 2, workers, p),
    }
    found: dict[str, Any] = {}
    missing: dict[str, str] = {}
    for name, make_one in work.items():
        if parts and name not in parts:
            continue
        begun = time.monotonic()

        def look(fraction: float, what: str, begun: float = begun) -> None:
            if time.monotonic() - begun > LIMIT_S:
                raise Stopped

        try:
            found[name] = make_one(look)
        except Stopped:
            missing[name] = f"took longer than {LIMIT_S:.0f} s"
        print(f"{name}: {time.monotonic() - begun:.0f} s", missing.get(name, ""), flush=True)
    noise, chip = scenario.seed, scenario.analog.chip_seed
    student = with_noise(student_of(scenario, chip), noise)
    runs = [
        Simulation(s, connectome).run()
        for s in (with_noise(teacher_of(scenario, connectome), noise), student)
    ]
    origin = Origin(
        command="python -m dtb_app.samples.make_codesign",
        preset=_PRESET,
        title=scenario.title,
        scenario_digest=scenario.digest(),
        connectome_sha256=connectome.checksum,
        chip_seed=chip,
        noise_seed=noise,
        teacher_spikes=runs[0].spike_hash,
        student_spikes=runs[1].spike_hash,
        versions=versions(),
        missing=missing,
    )
    if "calibration" in found:
        found["calibration"], found["repeats"] = found["calibration"]
    if not parts:
        return Results(origin, **found)
    kept = read_results(sample_data.path("codesign"))
    if replace(kept.origin, missing={}) != replace(origin, missing={}):
        raise DataError("codesign.json: is of another engine or scenario. Make all of its parts.")
    return replace(kept, origin=replace(origin, missing={**kept.origin.missing, **missing}), **found)


if __name__ == "__main__":
    write_results(sample_data.path("codesign"), make(tuple(sys.argv[1:])))
    write_checksums(Path(sample_data.__file__).parent / "README.md")
