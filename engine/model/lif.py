"""The DTB's conductance-based leaky integrate-and-fire neuron and its background current."""

from __future__ import annotations

from engine.model.neuron import Neuron
from engine.model.quantity import Declared, quantity

__all__ = ["LIF", "DtbParameters"]

_SOURCE = (
    "public demo of DTB-consortium/Digital_twin_brain-open at b524ac0 "
    "(test_generation.py, test_demo.py), parameter set B"
)

_INTRINSIC = "DTB-consortium/Digital_twin_brain-open at b524ac0, models/block_new.py; off there too"


class DtbParameters(Declared):
    """Neuron, synapse and background of the recipe `dtb`.

    ``c_m dV/dt = g_leak (v_rest - V) + sum_u g_u J_u (e_u - V) + I_bg + I_ext`` with a spike and
    a reset at `v_thresh`; ``dJ_u/dt = -J_u/tau_u + sum of arriving weights``; the background is
    an Ornstein-Uhlenbeck current of mean `ou_mean`, standard deviation `ou_std` and correlation
    time `ou_tau`. T-type calcium and adaptation currents act where `g_t` or `g_ahp` is not 0, as
    `engine.kernels.lif_cond` has them. Held to its source by tests/reference/dtb_test.py.
    """

    c_m: float = quantity(500.0, "pF", "Membrane capacitance.", low=1.0, high=1e5, step=10.0, source=_SOURCE)
    g_leak: float = quantity(25.0, "nS", "Leak conductance.", low=0.01, high=1e4, step=1.0, source=_SOURCE)
    v_rest: float = quantity(
        -70.0, "mV", "Leak reversal potential.", low=-120.0, high=0.0, step=1.0, source=_SOURCE
    )
    v_thresh: float = quantity(
        -50.0, "mV", "Spike threshold.", low=-100.0, high=50.0, step=1.0, source=_SOURCE
    )
    v_reset: float = quantity(
        -55.0, "mV", "Potential after a spike.", low=-120.0, high=40.0, step=1.0, source=_SOURCE
    )
    t_refrac: float = quantity(
        2.0,
        "ms",
        "Absolute refractory time; at least one exchange step, so that a neuron sends at most "
        "one packet a step.",
        low=1.0,
        high=100.0,
        step=0.5,
        source=_SOURCE,
    )
    g_ampa: float = quantity(
        2.0, "nS", "Peak AMPA conductance at full weight.", low=0.0, high=1e3, step=0.1, source=_SOURCE
    )
    g_nmda: float = quantity(
        0.0,
        "nS",
        "Peak NMDA conductance at full weight; it uses the AMPA synapse's weight.",
        low=0.0,
        high=1e3,
        step=0.1,
        source=_SOURCE,
    )
    g_gaba_a: float = quantity(
        10.0, "nS", "Peak GABA-A conductance at full weight.", low=0.0, high=1e3, step=0.5, source=_SOURCE
    )
    g_gaba_b: float = quantity(
        0.0,
        "nS",
        "Peak GABA-B conductance at full weight; it uses the GABA-A synapse's weight.",
        low=0.0,
        high=1e3,
        step=0.1,
        source=_SOURCE,
    )
    tau_ampa: float = quantity(2.0, "ms", "AMPA decay time.", low=0.2, high=1e3, step=0.5, source=_SOURCE)
    tau_nmda: float = quantity(40.0, "ms", "NMDA decay time.", low=0.2, high=1e3, step=1.0, source=_SOURCE)
    tau_gaba_a: float = quantity(
        20.0, "ms", "GABA-A decay time.", low=0.2, high=1e3, step=1.0, source=_SOURCE
    )
    tau_gaba_b: float = quantity(
        50.0, "ms", "GABA-B decay time.", low=0.2, high=1e3, step=1.0, source=_SOURCE
    )
    e_ampa: float = quantity(0.0, "mV", "AMPA reversal potential.", low=-120.0, high=60.0, source=_SOURCE)
    e_nmda: float = quantity(0.0, "mV", "NMDA reversal potential.", low=-120.0, high=60.0, source=_SOURCE)
    e_gaba_a: float = quantity(
        -70.0, "mV", "GABA-A reversal potential.", low=-120.0, high=60.0, source=_SOURCE
    )
    e_gaba_b: float = quantity(
        -100.0, "mV", "GABA-B reversal potential.", low=-120.0, high=60.0, source=_SOURCE
    )
    g_t: float = quantity(
        0.0,
        "nS",
        "T-type calcium conductance; the engine's own default is 60.",
        low=0.0,
        high=1e3,
        step=5.0,
        source=_INTRINSIC,
    )
    v_h: float = quantity(
        -70.0, "mV", "Where the T-type channel opens.", low=-120.0, high=0.0, step=1.0, source=_INTRINSIC
    )
    v_t: float = quantity(
        120.0, "mV", "T-type calcium reversal potential.", low=0.0, high=200.0, step=5.0, source=_INTRINSIC
    )
    tau_h_minus: float = quantity(
        20.0,
        "ms",
        "How fast the open T-type channel inactivates.",
        low=0.5,
        high=1e4,
        step=5.0,
        source=_INTRINSIC,
    )
    tau_h_plus: float = quantity(
        100.0, "ms", "How fast it recovers.", low=0.5, high=1e4, step=5.0, source=_INTRINSIC
    )
    g_ahp: float = quantity(
        0.0,
        "nS",
        "Adaptation conductance per unit of calcium.",
        low=0.0,
        high=1e3,
        step=1.0,
        source=_INTRINSIC,
    )
    v_k: float = quantity(
        -90.0,
        "mV",
        "Adaptation reversal potential.",
        low=-150.0,
        high=0.0,
        step=1.0,
        source="assumed: potassium",
    )
    alpha_ca: float = quantity(
        1.0, "", "Calcium that enters with a spike.", low=0.0, high=1e3, step=0.1, source="assumed"
    )
    tau_ca: float = quantity(
        80.0, "ms", "How fast calcium leaves.", low=0.5, high=1e4, step=5.0, source="assumed"
    )
    ou_mean: float = quantity(
        400.0,
        "pA",
        "Mean of the background current: all input from outside the model.",
        low=-2000.0,
        high=2000.0,
        step=5.0,
        acts="live",
        slider=(300.0, 500.0, 5.0),
        label="Background mean",
        heading="Background",
        short="background",
        source=_SOURCE,
    )
    ou_std: float = quantity(
        150.0,
        "pA",
        "Standard deviation of the background current.",
        low=0.0,
        high=2000.0,
        step=5.0,
        source=_SOURCE,
        label="Background spread",
        heading="Background",
    )
    ou_tau: float = quantity(
        4.0,
        "ms",
        "Correlation time of the background current.",
        low=0.1,
        high=1e3,
        step=0.5,
        source=_SOURCE,
        label="Background correlation time",
        heading="Background",
    )


LIF = Neuron(
    "lif",
    "LIF",
    "Leaky integrate-and-fire",
    "engine.backends.digital.lif:LifCells",
    rows=12,
    step_cost=1.0,
    circuit="lif",
    holds_ions=True,
)
