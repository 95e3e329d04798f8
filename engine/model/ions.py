"""Ions that activity moves for seconds, and the regions that keep them badly."""

from __future__ import annotations

from pydantic import Field

from engine.model.quantity import Declared, about, quantity

__all__ = ["Focus", "IonParameters"]

_LIOU = "Liou et al. 2020, doi 10.7554/eLife.50927"


class IonParameters(Declared):
    """Inhibition that exhausts itself, and slow adaptation, of digital neurons; off where all are 0.

    The GABA-A current of a neuron carries chloride into it, which is cleared with `tau_cl`; by Nernst's
    equation the reversal potential follows:
    ``dCl/dt = (Cl_rest - Cl) / tau_cl - influx I_Cl``, ``I_Cl = g_gaba_a J (E_Cl - V)``,
    ``E_Cl = (RT/F) ln(Cl / cl_out)`` at 37 degrees, with Cl_rest where E_Cl is `e_gaba_a`. Every spike
    of an excitatory neuron adds `g_mahp` and `g_sahp` to two potassium conductances with the reversal
    potential `v_k`, which decay with `tau_mahp` and `tau_sahp`. Equations 3 and 4 of Liou et al. 2020,
    doi 10.7554/eLife.50927; held to them by tests/reference/ions_test.py.
    """

    influx: float = quantity(
        0.0,
        "mM/pC",
        "Rise of a neuron's chloride by the charge of its GABA-A current, one over Faraday's constant and "
        "its volume; 0 leaves inhibition as it is. A volume of 0.24 pL has 0.044.",
        low=0.0,
        high=1.0,
        step=0.001,
        source="off",
        label="Chloride by charge",
    )
    tau_cl: float = quantity(
        5000.0,
        "ms",
        "Time in which chloride is cleared.",
        low=10.0,
        high=1e6,
        step=500.0,
        source=_LIOU,
        label="Clearance of chloride",
    )
    cl_out: float = quantity(
        110.0, "mM", "Chloride outside of neurons.", low=1.0, high=1000.0, step=5.0, source=_LIOU
    )
    g_mahp: float = quantity(
        0.0,
        "nS",
        "Potassium conductance that a spike of an excitatory neuron adds, for the medium "
        "afterhyperpolarisation.",
        low=0.0,
        high=100.0,
        step=0.1,
        source="off",
        label="Medium adaptation",
    )
    tau_mahp: float = quantity(
        200.0,
        "ms",
        "Decay time of that conductance.",
        low=10.0,
        high=1e6,
        step=10.0,
        source="assumed",
        label="Medium adaptation time",
    )
    g_sahp: float = quantity(
        0.0,
        "nS",
        "Potassium conductance that a spike of an excitatory neuron adds, for the slow "
        "afterhyperpolarisation.",
        low=0.0,
        high=10.0,
        step=0.01,
        source="off",
        label="Slow adaptation",
    )
    tau_sahp: float = quantity(
        5000.0,
        "ms",
        "Decay time of that conductance.",
        low=10.0,
        high=1e6,
        step=500.0,
        source=_LIOU,
        label="Slow adaptation time",
    )

    start_rate_hz: float = quantity(
        0.0,
        "Hz",
        "Rate at which excitatory neurons are taken to have fired before the run, which both adaptations "
        "begin with.",
        low=0.0,
        high=100.0,
        step=0.5,
        source="assumed",
        label="Rate before the run",
    )

    @property
    def is_on(self) -> bool:
        """Whether ions move."""
        return self.influx > 0 or self.g_mahp > 0 or self.g_sahp > 0


class Focus(Declared):
    """A region of raised excitability, whose neurons clear chloride slowly."""

    region: str = Field(description="Label of the region.", json_schema_extra=about(level="none"))
    drive: float = quantity(
        0.0,
        "pA",
        "Constant current added to its excitatory neurons.",
        low=-2000.0,
        high=2000.0,
        step=5.0,
        label="Raised excitability",
    )
    clearance: float = quantity(
        0.5,
        "",
        "Clearance of chloride over that of other regions: the time of clearance is divided by it.",
        low=0.001,
        high=10.0,
        step=0.05,
        source="assumed",
    )
