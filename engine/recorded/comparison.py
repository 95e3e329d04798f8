"""What a comparison of both substrates with a recorded cell has found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student_t

from engine.amounts import counted, number
from engine.recorded.fitting import Fit
from engine.recorded.measures import MEASURES, share
from engine.stored_results import STORED

__all__ = ["MODELS", "Comparison", "Excerpt", "Interval", "Response"]

MODELS = {"digital": "Digital", "chip": "Chip", "chip_unfitted": "Chip, fitted as digital"}
"""What is judged: the neuron on either substrate, and the digital one's numbers put onto chips."""

_Curve = tuple[float, ...]
_Times = tuple[float, ...]


@dataclass(frozen=True)
class Interval:
    """A mean over fits with its 95 % interval (Student's t); each fit is a mean over chips and seeds.

    Attributes
    ----------
    mean, low, high : float
    """

    __pydantic_config__ = STORED

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Any) -> Interval:
        """Of (n_fits, n_draws) float64, or one value a fit."""
        x = np.asarray(values, np.float64)
        x = x.reshape(x.shape[0], -1).mean(axis=1)
        half = float(student_t.ppf(0.975, x.size - 1) * x.std(ddof=1) / np.sqrt(x.size))
        return cls(float(x.mean()), float(x.mean()) - half, float(x.mean()) + half)

    @property
    def words(self) -> str:
        """``0.52 (0.51 to 0.53)``."""
        return f"{number(self.mean, 3)} ({number(self.low, 3)} to {number(self.high, 3)})"


@dataclass(frozen=True)
class Response:
    """How the spikes of the judged half go with the stimulus.

    Attributes
    ----------
    rate_hz : float
    sta : (n_lags,) tuple of float [standard deviations]
    coherence : (n_frequencies,) tuple of float
    information_bps : float [bits/s]
        In the band of the stimulus.
    """

    __pydantic_config__ = STORED

    rate_hz: float
    sta: _Curve
    coherence: _Curve
    information_bps: float


@dataclass(frozen=True)
class Excerpt:
    """A stretch of the judged half.

    Attributes
    ----------
    start, stop : float [ms]
    stimulus : (n_ms,) tuple of float [standard deviations]
        Mean of each millisecond.
    recorded : tuple of float [ms]
    models : dict of str to tuple of tuples of float [ms]
        Trains of a few repetitions of each model.
    """

    __pydantic_config__ = STORED

    start: float
    stop: float
    stimulus: _Curve
    recorded: _Times
    models: dict[str, tuple[_Times, ...]]


