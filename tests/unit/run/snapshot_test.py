"""Snapshots in files: exact, checked, and a place to branch from."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from engine import Scenario, Simulation, read_snapshot, write_snapshot
from engine.errors import DataError
from engine.run.snapshot import FORMAT

REGIONS = {"default": "off", "digital": ["L.TH", "R.TH"], "analog": ["L.HI"]}
COLUMN = {
    "network.recipe": "microcircuit",
    "network.neurons_per_region": 800,
    "regions": {"default": "off", "digital": ["L.TH"]},
}


def scenario(kind: str = "brain", **values) -> Scenario:
    base = {"regions": REGIONS} if kind == "brain" else COLUMN
    return Scenario(duration=200.0, transient=50.0).with_values({**base, **values})


def half_way(kind: str = "brain") -> Simulation:
    simulation = Simulation(scenario(kind))
    simulation.advance(90)
    return simulation


@pytest.fixture(params=["brain", "column"])
def kept(request, tmp_path):
    simulation = half_way(request.param)
    path = write_snapshot(tmp_path / "half.h5", simulation.snapshot())
    simulation.advance(200)
    return request.param, path, simulation.recording()


@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_goes_on_exactly_from_its_file(kept, threads):
    kind, path, whole = kept
    other = Simulation(scenario(kind), threads=threads)
    snapshot = read_snapshot(path)
    assert snapshot.time_ms == 90
    other.restore(snapshot)
    recording = other.run()
    assert recording.spike_hash == whole.spike_hash
    assert recording.n_events == whole.n_events
    assert np.array_equal(recording.counts, whole.counts)
    assert np.array_equal(recording.link_packets, whole.link_packets)


def test_a_branch_shares_its_past_and_not_its_future(kept):
    kind, path, whole = kept
    values = {
        "brain": {"lesion": [{"region": "L.TH", "scope": "efferent"}]},
        "column": {"network.microcircuit.background_rate_hz": 9.0},
    }[kind]
    branch = Simulation(scenario(kind, **values, duration=250.0))
    branch.restore(read_snapshot(path))
    recording = branch.run()
    assert recording.duration_ms == 250
    past = whole.spike_steps < 900
    mine = recording.spike_steps < 900
    assert np.array_equal(whole.spike_ids[past], recording.spike_ids[mine])
    assert recording.spike_hash != whole.spike_hash
    late = recording.spike_steps >= 900
    assert recording.flow.packets == int(late.sum())  # the branch's own traffic only
    assert recording.as_json()["noc"]["packets"] == int(late.sum())


def test_what_does_not_fit_is_refused_and_changes_nothing(kept):
    kind, path, _ = kept
    snapshot = read_snapshot(path)
    others = [
        ("same neurons", {"regions": {"default": "off", "digital": ["L.TH", "L.CU"]}}),
        ("dt: must be", {"dt": 0.05}),
        ("longer duration", {"duration": 80.0}),
        ("same connectome", {"connectome": "four_regions", "regions": {"default": "digital"}}),
    ]
    for sentence, values in others:
        simulation = Simulation(scenario(kind, **values))
        before = simulation.time_ms
        with pytest.raises(DataError, match=sentence):
            simulation.restore(snapshot)
        assert simulation.time_ms == before


def test_a_changed_file_is_refused(kept):
    _, path, _ = kept
    with h5py.File(path, "r+") as file:
        name = next(iter(file["state"]))
        while isinstance(file["state"][name], h5py.Group):
            name += "/" + next(iter(file["state"][name]))
        file["state"][name][...] = file["state"][name][()] + 1
    with pytest.raises(DataError, match="checksum"):
        read_snapshot(path)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda p: p.write_bytes(p.read_bytes()[:3000]), "must be a"),
        (lambda p: p.write_bytes(b"nonsense"), "must be a snapshot"),
        (lambda p: p.write_bytes(b""), "must be a snapshot"),
        (lambda p: p.unlink(), "must be a snapshot"),
    ],
)
def test_broken_files_are_refused(tmp_path, spoil, sentence):
    path = write_snapshot(tmp_path / "half.h5", half_way().snapshot())
    spoil(path)
    with pytest.raises(DataError, match=sentence):
        read_snapshot(path)


def test_another_format_or_another_file_is_named(tmp_path):
    path = write_snapshot(tmp_path / "half.h5", half_way().snapshot())
    with h5py.File(path, "r+") as file:
        file.attrs["format"] = 99
    with pytest.raises(DataError, match=rf"format {FORMAT} \(got 99\)"):
        read_snapshot(path)
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["x"] = [1, 2]
    with pytest.raises(DataError, match="another HDF5 file"):
        read_snapshot(other)


def test_a_failed_write_leaves_the_file_as_it_was(tmp_path):
    snapshot = half_way().snapshot()
    with pytest.raises(DataError, match="must go into a folder that exists"):
        write_snapshot(tmp_path / "no" / "such" / "folder.h5", snapshot)
    assert not list(tmp_path.iterdir())


def test_an_array_larger_than_its_file_is_not_read(tmp_path):
    path = write_snapshot(tmp_path / "half.h5", half_way().snapshot())
    with h5py.File(path, "r+") as file:
        file.create_dataset("state/bomb", shape=(2**40,), dtype="u1", compression="gzip")
    assert path.stat().st_size < 2**24
    with pytest.raises(DataError, match="must be a whole snapshot"):
        read_snapshot(path)
