"""The exported script, run by NEST, against this engine's own rates."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import numpy as np
import pytest

from engine import Simulation, preset
from engine.export.nest import nest_script

pytestmark = pytest.mark.reference

SEEDS = (1, 2, 3, 4)


@pytest.mark.slow
def test_nest_fires_as_this_engine_does(tmp_path):
    pytest.importorskip("nest", reason="nest-simulator is not installed (extra 'reference')")
    base = preset("two-regions").with_values(
        {
            "regions.digital": ["L.TH", "L.HI"],
            "regions.analog": [],
            "duration": 5000.0,
            "network.coupling": 1.5,
        }
    )
    ours, theirs = [], []
    for seed in SEEDS:
        simulation = Simulation(base.with_values({"seed": seed}))
        ours.append(simulation.run().mean_rate_hz()["E"])
        path = tmp_path / f"seed{seed}.py"
        path.write_text(nest_script(simulation.scenario, simulation.connectome).text)
        done = subprocess.run(
            [sys.executable, str(path)], capture_output=True, text=True, timeout=300, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        table = done.stdout[done.stdout.index("region,") :]
        rows = [r for r in csv.DictReader(io.StringIO(table)) if r["population"] == "E"]
        theirs.append(np.mean([float(r["rate_hz"]) for r in rows]))
    # Same networks, other random numbers of the background: means of four seeds each.
    spread = np.hypot(np.std(ours, ddof=1), np.std(theirs, ddof=1)) / np.sqrt(len(SEEDS))
    assert abs(np.mean(ours) - np.mean(theirs)) < 4 * spread
