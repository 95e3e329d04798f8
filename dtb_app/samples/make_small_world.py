"""Make the stored comparison of topologies that the page Small world opens with.

    python -m dtb_app.samples.make_small_world

Runs the preset whole-brain-at-rest with three seeds and compares the topologies under each; one to
two minutes on one core. Deterministic: with the same versions the bytes are the same. Ends by
writing the checksums into `README.md`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import sample_data
from dtb_app.samples.checksums import write_checksums
from engine.noc.studies.comparison import LOADS
from engine.noc.studies.small_world import DURATION_MS, comparison_to_store
from engine.noc.studies.stored import write_comparison
from engine.scenario.presets import preset
from sample_data import path

PRESET, N_SEEDS = "whole-brain-at-rest", 3
COMMAND = "python -m dtb_app.samples.make_small_world"


def main() -> None:
    """Make the file anew."""

    def told(fraction: float, what: str) -> None:
        print(f"\r{100 * fraction:3.0f} %  {what:50}", end="", file=sys.stderr, flush=True)

    stored = comparison_to_store(preset(PRESET), N_SEEDS, None, DURATION_MS, LOADS, COMMAND, told)
    write_comparison(path("small_world"), stored)
    write_checksums(Path(sample_data.__file__).parent / "README.md")
    print(f"\n{stored.comparison.answer()}")


if __name__ == "__main__":
    main()
