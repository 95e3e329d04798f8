"""A run that was written and read is the same run, in every number that it has or that follows."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import fields, is_dataclass, replace

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Connectome, DataError, Scenario, Simulation, load_connectome, preset
from engine.brain.readers.notes import Note
from engine.run.recording import Recording
from engine.run.recording_file import read_recording, recording_bytes
from engine.run.stretch import Stretch
from engine.scenario.tuning import Tuning
from engine.scenario.tuning_file import keep_tuning

SHORT = {"duration": 60.0, "transient": 10.0, "stimulus": []}
SMALL = {**SHORT, "network.neurons_per_region": 40, "network.in_degree": 20}
PAIR = {"regions": {"default": "off", "digital": ["L.TH", "R.HI"], "analog": ["L.HI"]}}
RUNS = {
    **{
        name: preset(name).with_values(SMALL)
        for name in (
            "congested-noc",
            "dendritic-bursts",
            "hippocampus-on-analog",
            "homeostasis-on-chip",
            "mouse-at-rest",
            "resting-twin",
            "tract-delays",
            "two-regions",
        )
    },
    "column": preset("microcircuit-tenth").with_values(SHORT),
    **{
        f"{topology}, a tree a {key}": Scenario.from_dict(PAIR).with_values(
            {**SMALL, "noc.topology": topology, "noc.keys": key, "noc.size": (4, 4)}
        )
        for topology in ("torus", "hex", "small_world", "two_level")
        for key in ("neuron", "population")
    },
}


def require_equal(a, b, place="run"):
    """Every public field of both, and of what they hold."""
    assert type(a) is type(b), place
    if is_dataclass(a) and not isinstance(a, Scenario):
        for field in (f.name for f in fields(a) if not f.name.startswith("_")):
            require_equal(getattr(a, field), getattr(b, field), f"{place}.{field}")
    elif isinstance(a, np.ndarray):
        assert a.dtype == b.dtype, place
        np.testing.assert_array_equal(a, b, place)
    else:
        assert a == b, place


def require_same(run: Recording, again: Recording) -> None:
    require_equal(run, again)
    assert run.as_json() == again.as_json()
    assert run.rates_csv() == again.rates_csv()
    require_equal(run.scores(), again.scores(), "scores")
    require_equal(run.flow, again.flow, "flow")


def sealed(content: bytes) -> bytes:
    """With a checksum that is right."""
    mark = b"dtb-recording 1 sha256:" + hashlib.sha256(content[512:]).hexdigest().encode() + b"\n"
    return mark.ljust(512, b"\0") + content[512:]


def changed(content: bytes, change) -> bytes:
    """The same file with a change of what is in it."""
    buffer = io.BytesIO(content)
    with h5py.File(buffer, "r+") as file:
        change(file)
    return sealed(buffer.getvalue())


def replaced(file, name, values) -> None:
    del file[name]
    file.create_dataset(name, data=values)


@pytest.fixture(scope="module")
def run():
    return Simulation(RUNS["two-regions"]).run()


@pytest.mark.parametrize("name", RUNS)
def test_what_was_written_is_read(name):
    run = Simulation(RUNS[name]).run()
    assert run.spike_ids.size
    require_same(run, read_recording([recording_bytes(run)]))


def test_equal_runs_are_equal_bytes_and_any_program_can_open_them(run, tmp_path):
    content = recording_bytes(run)
    assert content == recording_bytes(read_recording([content]))
    with h5py.File(io.BytesIO(content)) as file:
        assert file.userblock_size == 512
        assert set(file) == {
            "plain",
            "spike_steps",
            "spike_ids",
            "link_packets",
            "injected",
            "delivered",
            "fabric",
        }
        assert len(file["spike_ids"]) == run.spike_ids.size


def test_a_run_that_was_stopped_moved_and_branched_comes_back():
    scenario = RUNS["hippocampus-on-analog"]
    first = Simulation(scenario)
    first.advance(20)
    lesioned = Simulation(scenario.with_values({"lesion": [{"region": "L.HI"}]}))
    lesioned.restore(first.snapshot())
    lesioned.set_live(replace(lesioned.frame().live, coupling=1.5))
    lesioned.advance(17)
    run = lesioned.recording()
    assert run.stopped_early
    assert run.traffic_from_ms == 20
    assert run.live_changes
    require_same(run, read_recording([recording_bytes(run)]))


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_stretches_make_the_run_that_they_were_cut_from(data):
    simulation = Simulation(RUNS["hippocampus-on-analog"])
    stretch, contents, whole = None, [], 0
    while not simulation.is_finished and (stretch is None or data.draw(st.integers(0, 5))):
        simulation.advance(data.draw(st.integers(1, 25)))
        simulation.advance(data.draw(st.integers(0, 3)))
        stretch = simulation.stretch(stretch)
        contents.append(recording_bytes(stretch))
        whole += stretch.part.spike_ids.size
    run = simulation.recording()
    assert whole == run.spike_ids.size
    again = read_recording(contents)
    require_same(replace(run, peak_memory_mb=0.0), replace(again, peak_memory_mb=0.0))
    if len(contents) > 1:  # the first is a run by itself, the others are not
        shorter = read_recording(contents[:1])
        assert shorter.duration_ms < run.duration_ms
        for wrong in (contents[1:], contents[::-1], [contents[0], contents[0]]):
            with pytest.raises(DataError, match="stretches of one run"):
                read_recording(wrong)


def test_an_own_connectome_comes_with_the_run():
    given = load_connectome("dk84")
    own = replace(
        given, name="mine  ×", source="a\n b", licence="x" * 3000, weights=given.weights * 2, n_self_loops=3
    )
    own = replace(own, notes=(Note("volumes", "read", "as they are"),))
    scenario = RUNS["two-regions"].with_values({"connectome": f"mine.zip@sha256:{own.checksum[:16]}"})
    run = Simulation(scenario, own).run()
    again = read_recording([recording_bytes(run)])
    require_same(run, again)
    assert isinstance(again.connectome, Connectome)
    require_equal(own, again.connectome, "connectome")


def test_an_own_tuning_comes_with_the_run(tmp_path):
    labels = load_connectome("dk84").labels
    ones = np.ones((len(labels), len(labels)))
    tuning = Tuning("mine", labels, ones * 0.5, ones, np.ones(len(labels)), np.zeros(len(labels)), {})
    run = Simulation(RUNS["two-regions"].with_values({"network.tuning": keep_tuning(tuning)})).run()
    require_same(run, read_recording([recording_bytes(run)]))


def test_what_is_damaged_is_refused_before_it_is_opened(run, monkeypatch):
    content = recording_bytes(run)
    monkeypatch.setattr(h5py, "File", None)
    for wrong, rule in (
        (b"", "must be a kept run"),
        (b"SQLite format 3", "must be a kept run"),
        (content[:-1], "must match its checksum"),
        (content[:511], "must match its checksum"),
        (content[:9000] + bytes([content[9000] ^ 1]) + content[9001:], "must match its checksum"),
        (
            content.replace(b"recording 1", b"recording 2", 1),
            r"must have format 1 \(got 'dtb-recording 2 sha2'\)",
        ),
    ):
        with pytest.raises(DataError, match=f"^recording: {rule}"):
            read_recording([wrong])
    with pytest.raises(DataError, match="at least one stretch"):
        read_recording([])


def test_what_is_of_another_form_is_refused_in_a_sentence(run):
    content = recording_bytes(run)
    plain = json.loads(bytes(h5py.File(io.BytesIO(content))["plain"][()]))

    def with_plain(**values):
        text = json.dumps({**plain, **values}).encode()
        return lambda file: replaced(file, "plain", np.frombuffer(text, np.uint8))

    n = run.network.n_neurons
    for change, rule in (
        (lambda file: file.pop("spike_ids"), "must be a whole run"),
        (
            lambda file: replaced(file, "spike_ids", np.full(run.spike_ids.size, n)),
            "must be of the run's neurons",
        ),
        (lambda file: replaced(file, "spike_steps", run.spike_steps + 600), "must be of the run's neurons"),
        (lambda file: replaced(file, "spike_ids", run.spike_ids[1:]), "must be of the run's neurons"),
        (lambda file: replaced(file, "injected", [1.5]), "injected: must be whole numbers"),
        (lambda file: replaced(file, "injected", [1]), "injected: must be of the links and tiles"),
        (with_plain(n_events="many"), "n_events: "),
        (with_plain(more=1), "more: "),
        (with_plain(sizes=[[1, 1]]), "must have the neurons that its scenario makes"),
        (with_plain(until_ms=10**6), "must be at most 60"),
        (with_plain(connectome_sha256="0"), "their checksums differ"),
        (with_plain(scenario={**plain["scenario"], "flavour": 1}), "flavour"),
        (with_plain(scenario={**plain["scenario"], "connectome": "/etc/passwd"}), "got neither"),
    ):
        with pytest.raises((DataError, ValueError), match=rule) as refused:
            read_recording([changed(content, change)])
        assert "\n" not in str(refused.value)


def test_what_a_file_does_not_hold_is_not_written(run):
    with pytest.raises(DataError, match="must be without measured data"):
        recording_bytes(replace(run, measured=object()))
    with pytest.raises(DataError, match="must have finite numbers"):
        recording_bytes(Stretch.whole(replace(run, wall_s=float("nan"))))
