"""The bench runs and prints its table; what it measures is never asserted."""

from __future__ import annotations

import math

import pytest

from dtb_app.benchmarks.analog import bench_events
from dtb_app.benchmarks.billion import bench_billion
from dtb_app.benchmarks.fit import bench_fit
from dtb_app.benchmarks.neurons import bench_neurons
from dtb_app.benchmarks.plastic import bench_plastic
from dtb_app.benchmarks.twin import bench_twin
from dtb_app.benchmarks.views import bench_views
from dtb_app.commands.bench import table
from engine.model.neurons import NEURONS

pytestmark = pytest.mark.slow


def test_views_print_as_one_table(capsys):
    rows = bench_views(n_frames=6)
    print(table(rows))
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 1 + len(rows) == 9
    assert {row.unit for row in rows} == {"ms", "kB"}


def test_every_neuron_has_a_row():
    rows = bench_neurons(neurons_per_region=150, repeats=1)
    assert [r.what for r in rows[:-1]] == [f"membrane step, {n}" for n in NEURONS.names]
    assert all(r.value > 0 for r in rows)


def test_what_changes_slowly_has_its_rows():
    rows = bench_plastic(neurons_per_region=150, repeats=1)
    assert len(rows) == 10
    assert all(r.unit == "x" and r.value > 0 for r in rows)
    assert [r.target for r in rows] == [1.5, 1.5, *[3.0] * 6, None, None]


def test_the_twin_has_a_row_for_each_of_its_costs():
    rows = bench_twin(neurons_per_region=100, event_neurons=200, repeats=1)
    assert {r.bench for r in rows} == {"twin"}
    assert all(r.value > 0 and r.target is not None for r in rows)
    assert [r.target for r in rows[:9]] == [1.5, 1.5, *[3.0] * 6, 2.0]
    assert [r.what.split(", ")[1] for r in rows if r.unit == "ms"] == [
        "early warning",
        "streaming readout",
        "look-ahead",
    ]
    futures = [r for r in rows if "futures" in r.what]
    assert len(futures) == 2
    assert all(r.value < 1 for r in futures)  # a future that held a connectivity would be above


def test_a_synaptic_event_is_timed_by_itself_on_both_sides():
    rows = bench_events(neurons_per_region=200, repeats=2)
    assert [r.what for r in rows] == [f"synaptic event alone at {rate} Hz, over digital" for rate in (3, 30)]
    assert all(r.unit == "x" and math.isfinite(r.value) and r.value > 0 for r in rows)
    few, many = (float(r.note.split(", ")[1].split()[0]) for r in rows)
    assert 5 < many / few < 20


def test_the_largest_brain_reports_what_it_built(monkeypatch):
    building, memory, speed = bench_billion(neurons_per_region=200, in_degree=20)
    assert "0.0168 M neurons, 0.000336 G synapses" in building.note
    assert building.value > 0
    assert speed.value > 0
    assert 0.5 < memory.value / float(memory.note.split()[1]) < 2
    monkeypatch.setattr("dtb_app.benchmarks.billion._available_mb", lambda: 100.0)
    (row,) = bench_billion(neurons_per_region=200, in_degree=20)
    assert "too little memory" in row.what


def test_fitting_is_timed_alone_and_in_a_brain():
    *speeds, signals, tuning, connectivity, step, memory, brain = bench_fit(n_members=3, n_trs=4, n_seconds=1)
    assert [row.unit for row in speeds] == ["s/s"] * 3
    assert "8,400 neurons" in speeds[0].what
    assert "20,160 neurons" in speeds[1].what
    assert min(row.value for row in (*speeds, tuning, connectivity)) > 0
    assert signals.unit == "%"
    assert signals.note.startswith("8 signals of 84 regions")
    assert signals.value > 0
    assert (step.unit, memory.unit, brain.unit) == ("ms", "MB", "s")
    synapses_mb = 84 * 100 * 80 * 5 / 2**20  # a target and a weight each
    assert synapses_mb < memory.value < 3 * synapses_mb
    assert brain.value > 0
