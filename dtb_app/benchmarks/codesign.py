"""What the co-design loop costs: validating a region of 1,000 neurons, and one student in it."""

from __future__ import annotations

import os
import time
from typing import Any

from dtb_app.benchmarks import Row
from engine.brain.connectome import load_connectome
from engine.codesign import OpenLoop, analog_labels, compare, teacher_of, validate
from engine.run.capacity import capacity_of
from engine.run.simulation import Simulation
from engine.scenario.presets import preset

__all__ = ["bench_codesign"]

_NEURONS = 1000
_NEIGHBOURS = ("L.TH", "L.EC", "L.PHIG", "L.AM", "L.PCG", "R.HI", "L.PCU")


def bench_codesign(n_chips: int = 5, n_noise: int = 4) -> list[Row]:
    """A region of 1,000 neurons in a brain of eight such regions, 2 s of biology after 1 s."""
    workers = os.cpu_count() or 1
    scenario = preset("whole-brain-at-rest").with_values(
        {
            "regions": {"default": "off", "digital": list(_NEIGHBOURS), "analog": ["L.HI"]},
            "network.neurons_per_region": _NEURONS,
            "duration": 3000.0,
            "transient": 1000.0,
        }
    )
    connectome = load_connectome(scenario.connectome)
    need = capacity_of(scenario, connectome)
    begun, worked = time.perf_counter(), time.process_time()
    validate(scenario, connectome, n_chips, n_noise, workers)
    spent, worked = time.perf_counter() - begun, time.process_time() - worked
    row = Row(
        "codesign",
        "validating a region of 1,000 neurons",
        spent,
        "s",
        60.0,
        f"{n_chips} chips, {n_noise} noises and 3 controls; {need.n_neurons:,} neurons, "
        f"{need.n_synapses:,} synapses and 3 s in each; {workers} workers, {worked:.0f} s of CPU",
    )
    return [row, *_one_student(scenario)]


def _one_student(scenario: Any) -> list[Row]:
    connectome = load_connectome(scenario.connectome)
    labels = analog_labels(scenario, connectome)
    loop = OpenLoop(scenario, connectome, labels)
    heard = loop.heard(Simulation(teacher_of(scenario, connectome), connectome).run())
    begun = time.perf_counter()
    student = loop.student(scenario, heard)
    ran = time.perf_counter()
    compare(heard.teacher, student)
    done = time.perf_counter()
    return [
        Row("codesign", "one student in open loop, 1,000 neurons", ran - begun, "s", None, "3 s"),
        Row("codesign", "all measures between two runs of it", done - ran, "s"),
    ]
