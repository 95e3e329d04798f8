"""A scenario's network as a script for NEST: the very neurons, synapses and tracts, one by one.

Neurons are `iaf_cond_exp` with AMPA as the excitatory and GABA-A as the inhibitory conductance. The
background is a sum of currents, each piecewise constant over an interval of its own: intervals
spread as h exp(-h / tau) / tau**2 give together the autocorrelation exp(-t / tau) of the
Ornstein-Uhlenbeck current, of which ten are taken. A spike is heard
at the next exchange step of 1 ms, on average half a millisecond later; the script delays it by
that. Held to this engine's rates by tests/reference/nest_export_test.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.backends.wiring import draw_inputs
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.errors import CapacityError, ParameterError
from engine.export.script import Loss, as_literal, fill_template, packed
from engine.kernels.wiring import KIND_LONG, KIND_NONE
from engine.model.charge import DTB_STEP_MS, stepped_charge
from engine.model.lif import DtbParameters
from engine.model.stimuli import Stimulus
from engine.scenario.scenario import Scenario

__all__ = ["NestScript", "nest_script"]

MAX_SYNAPSES = 20_000_000
_N_NOISE = 10
_HALF_STEP = 0.5  # ms, mean time from a spike to the next exchange step
_ON_GRID = 1e-6  # of a step
_TEMPLATE = Path(__file__).with_name("nest_template.txt")


@dataclass(frozen=True)
class NestScript:
    """A script and what it holds.

    Attributes
    ----------
    text : str
        The script.
    n_neurons, n_synapses : int
    losses : tuple of Loss
    """

    text: str
    n_neurons: int
    n_synapses: int
    losses: tuple[Loss, ...]

    def as_json(self) -> dict[str, Any]:
        """What ``dtb export --json`` prints of it."""
        return {
            "neurons": self.n_neurons,
            "synapses": self.n_synapses,
            "not_carried": [loss.as_json() for loss in self.losses],
        }


def nest_script(scenario: Scenario, connectome: Connectome) -> NestScript:
    """Write a scenario's network as a script.

    Raises
    ------
    ParameterError
        It is not of the recipe dtb with lif neurons alone.
    CapacityError
        It has more synapses than a script should hold.
    """
    network = Network.of(scenario, connectome)
    if scenario.network.recipe != "dtb":
        raise ParameterError(
            "network.recipe: must be dtb for the export to nest "
            f"(got '{scenario.network.recipe}'). Export another scenario."
        )
    if not np.all(network.neurons == "lif"):
        other = sorted(set(network.neurons.ravel().tolist()) - {"lif"})
        raise ParameterError(
            f"neuron: must be lif everywhere for the export to nest (got '{other[0]}'). "
            "Set every region's neurons to lif."
        )
    n = network.n_neurons * network.in_degree
    if n > MAX_SYNAPSES:
        raise CapacityError(
            "export",
            n,
            MAX_SYNAPSES,
            "synapses in a script",
            "Lower network.neurons_per_region or network.in_degree, or switch regions off.",
        )
    inputs = draw_inputs(network, scenario.wiring_seed)
    keep = inputs.kinds != KIND_NONE
    post = np.repeat(np.arange(network.n_neurons, dtype=np.int32), network.in_degree)
    post = post.reshape(keep.shape)[keep]
    delays = np.ones((1, 1)) if network.delay_steps is None else network.delay_steps
    arrays = {
        "pre": inputs.sources[keep],
        "post": post,
        "weight": inputs.weights[keep]
        if network.tuning is None
        else inputs.tuned(network)[keep].astype(np.float32),
        "is_long": inputs.kinds[keep] == KIND_LONG,
        "region_of": network.region_of.astype(np.int16),
        "is_excitatory": network.is_excitatory,
        "delay_ms": delays - _HALF_STEP,
    }
    p = scenario.network.parameters
    parameters = {
        "C_m": p.c_m,
        "g_L": p.g_leak,
        "E_L": p.v_rest,
        "V_th": p.v_thresh,
        "V_reset": p.v_reset,
        "t_ref": p.t_refrac,
        "E_ex": p.e_ampa,
        "E_in": p.e_gaba_a,
        "tau_syn_ex": p.tau_ampa,
        "tau_syn_in": p.tau_gaba_a,
        "V_m": (p.v_thresh + p.v_reset) / 2,
    }
    losses = _losses(scenario, network)
    text = fill_template(
        _TEMPLATE,
        scenario,
        losses,
        {
            "LABELS": as_literal(list(network.labels)),
            "NEURON": as_literal(parameters),
            "BACKGROUND": as_literal(_background(p, scenario.dt)),
            "G_EXC": repr(float(p.g_ampa * stepped_charge(DTB_STEP_MS, p.tau_ampa))),
            "G_INH": repr(float(p.g_gaba_a * stepped_charge(DTB_STEP_MS, p.tau_gaba_a))),
            "COUPLING": repr(scenario.network.coupling),
            "STIMULI": as_literal(_stimuli(scenario, network)),
            "N_SUB": str(scenario.n_sub),
            "DT": repr(1.0 / scenario.n_sub),
            "SEED": str(max(1, scenario.seed)),
            "TRANSIENT": repr(min(scenario.transient, scenario.duration / 2)),
            "DATA": packed(arrays),
        },
    )
    return NestScript(text, network.n_neurons, int(keep.sum()), tuple(losses))


def _background(p: DtbParameters, dt: float) -> list[dict[str, float]]:
    """Noise generators that together stand for the background current."""
    share = (np.arange(_N_NOISE) + 0.5) / _N_NOISE
    from scipy.stats import gamma  # loaded where it is wanted, as it takes a second

    intervals = gamma.ppf(share, 2.0, scale=p.ou_tau)
    intervals *= 2.0 * p.ou_tau / intervals.mean()  # the integral of the autocorrelation
    return [
        {
            "mean": p.ou_mean / _N_NOISE,
            "std": p.ou_std / _N_NOISE**0.5,
            "dt": round(max(1, round(h / dt)) * dt, 6),
        }
        for h in intervals
    ]


def _stimuli(scenario: Scenario, network: Network) -> list[dict[str, Any]]:
    """Currents and Poisson spikes as NEST has them: on the grid of its steps, within the run."""
    kept = []
    for s in _driving(scenario, network):
        if s.kind == "current":
            first, last, share = _steps(s, scenario)
            drive = {"amplitude": s.amplitude * share}
        else:  # spikes come in whole exchange steps
            first, last = (
                min(math.ceil(ms), scenario.n_exchanges) * scenario.n_sub for ms in (s.start, s.stop)
            )
            drive = {"rate": s.frequency, "weight": max(0.0, s.amplitude / 100.0)}
        if first < last:
            span = {"start": first / scenario.n_sub, "stop": last / scenario.n_sub}
            kept.append({"region": s.region, "population": s.population, **span, **drive})
    return kept


def _driving(scenario: Scenario, network: Network) -> list[Stimulus]:
    """Currents and Poisson spikes that begin within the run."""
    return [
        s
        for s in scenario.stimulus
        if s.region in network.labels and s.kind in ("current", "poisson") and s.start < scenario.duration
    ]


def _steps(s: Stimulus, scenario: Scenario) -> tuple[int, int, float]:
    """First and last step of a current, at least one apart, and what keeps its charge."""
    n, stop = scenario.n_sub, min(s.stop, scenario.duration)
    first = min(round(s.start * n), scenario.n_exchanges * n - 1)
    last = max(first + 1, round(stop * n))
    between = abs(s.start * n - first) + abs(stop * n - last) > _ON_GRID
    return first, last, (stop - s.start) * n / (last - first) if between else 1.0


def n_biased(network: Network) -> int:
    """Regions that a tuning gives a bias."""
    return 0 if network.tuning is None else int(np.count_nonzero(network.tuning.bias))


def _losses(scenario: Scenario, network: Network) -> list[Loss]:
    p = scenario.network.parameters
    n = network.n_neurons
    n_analog = int(network.region_sizes[network.is_analog].sum())
    pulses = sum(s.region in network.labels and s.kind in ("dbs", "pulse_train") for s in scenario.stimulus)
    on = {r for r in network.labels}
    currents = [s for s in _driving(scenario, network) if s.kind == "current"]
    n_moved = sum(_steps(s, scenario)[2] != 1.0 for s in currents)
    late = sum(s.region in on and s.start >= scenario.duration for s in scenario.stimulus)
    rules = sum(r.source in on and r.target in on for r in scenario.plasticity)
    losses = [
        Loss(
            n,
            "background currents",
            f"each a sum of {_N_NOISE} piecewise constant ones, with the variance and nearly the "
            "autocorrelation of the Ornstein-Uhlenbeck current.",
        ),
        Loss(
            n,
            "neurons' exchange of spikes",
            "delayed by half a millisecond where this engine waits for the next whole one.",
        ),
        Loss(
            n_analog,
            "neurons on the analog chip",
            "without the chip: exact weights, no mismatch, no noise of their own.",
        ),
        Loss(pulses, "stimuli of pulses", "left out."),
        Loss(late, "stimuli after the end of the run", "left out."),
        Loss(
            n_moved,
            "stimuli that begin or end between two steps",
            "moved to the nearest steps, with their charge kept.",
        ),
        Loss(rules, "rules of plasticity", "their synapses keep the weights they begin with."),
        Loss(n_biased(network), "regions' bias of the tuning", "left out."),
        Loss(
            sum(r.region in on for r in scenario.inhibitory_plasticity),
            "regions whose inhibition learns",
            "it keeps the weights it begins with.",
        ),
        Loss(
            sum(r.region in on for r in scenario.synaptic_scaling),
            "regions whose neurons scale what excites them",
            "left out: weights act as they are.",
        ),
        Loss(len(scenario.short_term), "classes of synapses that tire", "left out: they are static."),
        Loss(n if scenario.network.ions.is_on else 0, "neurons' ions that move", "left out."),
        Loss(sum(f.region in on for f in scenario.focus), "focuses", "left out."),
        Loss(
            int(scenario.network.settling.duration > 0),
            "settling",
            "left out: inhibition stays as it begins.",
        ),
    ]
    for name, what in (
        ("g_nmda", "NMDA"),
        ("g_gaba_b", "GABA-B"),
        ("g_t", "T-type calcium"),
        ("g_ahp", "adaptation"),
    ):
        if getattr(p, name) > 0:
            losses.append(Loss(n, f"conductances of {what}", "left out."))
    return [loss for loss in losses if loss.count]
