"""Recording: files that outsiders read."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import struct

import h5py
import numpy as np
import pytest

from engine import Connectome, DataError, Scenario, Simulation
from engine.run.spike_log import SpikeLog, spike_hash


def test_the_hash_is_over_sorted_little_endian_pairs():
    steps, ids = np.array([5, 2, 2]), np.array([1, 9, 3], np.int32)
    data = b"".join(struct.pack("<qq", s, i) for s, i in [(2, 3), (2, 9), (5, 1)])
    assert spike_hash(steps, ids) == hashlib.sha256(data).hexdigest()


def test_a_log_reader_never_sees_later_chunks():
    log = SpikeLog()
    log.append(np.array([1]), np.array([7], np.int32))
    seen = len(log)
    log.append(np.array([2]), np.array([8], np.int32))
    assert log.between(0, seen)[1].tolist() == [7]
    assert log.between(seen, len(log))[1].tolist() == [8]


def test_run_json_has_what_is_promised(small_recording):
    data = json.loads(json.dumps(small_recording.as_json(), allow_nan=False))
    for key in (
        "scenario",
        "spike_hash",
        "seed",
        "versions",
        "real_time_factor",
        "build_s",
        "n_neurons",
        "n_synapses",
        "peak_memory_mb",
        "mean_rate_hz",
        "region_rate_hz",
        "cv_isi",
        "noc",
        "analog",
        "fit",
    ):
        assert key in data
    assert set(data["mean_rate_hz"]) == {"E", "I"}
    assert set(data["region_rate_hz"]) == {"L.TH", "L.SFG", "L.PrCG", "L.HI"}
    assert {"packets", "link_hops", "max_link_load", "mean_hops", "dropped"} <= set(data["noc"])
    assert {"chips", "circuits", "clipped_weights", "dropped_events"} <= set(data["analog"])
    for score in data["fit"].values():
        assert {"value", "baseline", "ceiling", "n"} <= set(score)
    assert data["analog"]["chip_time_ms"] == pytest.approx(0.5)
    assert data["scenario"]["network"]["parameters"]["g_ampa"] == 2.0


def test_spikes_are_sonata(small_recording, tmp_path):
    small_recording.write(tmp_path / "deep" / "run")
    with h5py.File(tmp_path / "deep" / "run" / "spikes.h5") as file:
        group = file["spikes/dtb"]
        times, ids = group["timestamps"][:], group["node_ids"][:]
        assert group["timestamps"].attrs["units"] == "ms"
        assert h5py.check_enum_dtype(group.attrs.get_id("sorting").dtype) == {
            "none": 0,
            "by_id": 1,
            "by_time": 2,
        }
        assert group.attrs["sorting"] == 2
    assert times.dtype == np.dtype("<f8")
    assert ids.dtype == np.dtype("<u8")
    assert np.all(np.diff(times) >= 0)
    steps = np.round(times / 0.1).astype(np.int64) - 1
    assert spike_hash(steps, ids.astype(np.int64)) == small_recording.spike_hash


def test_rates_csv_adds_up(small_recording):
    lines = small_recording.rates_csv().splitlines()
    assert lines[0] == "region,population,backend,neurons,rate_hz"
    assert len(lines) == 1 + 2 * 4
    late = small_recording.spike_steps >= 1000  # the transient of 100 ms
    total = sum(float(r.split(",")[4]) * int(r.split(",")[3]) for r in lines[1:])
    assert total * 0.4 == pytest.approx(late.sum(), abs=0.5)


def test_a_folder_that_cannot_be_written_is_one_sentence(small_recording, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match=r"Recording\.write: must be a place that can be written"):
        small_recording.write(tmp_path / "file" / "below")


def test_tables_are_csv_whatever_a_region_is_called():
    labels = ('Precuneus, "left"', "Ψ; thalamus")
    weights = np.array([[0.0, 1.0], [1.0, 0.0]])
    own = Connectome(
        "own", labels, labels, ("", ""), ("Unassigned",) * 2, np.ones(2, bool), np.eye(2, 3), weights, weights
    )
    small = {"network.neurons_per_region": 40, "network.in_degree": 20, "connectome": "own.json"}
    simulation = Simulation(Scenario(duration=20.0).with_values(small), own)
    recording = simulation.run()
    simulation.close()
    rows = list(csv.DictReader(io.StringIO(recording.rates_csv())))
    assert [row["region"] for row in rows] == [labels[0], labels[0], labels[1], labels[1]]
    assert all(None not in row and row["neurons"] in ("32", "8") for row in rows)
