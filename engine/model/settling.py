"""Homeostatic settling of local inhibition at the beginning of a run."""

from __future__ import annotations

from engine.model.quantity import Declared, quantity

__all__ = ["SettlingParameters"]


class SettlingParameters(Declared):
    """For how long, and how, local inhibition follows the rates of regions.

    Every `interval` the factor of a region's synapses from inhibitory onto excitatory neurons is
    multiplied by ``exp(gain (rate - rate_hz))`` and kept at `floor` or above; after `duration` it stays.
    """

    duration: float = quantity(
        0.0,
        "ms",
        "For how long from the beginning of a run local inhibition follows each region's rate; 0 is never.",
        low=0.0,
        high=1e6,
        step=10_000.0,
        label="Settling",
        level="none",
    )
    rate_hz: float = quantity(
        4.0,
        "Hz",
        "Rate of excitatory neurons that it leads to.",
        low=0.1,
        high=50.0,
        step=0.5,
        source="Schirner, Deco & Ritter 2023, doi 10.1038/s41467-023-38626-y",
        label="Target rate",
        level="none",
    )
    gain: float = quantity(
        0.03,
        "1/Hz",
        "Relative change of inhibition for each Hz too much.",
        low=0.0,
        high=1.0,
        step=0.01,
        source="assumed",
        label="Gain of settling",
        level="none",
    )
    interval: float = quantity(
        2000.0,
        "ms",
        "Time between two changes, over which rates are taken.",
        low=100.0,
        high=60_000.0,
        step=500.0,
        source="assumed",
        label="Interval of settling",
        level="none",
    )
    floor: float = quantity(
        1.15,
        "",
        "Least factor of local inhibition.",
        low=0.0,
        high=8.0,
        step=0.05,
        source="assumed: below it single regions of dk84 become bistable",
        label="Least inhibition",
        level="none",
    )
