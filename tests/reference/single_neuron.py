"""One LIF neuron under a given stimulus: on the engine's kernels and in a peer.

A further model is two functions and a `Model`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from engine.backends.column.backend import psc_constants
from engine.backends.digital.lif import lif_constants
from engine.backends.lanes import scratch_of
from engine.backends.wiring import FULL_WEIGHT
from engine.kernels import lif_cond, lif_psc
from engine.kernels.block import ExchangeStep, Neurons
from engine.kernels.exchange import Arrived, Units, lif_cond_absorb
from engine.kernels.lif_cond import lif_cond_advance
from engine.kernels.lif_psc import lif_psc_step
from engine.kernels.poisson import GROUP, WIDTH
from engine.model.lif import DtbParameters
from engine.model.microcircuit import MicrocircuitParameters

__all__ = ["DT", "LIF", "Model", "Stimulus", "Trace", "monitored"]

DT = 0.1  # ms
RECEPTORS = ("ampa", "nmda", "gaba_a", "gaba_b")
UNIT = 0.5  # pA, one unit of weight of a current-based synapse

PSC = MicrocircuitParameters()
COND = DtbParameters(ou_std=0.0)
SLOW = DtbParameters(ou_std=0.0, g_nmda=0.3, g_gaba_b=0.5)


class Stimulus(NamedTuple):
    """A constant current [pA] and arrivals (step, units of weight); inhibition is negative."""

    n_steps: int
    current: float
    arrivals: tuple[tuple[int, int], ...] = ()


class Trace(NamedTuple):
    """``v``: (n_steps,) float64 [mV], after each step; ``spikes``: steps with a spike."""

    v: np.ndarray
    spikes: np.ndarray


class Model(NamedTuple):
    """A model to be compared.

    ``engine(stimulus, dtype)`` and ``peer(module, stimulus)`` give a Trace; ``module`` is the
    peer's name. ``below`` and ``above`` are constant currents under and over the rheobase, ``unit``
    a usual arriving weight. ``rounding`` [mV] bounds what float32 does to the potential.
    """

    engine: Callable[[Stimulus, type], Trace]
    peer: Callable[[Any, Stimulus], Trace]
    module: str
    v_rest: float
    below: float
    above: float
    unit: int
    rounding: float


# ---- current-based, exact ------------------------------------------------------------------------


def psc_engine(stimulus: Stimulus, dtype: type) -> Trace:
    """lif_psc_step, one lane of a block."""
    c = psc_constants(PSC, DT, UNIT, 0.0, dtype)
    state = np.zeros(lif_psc.ROWS * WIDTH, dtype)
    state[lif_psc.I_EXT * WIDTH] = stimulus.current
    arriving = np.zeros(WIDTH, np.int32)
    counts = np.zeros(GROUP * WIDTH, np.uint8)
    fired = np.zeros(WIDTH, np.int32)
    weights = dict(stimulus.arrivals)
    v, spikes = np.empty(stimulus.n_steps), []
    for step in range(stimulus.n_steps):
        arriving[0] = weights.get(step, 0)
        if lif_psc_step(c, state, arriving, counts, step, 0, 1, fired):
            spikes.append(step)
        now = state[lif_psc.V * WIDTH]
        v[step] = PSC.v_rest + (c.v_reset if now < lif_psc.HELD else now)
    return Trace(v, np.array(spikes, int))


def psc_nest(nest: Any, stimulus: Stimulus) -> Trace:
    """NEST's iaf_psc_exp; what arrives in step k is sent at k with a delay of one step."""
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.resolution = DT
    cell = nest.Create(
        "iaf_psc_exp",
        params={
            "C_m": PSC.c_m,
            "tau_m": PSC.tau_m,
            "E_L": PSC.v_rest,
            "V_m": PSC.v_rest,
            "V_th": PSC.v_thresh,
            "V_reset": PSC.v_reset,
            "t_ref": PSC.t_refrac,
            "tau_syn_ex": PSC.tau_syn,
            "tau_syn_in": PSC.tau_syn,
            "I_e": stimulus.current,
        },
    )
    source = nest.Create(
        "spike_generator",
        params={
            "spike_times": [round(k * DT, 1) for k, _ in stimulus.arrivals],
            "spike_weights": [n * UNIT for _, n in stimulus.arrivals],
        },
    )
    meter = nest.Create("multimeter", params={"interval": DT, "record_from": ["V_m"]})
    recorder = nest.Create("spike_recorder")
    nest.Connect(source, cell, syn_spec={"delay": DT})
    nest.Connect(meter, cell)
    nest.Connect(cell, recorder)
    nest.Simulate(stimulus.n_steps * DT + 1.0)
    spikes = np.round(recorder.events["times"] / DT).astype(int) - 1
    v = np.array(meter.events["V_m"])[: stimulus.n_steps]
    return Trace(v, spikes[spikes < stimulus.n_steps])


