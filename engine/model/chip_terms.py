"""What makes a circuit of the analog chip differ from the equation it stands for: terms by name.

A term's size is what it does in each mode; `analog.terms` multiplies it, so 0 turns a term off.
'measured' was read in a source, 'derived' was computed from published figures or acceptance bounds,
'assumed' has no source and says so. U is 5.6 % of the swing from rest to threshold: the spread of
uncalibrated thresholds and resets, read off the figures of electronicvisions/brainscales2-demos at
11e31d8 (single_neuron_fixed_pattern.svg). Calibrated spreads are U times the acceptance bounds of
electronicvisions/calix at e573081 (tests/hw/py), so they are upper bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import create_model

from engine.model.quantity import Declared, quantity

__all__ = ["TERMS", "AnalogTerms", "Term"]

_U = 0.056
_BOUND = (
    "uncalibrated 5.6 % of the swing in single_neuron_fixed_pattern.svg, brainscales2-demos; "
    "calibrated by calix's acceptance bound "
)
_PSP = "PSP spread in dynamic_range_solution.svg, brainscales2-demos; uncalibrated assumed"
_PART = "; of the spread of 0.022 what time constants and synapses leave over"
_ISI = "cycle-to-cycle ISI sd 0.34 %, single_neuron_fixed_pattern.svg"


@dataclass(frozen=True)
class Term:
    """One imperfection.

    Attributes
    ----------
    name : str
        Its key in `analog.terms`.
    label : str
        What a page calls it.
    quantised, calibrated, uncalibrated : float
        Its size in each mode, in `unit`; a standard deviation where the formula has an N.
    unit : str
    formula : str
    source : str
    standing : "measured", "derived" or "assumed"
    sentence : str
        What it is, for a reader who has never seen a chip.
    circuits : "spread", "fixed" or ""
        Whether it makes circuits differ for good: "spread" where larger transistors would narrow it,
        "fixed" where they would not.
    """

    name: str
    label: str
    quantised: float
    calibrated: float
    uncalibrated: float
    unit: str
    formula: str
    source: str
    standing: Literal["measured", "derived", "assumed"]
    sentence: str
    circuits: Literal["spread", "fixed", ""] = ""

    def size(self, mode: str) -> float:
        """Size in a mode; 0 in 'ideal'."""
        return 0.0 if mode == "ideal" else float(getattr(self, mode))

    @property
    def provenance(self) -> str:
        """What it is, its formula, and where its size comes from: the words of every hover."""
        return f"{self.sentence} {self.formula} ({self.standing}: {self.source})."


def _always(value: float) -> tuple[float, float, float]:
    return value, value, value


TERMS: dict[str, Term] = {
    t.name: t
    for t in (
        Term(
            "weight_quantisation",
            "Weight quantisation",
            *_always(1.0),
            "level",
            "w <- round(w / size) size, in levels of 2**weight_bits - 1",
            "halco synapse.h:509",
            "measured",
            "Weights are whole numbers of a few bits.",
        ),
        Term(
            "synapse_gain",
            "Synapse gain",
            0.0,
            0.02,
            0.05,
            "of weight",
            "w (1 + N)",
            "no source",
            "assumed",
            "Every synapse's current source is a little off.",
            "spread",
        ),
        Term(
            "exc_gain",
            "Excitatory gain",
            0.0,
            0.016,
            0.15,
            "of gain",
            "g (1 + N)",
            _PSP + _PART,
            "derived",
            "Excitatory inputs of a circuit are amplified a little differently.",
            "spread",
        ),
        Term(
            "inh_gain",
            "Inhibitory gain",
            0.0,
            0.07,
            0.15,
            "of gain",
            "g (1 + N)",
            _PSP,
            "derived",
            "Inhibitory inputs of a circuit are amplified a little differently.",
            "spread",
        ),
        Term(
            "inh_saturation",
            "Inhibitory saturation",
            0.0,
            1.0,
            1.0,
            "x",
            "I_inh (V - floor) / (v_rest - floor) below rest; floor at 30 LSB",
            "shape of dynamic_range_solution.svg, brainscales2-demos; floor: the lowest reading "
            "calix trusts (constants.py)",
            "assumed",
            "Inhibition fades towards the lower end of the voltage range.",
        ),
        Term(
            "threshold",
            "Threshold",
            0.0,
            0.35 * _U,
            _U,
            "of swing",
            "v_thresh + N",
            _BOUND + "0.35",
            "derived",
            "Thresholds differ from circuit to circuit.",
            "spread",
        ),
        Term(
            "leak",
            "Leak",
            0.0,
            0.30 * _U,
            _U,
            "of swing",
            "v_rest + N",
            _BOUND + "0.30",
            "derived",
            "Leak potentials differ from circuit to circuit.",
            "spread",
        ),
        Term(
            "reset",
            "Reset",
            0.0,
            0.20 * _U,
            _U,
            "of swing",
            "v_reset + N",
            _BOUND + "0.20",
            "derived",
            "Reset potentials differ from circuit to circuit.",
            "spread",
        ),
        Term(
            "tau_m",
            "Membrane time constant",
            0.0,
            0.02,
            0.12,
            "of tau_m",
            "g_leak / lognormal",
            "no source; calix bound 0.45 of an unpublished spread, and less than the PSP spread",
            "assumed",
            "Membrane time constants differ from circuit to circuit.",
            "spread",
        ),
        Term(
            "tau_syn",
            "Synaptic time constants",
            0.0,
            0.015,
            0.15,
            "of tau_syn",
            "tau_syn lognormal",
            "no source; calix bound 0.20 of an unpublished spread, and less than the PSP spread",
            "assumed",
            "Synaptic time constants differ from circuit to circuit.",
            "spread",
        ),
        Term(
            "adex",
            "Adaptation and upstroke",
            0.0,
            0.15,
            0.15,
            "of value",
            "a, b, tau_w, delta_t lognormal; v_t + N delta_t",
            "calix calibrates no adaptation or exponential term; size has no source",
            "assumed",
            "Adaptation and exponential terms are never calibrated.",
            "spread",
        ),
        Term(
            "outliers",
            "Outliers",
            0.0,
            0.004,
            0.004,
            "of circuits",
            "g_exc x 0.4 or x 2.4",
            "2 of 512 in plasticity_homeostasis_weight.png, brainscales2-demos",
            "derived",
            "A few circuits answer far too weakly or too strongly.",
            "fixed",
        ),
        Term(
            "parameter_code",
            "Parameter codes",
            *_always(1.0),
            "code",
            "p <- round(p 1022 / range) range / 1022",
            "haldls capmem.h:118, 10 bits less the one that stops refreshing",
            "measured",
            "Voltages and currents are set in 1022 steps.",
        ),
        Term(
            "crosstalk",
            "Crosstalk",
            0.0,
            0.002,
            0.002,
            "of range",
            "p (1 + N) after its code",
            "no source",
            "assumed",
            "Neighbouring parameter cells pull at each other.",
            "fixed",
        ),
        Term(
            "refractory",
            "Refractory counter",
            *_always(1.0),
            "count",
            "t_refrac in whole counts of an 8-bit counter",
            "haldls neuron.h:325-333",
            "measured",
            "The refractory time is counted in clock steps.",
        ),
        Term(
            "drift",
            "Drift from run to run",
            0.0,
            0.015,
            0.015,
            "of swing",
            "v_thresh + N, new every run",
            "JulianGoeltz/fastAndDeep at 33e4876, yin_yang_hwAware.yaml",
            "measured",
            "Thresholds are not quite the same in the next run.",
        ),
        Term(
            "membrane_noise",
            "Membrane noise",
            0.0,
            0.0025,
            0.0025,
            "of swing",
            "white noise on V, this stationary spread",
            _ISI + ", half of its variance",
            "derived",
            "Membranes are noisy.",
        ),
        Term(
            "spike_jitter",
            "Spike jitter",
            0.0,
            10.0,
            10.0,
            "us",
            "t + N",
            _ISI + ", half of its variance",
            "derived",
            "Spikes are a little early or late.",
        ),
        Term(
            "time_grid",
            "Clock of spike times",
            *_always(8.0),
            "us",
            "t <- round(t / size) size",
            "fisch constants.h, 125 MHz",
            "measured",
            "Spike times are stamped in clock steps.",
        ),
        Term(
            "latency",
            "Way between chips",
            0.0,
            1.3,
            1.3,
            "ms",
            "delay + size between chips",
            "below 1.3 us on hardware, arXiv:2512.03781",
            "measured",
            "A spike to another chip travels for more than a millisecond of biology.",
        ),
        Term(
            "bus",
            "Event bus",
            0.0,
            1.0,
            1.0,
            "x",
            "12 events a bus in 0.1 ms, 16 wait, the rest is dropped",
            "8 ns an event, Billaudelle 2022; how many wait is assumed",
            "derived",
            "An event bus carries so many spikes and no more.",
        ),
        Term(
            "readout",
            "Membrane readout",
            1.0,
            3.0,
            3.0,
            "LSB",
            "record <- clip(round(V + N), 0, 255); no N in 'quantised'",
            "calix bound 3 LSB, constants.py",
            "derived",
            "Recorded membranes are digitised in 8 bits, each channel with its offset.",
        ),
        Term(
            "sensor",
            "Correlation sensors",
            0.0,
            0.5,
            0.5,
            "of value",
            "amplitude, tau lognormal, each sensor its own",
            "calix asks that the 30th to 70th percentile lie within a factor of 2; size assumed",
            "assumed",
            "Sensors of a synapse that learns answer more or less, longer or shorter.",
        ),
        Term(
            "dead_sensors",
            "Dead sensors",
            0.0,
            0.05,
            0.05,
            "of synapses",
            "both amplitudes 0",
            "no source; calix asks for the right sign on 80 % of synapses",
            "assumed",
            "Some synapses that learn sense nothing.",
        ),
    )
}


class _Scales(Declared):
    """How strongly each imperfection acts, over its default in the mode: 0 is off, 1 as it is."""


_FIELDS: dict[str, Any] = {
    name: (float, quantity(1.0, "x", t.sentence, low=0.0, high=20.0, step=0.25, short=t.label.lower()))
    for name, t in TERMS.items()
}
AnalogTerms = create_model("AnalogTerms", __base__=_Scales, __doc__=_Scales.__doc__, **_FIELDS)
