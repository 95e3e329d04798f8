"""What is kept of weights that learn: histograms, a course of bounded length, nothing that moves a spike."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine import Scenario, Simulation
from engine.backends.drift import MOST_SAMPLES, WeightDrift, first_interval_ms, weight_histogram
from engine.run.recording_file import read_recording, recording_bytes
from engine.run.snapshot import read_snapshot, write_snapshot

FAR = {"source": "L.TH", "target": "L.HI", "learning_rate": 0.05, "population": "all"}
LOCAL = {"source": "L.HI", "target": "L.HI", "learning_rate": 0.05, "w_max": 2.0}
CHIP = {**LOCAL, "w_max": 1.0, "chip": {"period": 2000, "rule": "homeostasis", "target_rate_hz": 60.0}}
BACK = {**FAR, "source": "L.HI", "target": "L.TH"}
DIGITAL = {"default": "off", "digital": ["L.TH", "L.HI"]}
ANALOG = {"default": "off", "digital": ["L.TH"], "analog": ["L.HI"]}


def simulation(duration: float = 1000.0, regions=DIGITAL, rules=(FAR, LOCAL), **values) -> Simulation:
    small = {"network.neurons_per_region": 60, "network.in_degree": 30}
    scenario = Scenario(duration=duration, transient=0.0)
    return Simulation(
        scenario.with_values({"regions": regions, "plasticity": list(rules), **small, **values})
    )


def summary(weights) -> list[float]:
    return [*np.quantile(weights, (0.05, 0.5, 0.95)), weights.mean()]


def test_every_weight_is_counted_once_where_it_lies():
    weights = np.array([0.0, 0.1, 0.49, 0.5, 0.999, 1.0, 1.2])
    assert weight_histogram(weights, 1.0, 2) == [3, 4]
    assert weight_histogram(weights, 2.0, 4) == [3, 2, 2, 0]
    codes = np.arange(64) / 63
    assert weight_histogram(codes, 1.0, 32) == [2] * 32  # of a chip: as many codes in every bin
    for levels in (2, 4, 8, 16, 32):
        assert weight_histogram(np.arange(levels) / (levels - 1), 1.0, levels) == [1] * levels


def test_a_course_is_bounded_and_thinned_evenly():
    drift, seen = WeightDrift([3, 2]), []

    def weights():
        seen.append(time)
        return [np.full(3, float(time)), np.array([0.0, float(time)])]

    n_ms = 200 * 5 * MOST_SAMPLES
    for time in range(n_ms):
        drift.note(time, weights)
    course = drift.of(0, np.full(3, 7.0))
    times = np.array(course["time_ms"])
    assert MOST_SAMPLES // 2 < times.size <= MOST_SAMPLES + 1
    assert set(np.diff(times[:-1])) == {1600}
    assert times[0] == 0
    assert times[-1] == n_ms
    assert course["median"] == [*map(float, times[:-1]), 7.0]
    assert drift.of(1, np.array([1.0, 3.0]))["mean"] == [*(times[:-1] / 2), 2.0]
    assert len(seen) < 2.5 * MOST_SAMPLES  # each is a pass over all weights


def test_many_synapses_are_looked_at_less_often():
    assert [first_interval_ms(n) for n in (1, 40_000, 40_001, 400_000)] == [200, 200, 400, 2000]


@pytest.mark.parametrize("rules", [(FAR, LOCAL), (FAR,)])
def test_a_digital_run_reports_its_weights_at_the_start_and_now(rules):
    run = simulation(rules=rules)
    run.run()
    for one, projection in zip(run.recording().plastic, run.backends[0].projections, strict=True):
        largest = projection.rule.w_max
        edges = np.linspace(0.0, largest, 33)
        histogram = one["histogram"]
        assert histogram["largest"] == largest
        for when, weights in (("before", projection.begun), ("now", projection.weights)):
            assert sum(histogram[when]) == one["synapses"]
            assert np.abs(np.array(histogram[when]) - np.histogram(weights, edges)[0]).sum() <= 2  # on edges
        assert histogram["before"] != histogram["now"]
        drift = one["drift"]
        assert drift["time_ms"] == [0, 200, 400, 600, 800, 1000]
        names = ("q05", "median", "q95", "mean")
        for place, weights in ((0, projection.begun), (-1, projection.weights)):
            assert [drift[name][place] for name in names] == pytest.approx(summary(weights), abs=1e-6)
        assert drift["mean"][-1] == pytest.approx(one["mean_weight"], abs=1e-6)
        assert one["unit"] == "full weight"


def test_a_sample_is_what_the_weights_are_at_that_moment():
    run = simulation()
    run.advance(400)
    there = [summary(projection.weights) for projection in run.backends[0].projections]
    run.advance(350)
    for one, expected in zip(run.recording().plastic, there, strict=True):
        k = one["drift"]["time_ms"].index(400)
        found = [one["drift"][name][k] for name in ("q05", "median", "q95", "mean")]
        assert found == pytest.approx(expected, abs=1e-6)
        assert one["drift"]["time_ms"][-1] == 750


def test_a_chip_reports_whole_codes():
    run = simulation(4500.0, ANALOG, [CHIP])
    projection = run.backends[1].projections[0]
    begun = projection.codes.copy()
    (one,) = run.run().plastic
    histogram, drift = one["histogram"], one["drift"]
    assert histogram["before"] == np.bincount(begun // 2, minlength=32).tolist()
    assert histogram["now"] == np.bincount(projection.codes // 2, minlength=32).tolist()
    assert histogram["before"] != histogram["now"]
    assert one["unit"] == "largest code"
    mean = dict(zip(drift["time_ms"], drift["mean"], strict=True))
    assert mean[2000] == mean[0] == pytest.approx(begun.mean() / 63, abs=1e-6)
    assert mean[2200] > mean[2000]  # updates are at 2 and 4 s
    assert mean[4500] > mean[4000] == mean[2200]


@pytest.mark.parametrize(("regions", "rules"), [(DIGITAL, (FAR, LOCAL)), (ANALOG, (BACK, CHIP))])
def test_a_course_goes_on_from_a_snapshot(tmp_path, regions, rules):
    whole, first, second = (simulation(900.0, regions, rules) for _ in range(3))
    recording = whole.run()
    first.advance(410)
    write_snapshot(tmp_path / "half.h5", first.snapshot())
    second.restore(read_snapshot(tmp_path / "half.h5"))
    assert second.recording().plastic == first.recording().plastic
    second.run()
    assert second.recording().plastic == recording.plastic
    assert second.recording().spike_hash == recording.spike_hash


def test_a_recording_in_a_file_and_run_json_keep_it():
    recording = simulation(300.0).run()
    again = read_recording([recording_bytes(recording)])
    assert again.plastic == recording.plastic
    learned = json.loads(json.dumps(recording.as_json(), allow_nan=False))["plasticity"]
    assert learned == recording.plastic
    assert learned[0]["drift"]["time_ms"] == [0, 200, 300]


def test_looking_at_weights_moves_no_spike():
    seldom, often = simulation(), simulation()
    for run in (seldom, often):
        for time in range(1000):
            run.advance(1)
            if run is often and time % 50 == 0:
                run.recording()
                run.backends[0].drift._next = 0  # a sample at every step that is asked for
    assert often.recording().spike_hash == seldom.recording().spike_hash
    for one, other in zip(often.backends[0].projections, seldom.backends[0].projections, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)
