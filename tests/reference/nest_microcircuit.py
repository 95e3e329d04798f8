"""Population statistics of the microcircuit in NEST: makes the files that tests compare with.

A tenth, means only (`microcircuit_nest.json`):

    python -m tests.reference.nest_microcircuit --seeds 1 2 3 4 5 6

The whole, with distributions (`dtb_app/benchmarks/peers/microcircuit_full_nest.json`); 15 GB:

    python -m tests.reference.nest_microcircuit --neurons 77169 --seeds 1 2 3 \
        --duration 2500 --transient 500 --quantiles 201
"""

from __future__ import annotations

import argparse
import json

import numpy as np

from dtb_app.benchmarks.peers.nest import simulate
from dtb_app.benchmarks.peers.statistics import describe, quantiles, single_neuron_statistics

DT = 0.1


def distributions(
    steps: np.ndarray, ids: np.ndarray, sizes: np.ndarray, transient: float, duration: float, n: int
) -> dict[str, object]:
    """`n` quantiles of each statistic in each population, and their means."""
    found = single_neuron_statistics(steps, ids, sizes, DT, transient, duration)
    out: dict[str, object] = {
        name: [quantiles(f[name], n).tolist() for f in found] for name in ("rate_hz", "cv", "correlation")
    }
    return {**out, "mean": describe(steps, ids, sizes, DT, transient, duration)}


def main() -> None:
    """Print the statistics of some seeds, one a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--neurons", type=int, default=7717)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--duration", type=float, default=6000.0)
    parser.add_argument("--transient", type=float, default=1000.0)
    parser.add_argument("--quantiles", type=int, default=0)
    a = parser.parse_args()
    lines = []
    for seed in a.seeds:
        run = simulate(a.neurons, seed, a.duration)
        spikes = run["steps"], run["ids"], run["sizes"]
        if a.quantiles:
            lines.append(json.dumps(distributions(*spikes, a.transient, a.duration, a.quantiles)))
        else:
            found = describe(*spikes, DT, a.transient, a.duration)
            lines.append(json.dumps({k: [round(x, 6) for x in v] for k, v in found.items()}))
    seeds = "[\n" + ",\n".join(lines) + "\n]"
    if not a.quantiles:
        print(seeds)
        return
    import nest

    about = {
        "simulator": f"NEST {nest.__version__}",
        "neurons": a.neurons,
        "dt_ms": DT,
        "transient_ms": a.transient,
        "duration_ms": a.duration,
    }
    print(json.dumps(about)[:-1] + ', "seeds": ' + seeds + "}")


if __name__ == "__main__":
    main()
