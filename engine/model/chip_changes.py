"""What an analog chip changes of a brain, and how each kind of change is counted."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.chip_terms import TERMS

__all__ = ["CHANGES", "Change"]


@dataclass(frozen=True)
class Change:
    """One kind of change that a chip makes and counts.

    Attributes
    ----------
    label : str
    counted : str
        How it is counted, in a sentence.
    terms : tuple of str
        Names of the imperfections that make it.
    """

    label: str
    counted: str
    terms: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Where the number comes from."""
        return " ".join([self.counted, *(f"{TERMS[t].label}: {TERMS[t].provenance}" for t in self.terms)])


_ROWS = (
    "that a circuit has 256 rows, each weight at most 63 times the unit, was measured (read in "
    "halco synapse.h)."
)
_TRIMS = "Its step is a code of the threshold, derived (see the table of both units)."
CHANGES: dict[str, Change] = {
    "weights_rounded": Change(
        "weights rounded to a level",
        "Counted when the chip is built: synapses whose weight is no whole level.",
        ("weight_quantisation",),
    ),
    "weights_split": Change(
        "weights spread over several rows",
        f"Counted when the chip is built: synapses too strong for one row; {_ROWS}",
    ),
    "weights_clipped": Change(
        "weights cut to what their rows hold",
        f"Counted when the chip is built: synapses too strong for all rows they may have; {_ROWS}",
    ),
    "delays_changed": Change(
        "synapses with another delay, of the way between chips",
        "Counted when the chip is built: synapses that come from another chip.",
        ("latency",),
    ),
    "parameters_rounded": Change(
        "parameters moved to their code or count",
        "Counted when the chip is built: parameters of all circuits that lie between two codes or "
        "two counts.",
        ("parameter_code", "refractory"),
    ),
    "circuits_trimmed": Change(
        "circuits with a threshold code of their own, from a calibration",
        f"Counted when the chip is built, from the scenario's trims. {_TRIMS}",
    ),
    "trims_of_other_chips": Change(
        "trims left off, found on a chip of another seed",
        f"Counted when the chip is built, from the scenario's trims. {_TRIMS}",
    ),
    "trims_clipped": Change(
        "trims cut at the end of a code's range",
        f"Counted when the chip is built, from the scenario's trims. {_TRIMS}",
    ),
    "receptors_merged": Change(
        "inputs that stand for two receptors",
        "Counted when the chip is built: where NMDA or GABA-B act, they share the one excitatory or "
        "inhibitory input with AMPA or GABA-A, with the charge and the mean time of both, at most "
        "30 ms (assumed: no such mapping is published).",
    ),
    "peaks_lowered": Change(
        "upstrokes cut off at the highest threshold there is",
        "Counted when the chip is built: adaptive exponential circuits whose peak lies above a "
        "reading of 220, the highest that calix accepts (measured: calix spiking/neuron.py).",
    ),
    "spikes_moved": Change(
        "spikes moved to another step by jitter and clock",
        "Counted spike by spike in the run.",
        ("spike_jitter", "time_grid"),
    ),
    "outliers": Change("outlier circuits", "Counted when the chip is built.", ("outliers",)),
    "events_dropped": Change("events dropped by a bus", "Counted event by event in the run.", ("bus",)),
}
"""By the keys under `snaps` in a chip's report."""
