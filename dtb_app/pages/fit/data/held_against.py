"""A finished run held against measured data: scores, and one value a region."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dtb_app.session.measured import OwnData
from engine.errors import DataError
from engine.fit import Score
from engine.fit.measured import (
    RegionSeries,
    SpikeList,
    halves_score,
    rate_scores,
    rates_onto_connectome,
    region_rates,
)
from engine.fit.metrics.agreement import FC_CCC, FC_HALVES, FC_RMSE
from engine.fit.metrics.connectivity import FC_R, MIN_BINS
from engine.run.recording import Recording

__all__ = ["FC_METRICS", "RATE_UNITS", "HeldAgainst", "held_against", "region_means"]

FC_METRICS = (FC_R, FC_CCC, FC_RMSE, FC_HALVES)
"""Metrics that compare functional connectivity."""
RATE_UNITS = ("Hz", "hz", "1/s", "spikes/s")
"""Units of rates that can be held against those of a run as they are."""


@dataclass(frozen=True, eq=False)
class HeldAgainst:
    """What came out.

    Attributes
    ----------
    recording : Recording
    own : OwnData
    scores : tuple of Score
    measured, simulated : (n_regions,) float64
        One value of each region of the connectome: its mean correlation with the others [1], or its
        rate [Hz]; NaN where there is none.
    is_rates : bool
        Whether they are rates.
    """

    recording: Recording
    own: OwnData
    scores: tuple[Score, ...]
    measured: NDArray[np.float64]
    simulated: NDArray[np.float64]
    is_rates: bool = False


def held_against(recording: Recording, own: OwnData) -> HeldAgainst:
    """Hold a run against measured data by all that applies to them.

    Raises
    ------
    DataError
        The run is of another connectome, too few regions of it have data, or there are no data.
    """
    if own.connectome != recording.connectome:
        rule = "must be matched to the connectome of the run that is shown"
        raise DataError(f"{own.name}: {rule} (got {own.connectome.name} and {recording.connectome.name}).")
    if isinstance(own.data, SpikeList):
        return _rates(recording, own, own.data)
    measured = own.measured_fc()
    picked = recording.network.region_index
    measured.require_among(picked)
    evidence = replace(
        recording.evidence(picked), empirical_fc=measured.matrix, empirical_words=measured.words
    )
    scores = [metric.judge(evidence) for metric in FC_METRICS]
    assert own.matching is not None
    if isinstance(own.data, RegionSeries):
        scores.append(halves_score(own.data, own.matching, picked))
    is_long = len(evidence.fc_signal) >= MIN_BINS
    simulated = evidence.simulated_fc if is_long else np.full_like(measured.matrix, np.nan)
    ran = np.zeros(len(measured.matrix), dtype=bool)
    ran[picked] = True
    both = np.isfinite(measured.matrix) & np.outer(ran, ran)
    values = [region_means(np.where(both, matrix, np.nan)) for matrix in (measured.matrix, simulated)]
    if isinstance(own.data, RegionSeries) and own.data.signal == "rate" and own.data.unit in RATE_UNITS:
        scores += rate_scores(_of_series(own, own.data), _simulated_hz(recording), own.name)
    return HeldAgainst(recording, own, tuple(scores), values[0], values[1])


def region_means(fc: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean correlation of each region with all others.

    Parameters
    ----------
    fc : (n_regions, n_regions) float64 [1]
        Its diagonal is not read.

    Returns
    -------
    (n_regions,) float64 [1]
        NaN where none is known.
    """
    off = np.where(np.eye(len(fc), dtype=bool), np.nan, fc)
    known = np.isfinite(off)
    total, n = np.where(known, off, 0.0).sum(axis=1), known.sum(axis=1)
    return np.divide(total, n, out=np.full(len(fc), np.nan), where=n > 0)


def _rates(recording: Recording, own: OwnData, spikes: SpikeList) -> HeldAgainst:
    assert own.matching is not None
    if not own.matching.n_matched:
        said = f"{own.name}: must share a region with the connectome to be compared (got 0)."
        raise DataError(f"{said} Say which region is which.")
    measured = rates_onto_connectome(region_rates(spikes), own.matching)
    simulated = _simulated_hz(recording)
    if not (np.isfinite(measured) & np.isfinite(simulated)).any():
        raise DataError(f"{own.name}: must share a region with those that run (got 0). Turn one of them on.")
    scores = rate_scores(measured, simulated, f"rates of units in {own.name}")
    return HeldAgainst(recording, own, scores, measured, simulated, is_rates=True)


def _of_series(own: OwnData, data: RegionSeries) -> NDArray[np.float64]:
    """(n_regions,) float64 [Hz], measured mean rates in the connectome's order."""
    assert own.matching is not None
    found = np.full(own.connectome.n_regions, np.nan)
    places = own.matching.places()
    found[places[places >= 0]] = data.values.mean(axis=0)[places >= 0]
    return found


def _simulated_hz(recording: Recording) -> NDArray[np.float64]:
    """(n_regions,) float64 [Hz], mean rates of all neurons of the regions that ran."""
    network = recording.network
    spikes = recording.population_rates_hz * network.population_sizes
    by_region = spikes.reshape(-1, network.n_kinds).sum(axis=1) / network.region_sizes
    found = np.full(recording.connectome.n_regions, np.nan)
    found[network.region_index] = by_region
    return found
