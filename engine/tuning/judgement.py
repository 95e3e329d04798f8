"""Judging a brain that is left as it is: BOLD of a long run with noise the tuning never saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.brain.connectome import Connectome
from engine.errors import ParameterError
from engine.fit.fcd_histogram import FcdHistogram, bold_fcd
from engine.fit.forward.bold import Bold
from engine.fit.functional_connectivity import fc_correlation, rate_fc
from engine.progress import Progress, no_progress, part_of
from engine.run.settling import next_inhibition
from engine.scenario.scenario import Scenario
from engine.tuning.running_brain import RunningBrain
from engine.tuning.tuner import checked_target

__all__ = ["Judgement", "corrected_for_halves", "judge"]

WARM_MS = 20_000
"""Left out at the beginning: BOLD takes about so long to reach a steady state."""

_CHUNK_MS = 1000


@dataclass(frozen=True, eq=False)
class Judgement:
    """How a frozen brain resembles measured connectivity.

    Attributes
    ----------
    r : float [1]
        Correlation of BOLD FC with the target over all known pairs.
    n_pairs : int
    halves : float [1]
        Correlation of the FC of the two halves of this run: what its length allows.
    corrected : float [1]
        `r` over the square root of the reliability that the halves give (Spearman-Brown), so what an
        endless run would reach, estimated.
    r_rates : float [1]
        The same as `r` with rates in bins of 1 s in place of BOLD.
    minutes : float [min]
        Biology that the FC is taken over.
    fc : (n_regions, n_regions) float64 [1]
        Of BOLD.
    rates_hz : (n_regions,) float64 [Hz]
        Mean excitatory rates.
    max_1s_hz : float [Hz]
        Highest rate of a region in any second.
    seed : int
    fcd_ks : float [1]
        Kolmogorov-Smirnov distance of the functional connectivity dynamics of BOLD, in windows of
        `engine.fit.fcd_histogram.WINDOW_S`, to the measured ones, whose window is not stated;
        NaN without any.
    """

    r: float
    n_pairs: int
    halves: float
    corrected: float
    r_rates: float
    minutes: float
    fc: NDArray[np.float64]
    rates_hz: NDArray[np.float64]
    max_1s_hz: float
    seed: int
    fcd_ks: float = float("nan")

    def score(self, target: ArrayLike, pairs: NDArray[np.bool_] | None = None) -> float:
        """Correlation with a target over some pairs; NaN where it is not defined.

        Parameters
        ----------
        target : (n_regions, n_regions) float64 [1]
        pairs : (n_regions, n_regions) bool, optional
            All known ones where left out.
        """
        wanted = np.asarray(target, float) if pairs is None else np.where(pairs, target, np.nan)
        return fc_correlation(self.fc, wanted)[0]


def corrected_for_halves(r: float, halves: float) -> float:
    """A correlation freed of the noise of a short run: ``r / sqrt(2 halves / (1 + halves))``.

    NaN where the halves do not agree at all.
    """
    if not halves > 0:
        return float("nan")
    return float(r / np.sqrt(2 * halves / (1 + halves)))


def judge(
    scenario: Scenario,
    connectome: Connectome,
    target: ArrayLike,
    *,
    seed: int,
    minutes: float = 20.0,
    balloon: str = "friston2003",
    threads: int = 1,
    fcd: FcdHistogram | None = None,
    progress: Progress = no_progress,
) -> Judgement:
    """Run a tuned brain, after its settling, with other noise and measure the FC of its BOLD.

    Parameters
    ----------
    scenario : Scenario
        With a tuning; its settling comes first.
    connectome : Connectome
    target : (n_regions, n_regions) float64 [1]
        Of the simulated regions in their order.
    seed : int
        Of the noise; the wiring keeps its own seed.
    minutes : float [min]
        Biology that is judged; at least 1.
    balloon : str
        Of `engine.fit.forward.bold.BALLOONS`.
    threads : int
    fcd : FcdHistogram, optional
        Measured dynamics of all regions of the connectome.
    progress : callable
        Called once a second of biology; may raise to give up.

    Raises
    ------
    EngineError
        The scenario cannot be run, or the time is too short.
    """
    if not minutes >= 1.0:
        raise ParameterError(f"judge.minutes: must be at least 1 (got {minutes:g}).")
    settling = scenario.network.settling
    values = {"seed": seed, "network.wiring_seed": scenario.wiring_seed}
    building = part_of(progress, 0.0, 0.0)  # a moment beside the minutes that follow
    brain = RunningBrain(scenario.with_values(values), connectome, threads, building)
    tuning = brain.network.tuning
    assert tuning is not None
    known = checked_target(target, brain.network.n_regions)
    total_ms = settling.duration + WARM_MS + 60_000.0 * minutes
    try:
        inhibition, every = np.array(tuning.local_inhibition), round(settling.interval)
        while brain.time_ms + every <= settling.duration:
            rate_hz = brain.rates_hz(brain.advance(every), every)[0]
            inhibition = next_inhibition(inhibition, rate_hz, settling)
            brain.retune(tuning.with_inhibition(inhibition))
            progress(brain.time_ms / total_ms, "settling")
        bold = Bold(balloon, brain.network.n_regions)
        samples, seconds = [], []
        for n in range(round((total_ms - settling.duration) / _CHUNK_MS)):
            counts = brain.advance(_CHUNK_MS)
            rates = brain.rates_hz(counts, 10).repeat(10, axis=0)
            volumes = bold.advance(rates)
            if n * _CHUNK_MS >= WARM_MS:
                samples.append(volumes)
                seconds.append(rates.mean(axis=0))
            progress(brain.time_ms / total_ms, "judging")
    finally:
        brain.close()
    signal, binned = np.concatenate(samples), np.array(seconds)
    fc, half = rate_fc(signal), len(signal) // 2
    r, n_pairs = fc_correlation(fc, known)
    halves, _ = fc_correlation(rate_fc(signal[:half]), rate_fc(signal[half:]))
    return Judgement(
        r=r,
        n_pairs=n_pairs,
        halves=halves,
        corrected=corrected_for_halves(r, halves),
        r_rates=fc_correlation(rate_fc(binned), known)[0],
        minutes=minutes,
        fc=fc,
        rates_hz=binned.mean(axis=0),
        max_1s_hz=float(binned.max()),
        seed=seed,
        fcd_ks=float("nan") if fcd is None else fcd.distance(bold_fcd(signal)),
    )
