"""The exported script, run by NEST, against this engine's own rates."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import numpy as np
import pytest

from engine import Connectome, Scenario, Simulation, load_connectome, preset
from engine.export.nest import nest_script

pytestmark = pytest.mark.reference

SEEDS = (1, 2, 3, 4)


def said_by_nest(text: str, folder) -> list[dict[str, str]]:
    """The table that a script prints."""
    path = folder / "script.py"
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(path)], capture_output=True, encoding="utf-8", timeout=300, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout[done.stdout.index("region,") :])))


def current(**span) -> dict:
    return {"stimulus": [{"region": "L.TH", **span}]}


AWKWARD = {
    "a stimulus after the end": current(start=1000.0, stop=2000.0),
    "a stimulus between steps": current(start=10.05, stop=20.0),
    "a stimulus shorter than a step": current(start=10.01, stop=10.02),
    "a stimulus in the last step": current(start=59.99),
    "spikes between milliseconds": current(kind="poisson", start=10.5, stop=10.7),
    "three steps in 1 ms": {"dt": 1.0 / 3.0, **current(start=10.1, stop=20.2)},
    "seven steps, with tracts": {"dt": 1.0 / 7.0, "network.delays": "tract"},
    "sixteen steps": {"dt": 0.0625, "transient": 10.03},
    "one step, a transient between steps": {"dt": 1.0, "transient": 10.37},
    "one millisecond": {"duration": 1.0},
    "no synapses": {"network.in_degree": 0},
    "no spikes": {"network.parameters.ou_mean": -500.0},
    "a steady background": {"network.parameters.ou_std": 0.0, "network.parameters.ou_tau": 0.1},
    "the last seed": {"seed": 2**31 - 1},
    "ten neurons": {"network.neurons_per_region": 10, "network.in_degree": 1},
}


@pytest.mark.parametrize("values", AWKWARD.values(), ids=AWKWARD)
def test_whatever_is_accepted_runs_in_nest(values, tmp_path):
    pytest.importorskip("nest", reason="nest-simulator is not installed (extra 'reference')")
    base = {
        "regions": {"default": "off", "digital": ["L.TH", "L.HI"]},
        "network.neurons_per_region": 40,
        "network.in_degree": 20,
    }
    chosen = Scenario(duration=60.0, transient=10.0).with_values({**base, **values})
    rows = said_by_nest(nest_script(chosen, load_connectome("dk84")).text, tmp_path)
    assert [(r["region"], r["population"]) for r in rows] == [
        ("L.TH", "E"),
        ("L.TH", "I"),
        ("L.HI", "E"),
        ("L.HI", "I"),
    ]
    assert all(0.0 <= float(r["rate_hz"]) < 1000.0 for r in rows)


def test_regions_of_any_name_come_back_from_nest(tmp_path):
    pytest.importorskip("nest", reason="nest-simulator is not installed (extra 'reference')")
    labels = ('Precuneus, "left"', "Ψ 😀")
    weights = np.array([[0.0, 1.0], [1.0, 0.0]])
    own = Connectome(
        "own", labels, labels, ("", ""), ("Unassigned",) * 2, np.ones(2, bool), np.eye(2, 3), weights, weights
    )
    small = {"network.neurons_per_region": 40, "network.in_degree": 20, "connectome": "own.json"}
    chosen = Scenario(duration=20.0).with_values(small)
    rows = said_by_nest(nest_script(chosen, own).text, tmp_path)
    assert [r["region"] for r in rows] == [labels[0], labels[0], labels[1], labels[1]]


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
        rows = said_by_nest(nest_script(simulation.scenario, simulation.connectome).text, tmp_path)
        theirs.append(np.mean([float(r["rate_hz"]) for r in rows if r["population"] == "E"]))
    # Same networks, other random numbers of the background: means of four seeds each.
    spread = np.hypot(np.std(ours, ddof=1), np.std(theirs, ddof=1)) / np.sqrt(len(SEEDS))
    assert abs(np.mean(ours) - np.mean(theirs)) < 4 * spread