# ---- conductance-based, forward Euler ------------------------------------------------------------


def cond_engine(p: DtbParameters, stimulus: Stimulus, dtype: type) -> Trace:
    """lif_cond_advance, one sub-step a call; half of the current through the background."""
    c = lif_constants(p, DT, stimulus.current / 2, dtype)
    state = np.zeros(lif_cond.ROWS * WIDTH, dtype)
    state[lif_cond.V * WIDTH : (lif_cond.V + 1) * WIDTH] = p.v_rest
    state[lif_cond.I_EXT * WIDTH] = stimulus.current / 2
    inboxes = np.zeros((3, WIDTH), np.int32)
    neurons, scratch = Neurons(np.zeros(WIDTH, np.uint32), 1), scratch_of(WIDTH, 1)
    weights = dict(stimulus.arrivals)
    scale = dtype(1.0 / FULL_WEIGHT)
    v, spikes = np.empty(stimulus.n_steps), []
    for step in range(stimulus.n_steps):
        weight = weights.get(step, 0)
        inboxes[:2, 0] = max(weight, 0), max(-weight, 0)
        lif_cond_absorb(state, lif_cond.ROWS, Arrived(*inboxes), Units(scale, scale, scale), c.synapses.slow)
        if lif_cond_advance(state, c, 0, 1, neurons, ExchangeStep(step, 1, 0), scratch):
            spikes.append(step)
        v[step] = state[lif_cond.V * WIDTH]
    return Trace(v, np.array(spikes, int))


def cond_brian2(p: DtbParameters, b: Any, stimulus: Stimulus) -> Trace:
    """Brian2: the same equations by forward Euler."""
    synaptic = " + ".join(f"g_{u} * j_{u} * (e_{u} - v)" for u in RECEPTORS)
    return monitored(
        b,
        stimulus,
        p,
        f"dv/dt = (g_l * (e_l - v) + {synaptic} + i_bg + i_ext) / c_m : volt (unless refractory)",
        threshold="v >= v_th",
        reset="v = v_r",
        t_refrac=p.t_refrac,
        v_rest=p.v_rest,
        namespace={
            "g_l": p.g_leak * b.nS,
            "e_l": p.v_rest * b.mV,
            "c_m": p.c_m * b.pF,
            "v_th": p.v_thresh * b.mV,
            "v_r": p.v_reset * b.mV,
        },
    )


