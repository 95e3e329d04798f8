"""What the preset of an epilepsy does, held to what Liou et al. 2020 (doi 10.7554/eLife.50927) report.

Seizures begin at a focus whose inhibition is exhausted, spread, go from tonic firing to bursts that slow
down, and end by themselves; without the focus there are none.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from engine import Recording, Simulation, preset
from engine.twin.seizures import burst_times, find_seizures

BEGIN = ("L.HI", "L.AM")
AROUND = ("L.EC", "L.PHIG", "L.FG", "L.TP", "L.IN")
BIN_MS = 100


@cache
def recorded(kind: str) -> Recording:
    """The first 36 s of the preset, of it without the focus, with the tracts that leave it cut, or with
    potassium currents of 0.2 s besides those of a minute.
    """
    cut = [{"region": label, "scope": "efferent"} for label in BEGIN]
    quick = {"network.ions.g_mahp": 0.35}
    values = {"focal": {}, "healthy": {"focus": []}, "cut": {"lesion": cut}, "quick": quick}[kind]
    return Simulation(preset("temporal-lobe-epilepsy").with_values({"duration": 36_000.0, **values})).run()


def rates_hz(kind: str, bin_ms: int = BIN_MS) -> np.ndarray:
    """(n_bins, n_regions) of excitatory neurons."""
    recording = recorded(kind)
    network = recording.network
    counts = recording.counts[:, network.population_is_excitatory]
    n = len(counts) // bin_ms
    sums = counts[: n * bin_ms].reshape(n, bin_ms, -1).sum(axis=1, dtype=np.int64)
    return sums / network.n_exc / bin_ms * 1000.0


def labels() -> tuple[str, ...]:
    return recorded("focal").network.labels


def test_without_a_focus_there_are_no_seizures():
    assert find_seizures(rates_hz("healthy"), BIN_MS / 1000) == ()
    assert rates_hz("healthy", 1000).max() < 10.0


def test_a_seizure_begins_at_the_focus_recruits_its_neighbours_and_ends():
    (seizure,) = find_seizures(rates_hz("focal"), BIN_MS / 1000)
    order = [labels()[k] for k in seizure.recruited]
    assert set(order[:2]) == set(BEGIN)
    assert set(AROUND) <= set(order)
    assert len(order) < 20
    assert 5.0 < seizure.duration_s < 30.0
    after = rates_hz("focal", 1000)[round(seizure.end_s) + 3 :]
    assert after.max() < 10.0


def burst_intervals(kind: str) -> np.ndarray:
    """Between begins of bursts of the hippocampus in the first seizure [s]."""
    hippocampus = rates_hz(kind, 50)[:, labels().index("L.HI")]
    seizure = find_seizures(rates_hz(kind), BIN_MS / 1000)[0]
    inside = hippocampus[round(seizure.onset_s * 20) : round(seizure.end_s * 20) + 20]
    return np.diff(burst_times(inside, 0.05, 55.0, 25.0))


def test_tonic_firing_turns_into_bursts_that_slow_down():
    intervals = burst_intervals("focal")
    assert intervals[0] == intervals.max()  # the tonic phase, without a pause
    early, late = intervals[1:4].mean(), intervals[-3:].mean()
    assert late > 1.5 * early


def test_recruitment_waits_for_the_tracts_of_the_focus():
    one, other = (find_seizures(rates_hz(kind), BIN_MS / 1000)[0] for kind in ("focal", "cut"))
    around = [labels().index(label) for label in AROUND]
    latency = one.latency_s[around]
    later = np.nan_to_num(other.latency_s[around], nan=36.0)
    assert (later > latency + 3.0).all()


def test_one_parameter_makes_the_onset_rhythmic():
    """A tonic phase without a pause, or bursts from the first on; either way they slow down to the end."""
    tonic, rhythmic = burst_intervals("focal"), burst_intervals("quick")
    assert tonic[0] > 3.0
    assert rhythmic[:3].max() < 1.5
    assert rhythmic[-3:].mean() > 1.5 * rhythmic[:3].mean()
