"""The recordings that come with the project."""

from __future__ import annotations

from dataclasses import replace

import sample_data
from engine.errors import ParameterError, nearest_hint
from engine.fit.measured import open_measured
from engine.recorded.cell import RecordedCell
from engine.recorded.files import recorded_cell

__all__ = ["INTERVAL_US", "RECORDINGS", "SOURCE", "shipped_cell"]

INTERVAL_US = 50.0
"""From a sample of a shipped stimulus to the next [us]."""
_DURATION_S = 10.0

RECORDINGS = {
    "grasshopper-200": "Auditory receptor of a grasshopper, sound envelope up to 200 Hz",
    "grasshopper-800": "Auditory receptor of a grasshopper, sound envelope up to 800 Hz",
}
"""Name and what it is. Amplitude-modulated tone of 2.5 kHz, level Gaussian with 6 dB."""

SOURCE = "nitime 0.12.1 (BSD-3-Clause); see sample_data/grasshopper/LICENSE.md"


def shipped_cell(name: str) -> RecordedCell:
    """A shipped recording; its level in dB is the stimulus.

    Parameters
    ----------
    name : str
        A key of `RECORDINGS`.

    Raises
    ------
    ParameterError
        There is no such recording.
    """
    if name not in RECORDINGS:
        hint = nearest_hint(name, RECORDINGS)
        raise ParameterError(f"recorded.name: must be a shipped recording (got {name!r}). {hint}")
    spikes = open_measured(sample_data.path(f"{name}.spikes")).data({"duration_s": _DURATION_S})
    said = {"orientation": "time-rows", "interval_s": INTERVAL_US * 1e-6, "unit": "a.u."}
    stimulus = open_measured(sample_data.path(f"{name}.stimulus")).data(said)
    return replace(recorded_cell(spikes, stimulus, in_decibels=True), name=RECORDINGS[name])
