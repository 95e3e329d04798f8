"""Bytes on the wire for six ways to send the same spikes, on the whole brain cut into devices."""

from __future__ import annotations

from dtb_app.benchmarks import Row
from engine.run.simulation import Simulation
from engine.scale.run_wire import traffic_of_run
from engine.scale.wire import SCHEMES, wire_costs
from engine.scenario.presets import preset

__all__ = ["bench_wire"]


def bench_wire(
    name: str = "whole-brain-at-rest",
    duration: float = 500.0,
    sizes: tuple[int, ...] = (4, 16, 84),
    devices_per_node: int = 4,
) -> list[Row]:
    """Every scheme on one run, cut into few and into many devices."""
    scenario = preset(name).with_values({"duration": duration, "transient": 0.0})
    recording = Simulation(scenario).run()
    rows = []
    for n in sizes:
        traffic = traffic_of_run(recording, n)
        costs = wire_costs(traffic, devices_per_node)
        least = min(c.total_bytes for c in costs)
        for c in costs:
            mb = c.total_bytes / 1e6 / (duration / 1000.0)
            per_step = c.messages / traffic.n_steps / n
            note = (
                f"{c.total_bytes / max(1, least):.2f} times the least, "
                f"{100 * c.node_crossing_bytes / max(1, c.total_bytes):.0f} % between nodes, "
                f"{per_step:.1f} messages a device and step"
            )
            rows.append(Row("wire", f"{n} devices: {SCHEMES[c.scheme]}", mb, "MB/s", None, note))
    return rows