def monitored(
    b: Any,
    stimulus: Stimulus,
    p: DtbParameters,
    equations: str,
    *,
    threshold: str,
    reset: str,
    t_refrac: float,
    v_rest: float,
    namespace: dict[str, Any],
    at_rest: tuple[str, ...] = (),
) -> Trace:
    """One Brian2 neuron with the recipe's background and synapses, integrated by forward Euler.

    Each part is integrated on its own: background before V before J. What arrives in step k is
    sent in step k - 1, as Brian2 adds it after the integration. `equations` may use ``i_bg``,
    ``i_ext``, and ``j_*``, ``g_*``, ``e_*`` of the four receptors; variables `at_rest` begin at
    `v_rest` as ``v`` does.
    """
    b.start_scope()
    b.prefs.codegen.target = "numpy"
    b.defaultclock.dt = DT * b.ms
    noise = b.NeuronGroup(
        1,
        "di_bg/dt = (mean - i_bg) / tau : amp",
        method="exact",
        order=-1,
        namespace={"mean": stimulus.current / 2 * b.pA, "tau": p.ou_tau * b.ms},
    )
    gates = b.NeuronGroup(
        1,
        "\n".join(f"dj_{u}/dt = -j_{u} / tau_{u} : 1" for u in RECEPTORS),
        method="exact",
        order=1,
        namespace={f"tau_{u}": getattr(p, f"tau_{u}") * b.ms for u in RECEPTORS},
    )
    linked = "\n".join(("i_bg : amp (linked)", *(f"j_{u} : 1 (linked)" for u in RECEPTORS)))
    cell = b.NeuronGroup(
        1,
        equations + "\n" + linked,
        threshold=threshold,
        reset=reset,
        refractory=t_refrac * b.ms,
        method="euler",
        namespace={
            **namespace,
            "i_ext": stimulus.current / 2 * b.pA,
            **{f"g_{u}": getattr(p, f"g_{u}") * b.nS for u in RECEPTORS},
            **{f"e_{u}": getattr(p, f"e_{u}") * b.mV for u in RECEPTORS},
        },
    )
    for name in ("v", *at_rest):
        setattr(cell, name, v_rest * b.mV)
    cell.i_bg = b.linked_var(noise, "i_bg")
    for u in RECEPTORS:
        setattr(cell, f"j_{u}", b.linked_var(gates, f"j_{u}"))
    network = b.Network(noise, gates, cell)
    for sign, onto in ((1, RECEPTORS[:2]), (-1, RECEPTORS[2:])):
        mine = [(k, sign * n / FULL_WEIGHT) for k, n in stimulus.arrivals if sign * n > 0]
        if not mine:
            continue
        at, weight = np.array(mine).T
        source = b.SpikeGeneratorGroup(at.size, np.arange(at.size), (at - 1) * DT * b.ms)
        synapses = b.Synapses(source, gates, "w : 1", on_pre="\n".join(f"j_{u}_post += w" for u in onto))
        synapses.connect()
        synapses.w = weight
        network.add(source, synapses)
    meter = b.StateMonitor(cell, "v", record=True, when="end")
    recorder = b.SpikeMonitor(cell)
    network.add(meter, recorder)
    network.run(stimulus.n_steps * DT * b.ms)
    return Trace(meter.v[0] / b.mV, np.round(recorder.t / b.ms / DT).astype(int))


# Float32 rounds a sum of size V by at most half a unit in its last place, 2**-24 V, and an old
# error fades by the share a step takes off: dt / tau_m. From rest, V stays below 15 mV and a step
# has two sums and three products. A membrane at -128 to -64 mV moves in steps of 2**-17 mV: each of
# its two sums rounds by half of that, and smaller increments vanish altogether.
_PSC_ROUNDING = 5 * 2.0**-24 * 15.0 / (DT / PSC.tau_m)
_COND_ROUNDING = 2 * 2.0**-18 / (DT * COND.g_leak / COND.c_m)

LIF = {
    "lif_psc": Model(psc_engine, psc_nest, "nest", PSC.v_rest, 300.0, 450.0, 350, _PSC_ROUNDING),
    "lif_cond": Model(
        partial(cond_engine, COND),
        partial(cond_brian2, COND),
        "brian2",
        COND.v_rest,
        350.0,
        600.0,
        255,
        _COND_ROUNDING,
    ),
    "lif_cond_slow": Model(
        partial(cond_engine, SLOW),
        partial(cond_brian2, SLOW),
        "brian2",
        SLOW.v_rest,
        350.0,
        600.0,
        255,
        _COND_ROUNDING,
    ),
}