@dataclass(frozen=True)
class Comparison:
    """Both substrates against one recorded cell.

    Attributes
    ----------
    cell, neuron : str
    seed : int
        Of the first fit; other fits have seeds a thousand apart, and the chips and noises that one is
        judged on the seeds after its own.
    duration_ms : float [ms]
        Of the recording; the second half is judged.
    band_hz : float [Hz]
        Below which 95 % of the stimulus' power lies.
    period_ms : float or None [ms]
        After which the stimulus repeats; None where it never does.
    self_correlation : float
        The largest of the stimulus with itself, shifted by 100 ms or more.
    fits : tuple of dict of str to Fit
        Of "digital" and "chip".
    values : dict of str to dict of str to (n_fits, n_draws) tuple of float
        By measure and model, "poisson" among the models: mean over repetitions in every draw.
    ceilings : dict of str to float
        By measure, repetitions of the recording against each other; empty where it does not repeat.
    spread : dict of str to (float, float)
        By model, gamma of the 5th and 95th percentile of all repetitions.
    sta_correlations : dict of str to (n_fits,) tuple of float
        By model, with the animal's.
    coherence_gaps : dict of str to (n_fits,) tuple of float
        By model, root mean square difference to the animal's in the band.
    sta_halves : float
        Correlation of the animal's spike-triggered averages in the two halves.
    responses : dict of str to Response
        By model, and "animal".
    lags_ms, frequencies_hz : tuple of float
    excerpt : Excerpt
    """

    __pydantic_config__ = STORED

    cell: str
    neuron: str
    seed: int
    duration_ms: float
    band_hz: float
    period_ms: float | None
    self_correlation: float
    fits: tuple[dict[str, Fit], ...]
    values: dict[str, dict[str, tuple[_Curve, ...]]]
    ceilings: dict[str, float]
    spread: dict[str, tuple[float, float]]
    sta_correlations: dict[str, _Curve]
    coherence_gaps: dict[str, _Curve]
    sta_halves: float
    responses: dict[str, Response]
    lags_ms: _Curve
    frequencies_hz: _Curve
    excerpt: Excerpt

    @property
    def n_draws(self) -> int:
        """Chips and noises that each fit was judged on."""
        return len(self.values["gamma"]["digital"][0])

    def value(self, measure: str, model: str) -> Interval:
        """A measure of a model, or of "poisson"."""
        return Interval.of(self.values[measure][model])

    def best(self, measure: str) -> float:
        """What repetitions of the animal give, or the recorded train itself where there are none."""
        return self.ceilings.get(measure, MEASURES[measure].perfect)

    def _shares(self, measure: str, model: str) -> NDArray[np.float64]:
        poisson, best = self.value(measure, "poisson").mean, self.best(measure)
        return share(np.array(self.values[measure][model]), poisson, best)

    def shares(self, measure: str, model: str) -> Interval:
        """The same from 0 at a Poisson neuron to 1 at `best`."""
        return Interval.of(self._shares(measure, model))

    def lead(self, measure: str, model: str = "chip") -> Interval:
        """By how much the digital neuron is nearer than a model, in shares; fit by fit."""
        return Interval.of(self._shares(measure, "digital") - self._shares(measure, model))

    @property
    def answer(self) -> str:
        """Which substrate is nearer to the animal, and by how much."""
        lead, same = self.lead("gamma"), self.lead("gamma", "chip_unfitted")
        digital, chip = self.shares("gamma", "digital"), self.shares("gamma", "chip")
        scale = "another repetition" if self.ceilings else "the recorded train itself"
        if lead.low <= 0.0 <= lead.high:
            first = "Neither substrate is shown to be nearer to the animal"
        elif lead.mean > 0:
            first = "The digital neuron is nearer to the animal"
        else:
            first = "The neuron on the modelled chip is nearer to the animal"
        return (
            f"{first}: on a scale from a Poisson neuron of the same rate (0) to {scale} (1), digital "
            f"reaches {number(digital.mean, 2)} and the chip {number(chip.mean, 2)}, a difference of "
            f"{_signed(lead)} (95 % interval of {len(self.fits)} fits, each judged on "
            f"{counted(self.n_draws, 'chip')} and noises that it was not fitted on). With the digital "
            f"neuron's own numbers on the chips it is {_signed(same)}."
        )

    @property
    def ceiling_words(self) -> str:
        """Whether the recording repeats, and how that is known."""
        if self.period_ms is not None:
            return (
                f"The stimulus repeats every {number(self.period_ms, 4)} ms (correlation "
                f"{number(self.self_correlation, 3)}); repetitions of the animal are the ceiling."
            )
        return (
            "There is no ceiling: the stimulus never repeats (shifted by 100 ms or more, it correlates "
            f"with itself by {number(self.self_correlation, 2)} at most), so how well the animal repeats "
            "itself is not known."
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values, with what follows from them."""
        names = [*MODELS]
        return {
            "answer": self.answer,
            "ceiling": self.ceiling_words,
            "shares": {m: {n: asdict(self.shares(m, n)) for n in names} for m in MEASURES},
            "lead": {m: {n: asdict(self.lead(m, n)) for n in names[1:]} for m in MEASURES},
            **asdict(self),
        }


def _signed(found: Interval) -> str:
    """``+0.05 (+0.02 to +0.08)``; the digital neuron's lead."""

    def one(value: float) -> str:
        return ("+" if value > 0 else "-" if value < 0 else "") + number(abs(value), 2)

    return f"{one(found.mean)} ({one(found.low)} to {one(found.high)})"
