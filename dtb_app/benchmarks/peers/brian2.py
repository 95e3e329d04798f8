"""The microcircuit in Brian2 (C++ standalone, one thread), from the engine's numbers."""

from __future__ import annotations

import tempfile
from typing import Any

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

_EQUATIONS = """
dv/dt = (e_l - v) / tau_m + (i_syn + i_dc) / c_m : volt (unless refractory)
di_syn/dt = -i_syn / tau_s : amp
i_dc : amp
"""


def simulate(n_neurons: int, seed: int, duration: float, dt: float = 0.1) -> dict[str, Any]:
    """Run it; ``run_s`` is the time of the compiled program's main loop.

    Returns
    -------
    dict
        ``steps``, ``ids``, ``sizes`` and ``run_s`` as in `dtb_app.benchmarks.peers.nest`.
    """
    import brian2 as b

    folder = tempfile.mkdtemp(prefix="dtb-brian2-")
    b.device.reinit()
    b.device.activate()
    b.set_device("cpp_standalone", directory=folder, build_on_run=False)
    b.prefs.codegen.cpp.extra_compile_args_gcc = ["-O3", "-march=native", "-ffast-math", "-w"]
    b.seed(seed)
    b.defaultclock.dt = dt * b.ms
    p = MicrocircuitParameters()
    column = Column.of(p, column_sizes(n_neurons))
    random = np.random.default_rng(seed)
    start = np.concatenate([[0], np.cumsum(column.sizes)])
    cells = b.NeuronGroup(
        column.n_neurons,
        _EQUATIONS,
        threshold="v >= v_th",
        reset="v = v_r",
        method="exact",
        refractory=p.t_refrac * b.ms,
        namespace={
            "e_l": p.v_rest * b.mV,
            "v_th": p.v_thresh * b.mV,
            "v_r": p.v_reset * b.mV,
            "tau_m": p.tau_m * b.ms,
            "tau_s": p.tau_syn * b.ms,
            "c_m": p.c_m * b.pF,
        },
    )
    kind = np.repeat(np.arange(8), column.sizes)
    first = INITIAL_MEAN[kind] + INITIAL_SD[kind] * random.standard_normal(kind.size)
    cells.v = np.minimum(first, p.v_thresh - 0.01) * b.mV
    cells.i_dc = column.dc[kind] * b.pA
    parts = []
    for i in range(8):
        for j in range(8):
            n = int(column.synapses[i, j])
            if not n:
                continue
            mean = column.weight[i, j]
            delay = (p.delay_e if IS_EXCITATORY[j] else p.delay_i) * np.ones(n)
            drawn = delay * (1.0 + p.delay_sd * random.standard_normal(n))
            while (short := drawn < dt / 2).any():
                drawn[short] = delay[0] * (1.0 + p.delay_sd * random.standard_normal(short.sum()))
            parts.append(
                (
                    random.integers(start[j], start[j + 1], n),
                    random.integers(start[i], start[i + 1], n),
                    mean * (1.0 + p.weight_sd * random.standard_normal(n)),
                    np.maximum(1, np.round(drawn / dt)) * dt,
                )
            )
    source, target, weight, delay = (np.concatenate(c) for c in zip(*parts, strict=True))
    synapses = b.Synapses(cells, cells, "w : amp", on_pre="i_syn_post += w")
    synapses.connect(i=source, j=target)
    synapses.w = weight * b.pA
    synapses.delay = delay * b.ms
    inputs = [
        b.PoissonInput(
            cells[int(start[k]) : int(start[k + 1])],
            "i_syn",
            N=max(1, round(1000.0 * float(column.background_per_ms[k]) / p.background_rate_hz)),
            rate=p.background_rate_hz * b.Hz,
            weight=float(column.background_weight) * b.pA,
        )
        for k in range(8)
    ]
    monitor = b.SpikeMonitor(cells)
    network = b.Network(cells, synapses, monitor, *inputs)
    network.run(duration * b.ms)
    b.device.build(directory=folder, compile=True, run=True, debug=False)
    return {
        "steps": np.round(np.asarray(monitor.t / b.ms) / dt).astype(np.int64),
        "ids": np.asarray(monitor.i, np.int64),
        "sizes": column.sizes,
        "run_s": float(b.device._last_run_time),
    }
