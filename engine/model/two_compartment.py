"""The neuron of a soma and an apical dendrite."""

from __future__ import annotations

from engine.model.neuron import Neuron
from engine.model.quantity import Declared, quantity

__all__ = ["TWO_COMPARTMENT", "TwoCompartmentParameters"]

_SOURCE = (
    "Payeur et al. 2021, doi 10.1038/s41593-021-00857-x, after Naud & Sprekeler 2018, "
    "doi 10.1073/pnas.1720995115"
)


class TwoCompartmentParameters(Declared):
    """The membranes of the neuron `two_compartment`: a soma and a dendrite with plateaus.

    A spike of the soma drives the dendrite with `bap` for `bap_ms`; a dendrite beyond `e_d` sends
    `plateau_s` into the soma, which makes a burst of a spike. Inputs from its own region reach the
    soma, inputs along tracts the dendrite (`apical_share`). Synapses and background are those of
    the recipe; the background reaches the soma.
    Held to its source by tests/reference/two_compartment_test.py.
    """

    c_m: float = quantity(
        370.0, "pF", "Capacitance of the soma.", low=1.0, high=1e5, step=10.0, source=_SOURCE
    )
    tau_m: float = quantity(
        16.0, "ms", "Membrane time constant of the soma.", low=0.5, high=1e3, step=1.0, source=_SOURCE
    )
    c_d: float = quantity(
        170.0, "pF", "Capacitance of the dendrite.", low=1.0, high=1e5, step=10.0, source=_SOURCE
    )
    tau_d: float = quantity(
        7.0, "ms", "Membrane time constant of the dendrite.", low=0.5, high=1e3, step=1.0, source=_SOURCE
    )
    v_rest: float = quantity(
        -70.0, "mV", "Resting potential of both.", low=-120.0, high=0.0, step=1.0, source=_SOURCE
    )
    v_thresh: float = quantity(
        -50.0, "mV", "Spike threshold of the soma at rest.", low=-100.0, high=50.0, step=1.0, source=_SOURCE
    )
    v_reset: float = quantity(
        -70.0, "mV", "Potential of the soma after a spike.", low=-120.0, high=40.0, step=1.0, source=_SOURCE
    )
    t_refrac: float = quantity(
        1.0,
        "ms",
        "Absolute refractory time; at least one exchange step.",
        low=1.0,
        high=100.0,
        step=0.5,
        source="assumed: the source has none, one packet a step needs 1 ms",
    )
    theta_jump: float = quantity(
        2.0, "mV", "How far a spike lifts the threshold.", low=0.0, high=50.0, step=0.5, source=_SOURCE
    )
    tau_theta: float = quantity(
        27.0, "ms", "How fast the threshold comes back.", low=0.5, high=1e3, step=1.0, source=_SOURCE
    )
    b: float = quantity(
        200.0, "pA", "Adaptation of the soma with every spike.", low=0.0, high=1e4, step=10.0, source=_SOURCE
    )
    tau_ws: float = quantity(
        100.0, "ms", "Time constant of that adaptation.", low=1.0, high=1e4, step=10.0, source=_SOURCE
    )
    a: float = quantity(
        13.0,
        "nS",
        "Adaptation of the dendrite with its potential.",
        low=0.0,
        high=1e3,
        step=1.0,
        source=_SOURCE,
    )
    tau_wd: float = quantity(
        30.0, "ms", "Time constant of that adaptation.", low=1.0, high=1e4, step=5.0, source=_SOURCE
    )
    plateau_s: float = quantity(
        1300.0, "pA", "Current of a full plateau into the soma.", low=0.0, high=1e5, step=50.0, source=_SOURCE
    )
    plateau_d: float = quantity(
        1200.0,
        "pA",
        "Current of a full plateau in the dendrite.",
        low=0.0,
        high=1e5,
        step=50.0,
        source=_SOURCE,
    )
    e_d: float = quantity(
        -38.0, "mV", "Dendritic potential of a half plateau.", low=-100.0, high=50.0, step=1.0, source=_SOURCE
    )
    d_d: float = quantity(
        6.0, "mV", "Sharpness of the plateau's onset.", low=1.0, high=50.0, step=0.5, source=_SOURCE
    )
    bap: float = quantity(
        2600.0,
        "pA",
        "Current of a back-propagating spike in the dendrite.",
        low=0.0,
        high=1e5,
        step=50.0,
        source=_SOURCE,
    )
    bap_ms: float = quantity(2.0, "ms", "How long it lasts.", low=0.0, high=20.0, step=0.5, source=_SOURCE)
    apical_share: float = quantity(
        1.0,
        "",
        "Share of a long-range weight that reaches the dendrite; the soma gets the rest.",
        low=0.0,
        high=1.0,
        step=0.1,
        source="assumed: feedback ends in the apical tuft",
    )
    apical_inhibition: float = quantity(
        0.3,
        "",
        "Share of a local inhibitory weight that reaches the dendrite.",
        low=0.0,
        high=1.0,
        step=0.1,
        source="about 30 % of cortical interneurons are somatostatin cells, most of which end on "
        "dendrites (Rudy et al. 2011, doi 10.1002/dneu.20853)",
    )
    i_offset: float = quantity(
        0.0,
        "pA",
        "Constant current into the soma beside the background.",
        low=-2000.0,
        high=2000.0,
        step=10.0,
        source="none is needed: uncoupled it fires at 4 Hz, the recipe's LIF at 3.8 Hz",
    )
    i_apical: float = quantity(
        0.0,
        "pA",
        "Constant current into the dendrite.",
        low=-2000.0,
        high=2000.0,
        step=10.0,
        source="assumed",
    )


TWO_COMPARTMENT = Neuron(
    "two_compartment",
    "Dendrite",
    "Soma and dendrite",
    "engine.backends.digital.two_compartment:TwoCompartmentCells",
    rows=19,
    step_cost=1.8,
    table="two_compartment",
    has_dendrite=True,
)
