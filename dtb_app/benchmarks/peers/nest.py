"""The microcircuit in NEST; only the network's numbers are shared with the engine."""

from __future__ import annotations

import time

import numpy as np

from engine.model.microcircuit import (
    INITIAL_MEAN,
    INITIAL_SD,
    IS_EXCITATORY,
    Column,
    MicrocircuitParameters,
    column_sizes,
)

__all__ = ["simulate"]


def simulate(n_neurons: int, seed: int, duration: float, dt: float = 0.1, threads: int = 2):
    """Run it.

    Returns
    -------
    dict
        ``steps`` and ``ids``: (n_spikes,) int64, membrane step and neuron of every spike, as the
        engine counts them; ``sizes``: (8,); ``build_s``, ``run_s``.
    """
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.local_num_threads = threads
    nest.resolution = dt
    nest.rng_seed = seed
    nest.overwrite_files = True
    p = MicrocircuitParameters()
    column = Column.of(p, column_sizes(n_neurons))
    # NEST keeps at most 134 million connections a thread and synapse model; the whole circuit has
    # more, so excitation and inhibition have a model each.
    for name in ("excitation", "inhibition"):
        nest.CopyModel("static_synapse", name)
    begun = time.perf_counter()
    populations = []
    for k, size in enumerate(column.sizes):
        cells = nest.Create(
            "iaf_psc_exp",
            int(size),
            params={
                "C_m": p.c_m,
                "tau_m": p.tau_m,
                "E_L": p.v_rest,
                "V_th": p.v_thresh,
                "V_reset": p.v_reset,
                "t_ref": p.t_refrac,
                "tau_syn_ex": p.tau_syn,
                "tau_syn_in": p.tau_syn,
                "I_e": float(column.dc[k]),
                "V_m": nest.random.normal(float(INITIAL_MEAN[k]), float(INITIAL_SD[k])),
            },
        )
        populations.append(cells)
    recorder = nest.Create("spike_recorder")
    for k, cells in enumerate(populations):  # after all neurons, whose numbers so have no gaps
        source = nest.Create(
            "poisson_generator", params={"rate": 1000.0 * float(column.background_per_ms[k])}
        )
        weight = float(column.background_weight)
        nest.Connect(source, cells, syn_spec={"weight": weight, "delay": p.delay_e})
        nest.Connect(cells, recorder)
    for i, target in enumerate(populations):
        for j, origin in enumerate(populations):
            number = int(column.synapses[i, j])
            if not number:
                continue
            mean = float(column.weight[i, j])
            normal = nest.random.normal(mean, abs(mean) * p.weight_sd)
            bounds = {"min": 0.0} if IS_EXCITATORY[j] else {"max": 0.0}
            delay = p.delay_e if IS_EXCITATORY[j] else p.delay_i
            nest.Connect(
                origin,
                target,
                {"rule": "fixed_total_number", "N": number},
                {
                    "synapse_model": "excitation" if IS_EXCITATORY[j] else "inhibition",
                    "weight": nest.math.redraw(normal, **{"min": -1e9, "max": 1e9, **bounds}),
                    "delay": nest.math.redraw(
                        nest.random.normal(delay, delay * p.delay_sd), min=dt / 2, max=1e3
                    ),
                },
            )
    nest.Prepare()
    built = time.perf_counter()
    nest.Run(duration)
    done = time.perf_counter()
    nest.Cleanup()
    events = recorder.get("events")
    return {
        "steps": np.round(np.asarray(events["times"]) / dt).astype(np.int64) - 1,
        "ids": np.asarray(events["senders"], np.int64) - populations[0][0].global_id,
        "sizes": column.sizes,
        "build_s": built - begun,
        "run_s": done - built,
    }
