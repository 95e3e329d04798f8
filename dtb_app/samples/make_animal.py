"""Make the stored comparisons with a recorded cell that the section Animal opens with.

    nice -n 10 python -m dtb_app.samples.make_animal [NEURON ...]

Fits and judges each neuron on the first shipped recording; about two minutes each on one core.
Where neurons are named, the others are kept. Deterministic: with the same versions the bytes are the
same. Ends by writing the checksums into `README.md`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import sample_data
from dtb_app.samples.checksums import write_checksums
from engine.recorded import RECORDINGS, compare, shipped_cell
from engine.recorded.shipped import SOURCE
from engine.recorded.stored import StoredComparisons, read_comparisons
from engine.run.provenance import versions
from engine.stored_results import write_stored

NEURONS = ("adex", "lif")
COMMAND = "python -m dtb_app.samples.make_animal"


def main() -> None:
    """Make the file anew, or the neurons that are named in it."""
    file = sample_data.path("animal")
    wanted = sys.argv[1:] or NEURONS
    cell = shipped_cell(next(iter(RECORDINGS)))
    found = {}
    for neuron in wanted:

        def told(fraction: float, what: str, neuron: str = neuron) -> None:
            print(f"\r{neuron} {100 * fraction:3.0f} %  {what:60}", end="", file=sys.stderr, flush=True)

        found[neuron] = compare(cell, neuron, progress=told)
        print(f"\n{found[neuron].answer}", flush=True)
    if file.exists():
        found = {c.neuron: c for c in read_comparisons(file).comparisons} | found
    comparisons = tuple(found[neuron] for neuron in NEURONS if neuron in found)
    write_stored(file, StoredComparisons(comparisons, COMMAND, SOURCE, versions()))
    write_checksums(Path(sample_data.__file__).parent / "README.md")


if __name__ == "__main__":
    main()
