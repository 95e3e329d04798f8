"""Small real data that comes with the project; `README.md` beside this file says what is what."""

from __future__ import annotations

from pathlib import Path

__all__ = ["FILES", "path"]

FILES = {
    "animal": "results/animal.json",
    "assimilation": "results/assimilation.json",
    "students": "results/students.json",
    "codesign": "results/codesign.json",
    "dk84": "dk84/dk84.json",
    "dk84.atlas": "dk84/atlas.json",
    "dk84.licence": "dk84/LICENSE.md",
    "dk84.tvb": "dk84/connectivity_dk84_tvb.zip",
    "fit": "results/fit.json",
    "fit-controls": "results/fit_controls.json",
    "four_regions": "four_regions.zip",
    "mouse-b6": "mouse/mouse_b6.json",
    "mouse-b6.licence": "mouse/LICENSE.md",
    "grasshopper-200.spikes": "grasshopper/spikes_200.csv",
    "grasshopper-200.stimulus": "grasshopper/stimulus_200.npy",
    "grasshopper-800.spikes": "grasshopper/spikes_800.csv",
    "grasshopper-800.stimulus": "grasshopper/stimulus_800.npy",
    "grasshopper.licence": "grasshopper/LICENSE.md",
    "reference_bands": "reference_bands.json",
    "small_world": "results/small_world.json",
    "tuning.dk84-left": "tunings/dk84-left.json",
    "tuning.dk84-rest": "tunings/dk84-rest.json",
    "twin.closed-loop-stimulation": "results/twins/closed-loop-stimulation.json",
    "twin.patient-drift": "results/twins/patient-drift.json",
    "twin.slow-loss-of-inhibition": "results/twins/slow-loss-of-inhibition.json",
    "twin.temporal-lobe-epilepsy": "results/twins/temporal-lobe-epilepsy.json",
}
"""Every sample by name, with its place below this folder."""


def path(name: str) -> Path:
    """Find a sample file.

    Parameters
    ----------
    name : str
        A key of `FILES`, for instance ``"dk84"``.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    KeyError
        If there is no sample of that name.
    """
    if name not in FILES:
        raise KeyError(f"sample_data.path: name of a sample (got {name!r}). There are {', '.join(FILES)}.")
    return Path(__file__).parent / FILES[name]
