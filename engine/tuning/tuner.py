"""Tuning a brain to functional connectivity while it runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.brain.connectome import Connectome
from engine.errors import DataError
from engine.fit.forward.bold import Bold
from engine.fit.functional_connectivity import fc_correlation
from engine.progress import Progress, no_progress
from engine.run.provenance import versions
from engine.run.settling import next_inhibition
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import MAX_FACTOR, Tuning
from engine.scenario.tuning_file import keep_tuning
from engine.tuning.rule import TuningRule
from engine.tuning.running_brain import RunningBrain
from engine.tuning.streaming import StreamingFC

__all__ = ["MIN_REGIONS", "FCTuner", "TuningStep", "checked_target"]

MIN_REGIONS = 4
MAX_REGION_HZ = 50.0
"""A region that is faster over an interval has run away."""

_KEEP_EVERY = 15  # intervals between two states that may be stepped back to
_CALM_INTERVALS = 10  # at the beginning, in which a fast region is left to its inhibition
_MORE_INHIBITION = 1.5
MAX_TUNED_BIAS = 100.0
"""Largest bias that a tuning gives a region [pA], a quarter of the background's mean."""
_BALLOON = "friston2003"
_BOLD_MS = 10
_GAIN_PER_HZ = 0.002  # small, so that a region that runs away does not stop its own blood flow


class TuningStep(NamedTuple):
    """Where a tuning stands after an interval.

    Attributes
    ----------
    minutes : float [min]
        Biological time.
    r : float [1]
        Correlation of the running estimate with the target over all known pairs; NaN while there is none.
    rmse : float [1]
        Root mean square error over the pairs that are fitted.
    mean_hz, min_hz, max_hz : float [Hz]
        Excitatory rates of regions in this interval.
    said : str
        What was done about a region that ran away; "" where none did.
    """

    minutes: float
    r: float
    rmse: float
    mean_hz: float
    min_hz: float
    max_hz: float
    said: str = ""


def checked_target(target: ArrayLike, n_regions: int) -> NDArray[np.float64]:
    """Measured connectivity that a brain of so many regions can be tuned to.

    Parameters
    ----------
    target : (n_regions, n_regions) float64 [1]
        Pairs that are not known are NaN.
    n_regions : int

    Returns
    -------
    (n_regions, n_regions) float64 [1]
        Its diagonal is NaN.

    Raises
    ------
    DataError
        It is of another shape, not symmetric, not a correlation, or knows too few regions.
    """
    fc = np.array(target, dtype=np.float64)
    if fc.shape != (n_regions, n_regions):
        raise DataError(
            f"target: must be {n_regions} x {n_regions}, one row a simulated region (got {fc.shape})."
        )
    np.fill_diagonal(fc, np.nan)
    if not np.allclose(fc, fc.T, atol=1e-6, equal_nan=True):
        raise DataError("target: must be symmetric, as a correlation is (got rows unlike columns).")
    known = np.isfinite(fc)
    if np.abs(fc[known]).max(initial=0.0) > 1.0 + 1e-9:
        raise DataError(f"target: must be correlations from -1 to 1 (got {np.abs(fc[known]).max():g}).")
    if (n := int(known.any(axis=1).sum())) < MIN_REGIONS:
        raise DataError(f"target: must know at least {MIN_REGIONS} regions (got {n}).")
    values = fc[np.triu(known, 1)]
    if np.ptp(values) <= 1e-12:
        raise DataError("target: must differ between pairs (got the same correlation everywhere).")
    return fc


