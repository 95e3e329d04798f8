"""Plastic synapses in NEST on given spike trains: makes `nest_synapses.json`, that tests compare with.

python -m tests.reference.nest_synapses
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["CASES", "FIGURES", "train_of"]

FIGURES = Path(__file__).with_name("nest_synapses.json")
BEGIN = 0.5
_DELAY = 0.1  # ms

PAIRS = {"lambda": 0.005, "alpha": 1.1, "tau_plus": 17.0}
CASES: dict[str, dict[str, Any]] = {
    **{
        f"{model} mu {mu:g}": {
            "model": model,
            "synapse": {**PAIRS, "mu_plus": mu, "mu_minus": mu},
            "target": {"tau_minus": 31.0},
        }
        for model in ("stdp_synapse", "stdp_nn_symm_synapse")
        for mu in (0.0, 0.4, 1.0)
    },
    "stdp_triplet_synapse": {
        "model": "stdp_triplet_synapse",
        "synapse": {
            "tau_plus": 16.8,
            "tau_plus_triplet": 101.0,
            "Aplus": 2e-3,
            "Aplus_triplet": 6e-3,
            "Aminus": 7e-3,
            "Aminus_triplet": 3e-3,
        },
        "target": {"tau_minus": 33.7, "tau_minus_triplet": 125.0},
    },
    "vogels_sprekeler_synapse": {
        "model": "vogels_sprekeler_synapse",
        "synapse": {"eta": 0.01, "alpha": 0.16, "tau": 20.0},
        "target": {"tau_minus": 20.0},
    },
}
"""Of NEST's parameters; those of the target are of the neuron."""

TIRING: list[dict[str, float]] = [
    {"U": 0.5, "tau_rec": 800.0, "tau_fac": 0.0},
    {"U": 0.04, "tau_rec": 100.0, "tau_fac": 1000.0},
    {"U": 0.2, "tau_rec": 300.0, "tau_fac": 50.0},
]
"""Of NEST's tsodyks2_synapse."""


def train_of(seed: int, n_arrived: int, n_fired: int) -> tuple[list[int], list[float]]:
    """When spikes arrive, at whole ms, and when the target fires in between [ms].

    Coincidences are left out: NEST counts none of them, we count the arrival as the later one. The source
    begins, as NEST's nearest neighbours begin with a spike of the source at time 0.
    """
    random = np.random.default_rng(seed)
    arrived = np.sort(random.choice(np.arange(1, 990), n_arrived, replace=False))
    times = random.uniform(arrived[0], arrived[-1], n_fired)
    return arrived.tolist(), sorted({round(int(t) + int(random.integers(1, 10)) / 10, 1) for t in times})


def _weight(nest: Any, case: dict[str, Any], arrived: list[int], fired: list[float]) -> float:
    """A synapse's weight after its last arrival, when NEST applies what it has seen."""
    nest.ResetKernel()
    nest.resolution = 0.1
    # NEST's delay is dendritic: a spike of the target reaches the synapse one delay later. Made one delay
    # sooner, it meets the source's spike as ours does on arrival.
    sent, made = [t + 2.0 for t in arrived], [round(t + 1.9, 1) for t in fired]
    sources = nest.Create("spike_generator", params={"spike_times": sent})
    targets = nest.Create("spike_generator", params={"spike_times": made})
    pre, post = nest.Create("parrot_neuron"), nest.Create("parrot_neuron", params=case["target"])
    nest.Connect(sources, pre, syn_spec={"delay": _DELAY})
    nest.Connect(targets, post, syn_spec={"delay": _DELAY})
    synapse = {
        "synapse_model": case["model"],
        "delay": _DELAY,
        "weight": BEGIN,
        "Wmax": 1.0,
        "receptor_type": 1,
        **case["synapse"],
    }
    nest.Connect(pre, post, syn_spec=synapse)
    nest.Simulate(1010.0)
    return float(nest.GetConnections(pre, post).weight)


def _steps(nest: Any, synapse: dict[str, float], arrived: list[int]) -> list[float]:
    """What every spike adds to the potential of a neuron that does not leak [mV]."""
    nest.ResetKernel()
    nest.resolution = 0.1
    source = nest.Create("spike_generator", params={"spike_times": [t + 2.0 for t in arrived]})
    pre = nest.Create("parrot_neuron")
    neuron = nest.Create("iaf_psc_delta", params={"tau_m": 1e12, "V_th": 1e6, "E_L": 0.0, "V_m": 0.0})
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": 0.5})
    nest.Connect(source, pre, syn_spec={"delay": _DELAY})
    model = {"synapse_model": "tsodyks2_synapse", "weight": 1.0, "delay": _DELAY, "u": synapse["U"], "x": 1.0}
    nest.Connect(pre, neuron, syn_spec={**model, **synapse})
    nest.Connect(meter, neuron)
    nest.Simulate(1010.0)
    times, potential = meter.events["times"], meter.events["V_m"]
    at = [float(potential[np.searchsorted(times, t + 2.9)]) for t in arrived]
    return np.diff([0.0, *at]).tolist()


def main() -> None:
    """Write the figures."""
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    weights = []
    for name, case in CASES.items():
        for seed, n_arrived, n_fired in ((1, 30, 30), (2, 5, 90), (3, 50, 9)):
            arrived, fired = train_of(seed, n_arrived, n_fired)
            one = {"case": name, "seed": seed, "n_arrived": n_arrived, "n_fired": n_fired}
            weights.append({**one, "weight": _weight(nest, case, arrived, fired)})
    arrived, _ = train_of(4, 60, 1)
    steps = [{**synapse, "steps": _steps(nest, synapse, arrived)} for synapse in TIRING]
    figures = {
        "source": f"NEST {nest.__version__}, by tests/reference/nest_synapses.py",
        "weights": weights,
        "tiring": {"arrived": arrived, "synapses": steps},
    }
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
