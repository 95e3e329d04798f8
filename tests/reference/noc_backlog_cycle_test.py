"""The fluid ports against queues followed packet by packet, on the same spikes of a whole brain.

The two are different models: the fluid one lets all spikes of a step and key fare alike and charges
ports at once with what earlier ports hold back. What is held here is the share of copies that come
late and that are lost. Between the rates the fluid model's late copies differ by up to 6 per cent
of all copies and its lost ones by up to 2 per cent (measured at nine link rates); the bounds leave
as much again for other spikes.
"""

from __future__ import annotations

import math

import pytest

from engine import Simulation, preset
from engine.noc.cycle.cycle import run_recorded
from engine.noc.cycle.recorded import RecordedTraffic

pytestmark = pytest.mark.reference


@pytest.mark.parametrize("mpps", [0.2, 0.1, 0.04, 0.02])
def test_late_and_lost_shares_are_those_of_the_cycle_mode(mpps):
    values = {"duration": 400.0, "transient": 100.0, "noc.link_rate_mpps": mpps}
    scenario = preset("whole-brain-at-rest").with_values(values)
    run = Simulation(scenario).run()
    traffic = RecordedTraffic(run.fabric, (run.spike_steps + 1) * scenario.dt, run.spike_ids)
    per_ms = traffic.cycles_per_ms
    cycles = run_recorded(traffic, patience=round(scenario.noc.drop_after_ms * per_ms))
    assert cycles.injected == run.noc["copies"]
    n_late = cycles.latency_counts[math.ceil(scenario.noc.deadline_ms * per_ms) + 1 :].sum()
    assert run.noc["late"] / cycles.injected == pytest.approx(n_late / cycles.injected, abs=0.12)
    lost = run.noc["dropped"] / cycles.injected
    assert lost == pytest.approx(cycles.dropped / cycles.injected, abs=0.04)
    if mpps == 0.2:
        assert run.noc["late"] == n_late == 0
    if mpps == 0.02:
        assert lost > 0.3