class FCTuner:
    """A running brain whose tracts and local inhibition are moved towards measured correlations.

    Every interval local inhibition follows each region's rate as `network.settling` says, and the
    factors of tracts follow the error of each pair by the rule. Equal inputs give equal tunings, bit
    for bit, whatever the number of threads.

    Parameters
    ----------
    scenario : Scenario
        Its tuning is where it starts; without one the rule's start.
    connectome : Connectome
    target : (n_regions, n_regions) float64 [1], optional
        Measured correlations of the simulated regions in their order; those of the connectome where
        left out.
    pairs : (n_regions, n_regions) bool, optional
        Pairs to fit, symmetric; all known ones where left out.
    rule : TuningRule
    threads : int
    progress : callable
        Called while the brain is built.

    Attributes
    ----------
    asked : Scenario
        As it was given; `scenario` is what runs, with a tuning and no settling.
    curve : list of TuningStep
    unstable_steps : int
        How often a region ran away and the tuning was stepped back.

    Raises
    ------
    EngineError
        The scenario cannot be run or tuned, or the target is none.
    """

    def __init__(
        self,
        scenario: Scenario,
        connectome: Connectome,
        target: ArrayLike | None = None,
        *,
        pairs: NDArray[np.bool_] | None = None,
        rule: TuningRule | None = None,
        threads: int = 1,
        progress: Progress = no_progress,
    ):
        self.rule = rule = rule or TuningRule()
        self.asked = scenario
        on = [k for k, b in enumerate(scenario.backend_of(connectome.labels)) if b != "off"]
        if target is None:
            if connectome.fc_matrix is None:
                raise DataError(
                    f"target: must be given, since {connectome.name} brings no measured connectivity."
                )
            target = connectome.fc_matrix[np.ix_(on, on)]
        self.target = checked_target(target, len(on))
        values: dict[str, Any] = {"network.settling.duration": 0.0}
        if not scenario.network.tuning:
            labels = tuple(connectome.labels[k] for k in on)
            start = Tuning.neutral(labels, rule.start_factor, rule.start_inhibition)
            values["network.tuning"] = keep_tuning(start)
        self.scenario = scenario.with_values(values)
        self.brain = RunningBrain(self.scenario, connectome, threads, progress)
        known = np.isfinite(self.target)
        self.fitted = known if pairs is None else known & np.asarray(pairs, bool)
        tuning = self.brain.network.tuning
        assert tuning is not None
        self._started_from = tuning
        self.onto_excitatory = np.array(tuning.onto_excitatory)
        self.onto_inhibitory = np.array(tuning.onto_inhibitory)
        self.inhibition = np.array(tuning.local_inhibition)
        self.bias = np.array(tuning.bias)
        self._of_rates, self._of_bold = StreamingFC(len(on)), StreamingFC(len(on))
        self._bold = Bold(_BALLOON, len(on), tr=float(rule.bin_ms), gain=_GAIN_PER_HZ)
        self.curve: list[TuningStep] = []
        self.unstable_steps = 0
        self._n_intervals = 0
        self._kept: tuple[int, dict[str, Any]] = (0, self.state())

    @property
    def minutes(self) -> float:
        """Biological time done [min]."""
        return self.brain.time_ms / 60_000.0

    @property
    def kept_state(self) -> dict[str, Any]:
        """The last state that can be stepped back to, at most half a minute old; see :meth:`state`."""
        return self._kept[1]

    @property
    def fc(self) -> NDArray[np.float64]:
        """(n_regions, n_regions) float64 [1], the running estimate."""
        return self._estimate.fc()

    @property
    def rates_hz(self) -> NDArray[np.float64]:
        """(n_regions,) float64 [Hz], excitatory rates over the stretch that the estimate remembers."""
        return self._of_rates.mean.copy()

    @property
    def _estimate(self) -> StreamingFC:
        after = self.rule.bold_after_s
        is_bold = after > 0 and self.brain.time_ms > 1000.0 * after
        return self._of_bold if is_bold else self._of_rates

    def advance(self) -> TuningStep:
        """Run one interval and move the factors.

        Raises
        ------
        SimulationError
            A membrane potential is no number.
        """
        rule = self.rule
        counts = self.brain.advance(rule.interval_ms)
        binned = self.brain.rates_hz(counts, rule.bin_ms)
        volumes = self._bold.advance(self.brain.rates_hz(counts, _BOLD_MS).repeat(_BOLD_MS, axis=0))
        rate_hz = binned.mean(axis=0)
        self._n_intervals += 1
        if rate_hz.max() > MAX_REGION_HZ and self._n_intervals > _CALM_INTERVALS:
            return self._step_back(rate_hz)
        seconds = self.brain.time_ms / 1000.0
        r = rmse = float("nan")
        if seconds > rule.quiet_s / 2:  # the first half of the quiet time is not remembered either
            for estimate, samples in ((self._of_rates, binned), (self._of_bold, volumes)):
                for sample in samples:
                    estimate.add(sample, rule.window(seconds))
        if seconds > rule.quiet_s:
            fc = self.fc
            error = self.target - fc
            step = rule.step(error, self.fitted, seconds)
            self.onto_excitatory = np.clip(self.onto_excitatory + step, 0.0, rule.max_factor)
            self.onto_inhibitory = np.clip(self.onto_inhibitory - step, 0.0, rule.max_factor)
            r, _ = fc_correlation(fc, self.target)
            rmse = float(np.sqrt((error[self.fitted] ** 2).mean()))
        self._follow(rate_hz, rule.gain_share(seconds))
        self._write()
        rates = float(rate_hz.mean()), float(rate_hz.min()), float(rate_hz.max())
        done = TuningStep(self.minutes, r, rmse, *rates)
        self.curve.append(done)
        if self._n_intervals % _KEEP_EVERY == 0:
            self._kept = self._n_intervals, self.state()
        return done

    def _follow(self, rate_hz: NDArray[np.float64], share: float) -> None:
        """Lead each region to its rate: by inhibition, and by a bias where that is at its floor."""
        settling = self.scenario.network.settling
        settling = settling.model_copy(update={"gain": settling.gain * share})
        excess = rate_hz - settling.rate_hz
        by_bias = np.where(excess > 0, self.bias > 0, self.inhibition <= settling.floor)
        moved = next_inhibition(self.inhibition, rate_hz, settling)
        self.inhibition = np.where(by_bias, self.inhibition, moved)
        bias = np.clip(self.bias - self.rule.bias_gain * share * excess, 0.0, MAX_TUNED_BIAS)
        self.bias = np.where(by_bias, bias, self.bias)

    def _write(self) -> None:
        self.brain.retune(self.tuning("running"))

    def _step_back(self, rate_hz: NDArray[np.float64]) -> TuningStep:
        """Go back to the last state that was kept, with more inhibition where a region ran away."""
        fast = rate_hz > MAX_REGION_HZ
        labels = [label for label, is_fast in zip(self.brain.network.labels, fast, strict=True) if is_fast]
        when = self.minutes
        n_intervals, state = self._kept
        inhibition = np.array(state["inhibition"])
        inhibition[fast] = np.minimum(_MORE_INHIBITION * inhibition[fast], MAX_FACTOR)
        state = {**state, "inhibition": inhibition}
        n_unstable = self.unstable_steps + 1
        self.restore(state)
        self._n_intervals, self.unstable_steps = n_intervals, n_unstable
        self._kept = n_intervals, self.state()
        which = ", ".join(labels[:3]) + (f" and {len(labels) - 3} more" if len(labels) > 3 else "")
        said = (
            f"{which} ran away at {when:.1f} min ({rate_hz.max():.0f} Hz); stepped back to "
            f"{self.minutes:.1f} min with {_MORE_INHIBITION:g} times the local inhibition there"
        )
        nan = float("nan")
        last = self.curve[-1] if self.curve else TuningStep(self.minutes, nan, nan, nan, nan, nan)
        done = last._replace(minutes=self.minutes, max_hz=float(rate_hz.max()), said=said)
        self.curve.append(done)
        return done

    def tuning(self, name: str) -> Tuning:
        """The factors as they are, with how they were made.

        Parameters
        ----------
        name : str
        """
        network = self.brain.network
        return Tuning(
            name,
            network.labels,
            self.onto_excitatory,
            self.onto_inhibitory,
            self.inhibition,
            self.bias,
            {
                "made_by": "dtb fit",
                "connectome": self.brain.connectome.name,
                "connectome_sha256": self.brain.connectome.checksum,
                "scenario": self.scenario.model_dump(mode="json", exclude_defaults=True),
                "started_from": self._started_from.checksum,
                "rule": asdict(self.rule),
                "minutes": round(self.minutes, 4),
                "unstable_steps": self.unstable_steps,
                "versions": versions(),
            },
        )

    # ---- leaving and going on ----------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Copies of all that changes; :meth:`restore` goes on from it exactly."""
        return {
            "brain": self.brain.state(),
            "rates": self._of_rates.state(),
            "bold": {**self._of_bold.state(), **self._bold.state()},
            "onto_excitatory": self.onto_excitatory.copy(),
            "onto_inhibitory": self.onto_inhibitory.copy(),
            "inhibition": self.inhibition.copy(),
            "bias": self.bias.copy(),
            "n_intervals": self._n_intervals,
            "unstable_steps": self.unstable_steps,
            "curve": json.dumps([list(step) for step in self.curve]),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a :meth:`state` of a tuner of the same scenario."""
        self.brain.restore(state["brain"])
        self._of_rates.restore(state["rates"])
        self._of_bold.restore(state["bold"])
        self._bold.restore(state["bold"])
        self.onto_excitatory = np.array(state["onto_excitatory"])
        self.onto_inhibitory = np.array(state["onto_inhibitory"])
        self.inhibition = np.array(state["inhibition"])
        self.bias = np.array(state["bias"])
        self._n_intervals, self.unstable_steps = int(state["n_intervals"]), int(state["unstable_steps"])
        self.curve = [TuningStep(*step) for step in json.loads(state["curve"])]
        self._write()
        self._kept = self._n_intervals, self.state()

    def close(self) -> None:
        """Let threads go."""
        self.brain.close()
