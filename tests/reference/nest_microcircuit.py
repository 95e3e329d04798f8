"""Makes `microcircuit_nest.json`: population statistics of the microcircuit in NEST.

python -m tests.reference.nest_microcircuit --seeds 1 2 3 4 5 6 > out.json
"""

from __future__ import annotations

import argparse
import json

from dtb_app.benchmarks.peers.nest import simulate
from tests.reference.statistics import describe


def main() -> None:
    """Print the statistics of some seeds, one a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--neurons", type=int, default=7717)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--duration", type=float, default=6000.0)
    parser.add_argument("--transient", type=float, default=1000.0)
    a = parser.parse_args()
    lines = []
    for seed in a.seeds:
        run = simulate(a.neurons, seed, a.duration)
        found = describe(run["steps"], run["ids"], run["sizes"], 0.1, a.transient, a.duration)
        lines.append(json.dumps({k: [round(x, 6) for x in v] for k, v in found.items()}))
    print("[\n" + ",\n".join(lines) + "\n]")


if __name__ == "__main__":
    main()
