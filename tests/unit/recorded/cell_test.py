"""Recorded cells: shipped ones, own files, refusals, and whether a stimulus repeats."""

from __future__ import annotations

import numpy as np
import pytest

import sample_data
from engine.errors import DataError, ParameterError
from engine.fit.measured import read_measured
from engine.recorded import RECORDINGS, RecordedCell, recorded_cell, shipped_cell
from engine.recorded.cell import PIECE_MS, repetition_ms
from engine.whole_files import hdf5_bytes


def cell(stimulus, interval_ms=1.0, n=200):
    spikes = np.linspace(1.0, stimulus.size * interval_ms - 1.0, n)
    return RecordedCell("cell", stimulus, interval_ms, "a.u.", spikes)


@pytest.mark.parametrize("name", RECORDINGS)
def test_shipped_recordings_are_what_their_table_says(name):
    found = shipped_cell(name)
    assert found.spikes.size == {"grasshopper-200": 929, "grasshopper-800": 868}[name]
    assert found.duration_ms == pytest.approx(10_000.0)
    assert found.stimulus.std() == pytest.approx(6.0, abs=0.05)  # dB, as the header says
    period, correlation = repetition_ms(found)
    assert period is None
    assert correlation < 0.2


def test_amplitudes_are_kept_to_a_hundredth_of_a_decibel():
    stored = np.load(sample_data.path("grasshopper-200.stimulus"))
    assert stored.dtype == np.float16
    assert stored[0, 0] == pytest.approx(0.242911, rel=5e-4)


def nwb_of(begin_s, *, timestamps=False, n=3000):
    """An NWB file of a cell, recorded from 1 to 5 s, and a stimulus of 3 s at 1 kHz."""
    values = np.random.default_rng(2).standard_normal(n)
    spikes = np.linspace(1.5, 4.5, 151)

    def fill(file):
        file.attrs["nwb_version"] = "2.7.0"
        units = file.create_group("units")
        for name, array in (
            ("spike_times", spikes),
            ("spike_times_index", [spikes.size]),
            ("id", [7]),
            ("obs_intervals", [[1.0, 5.0]]),
            ("obs_intervals_index", [1]),
        ):
            units.create_dataset(name, data=np.asarray(array))
        sound = file.create_group("stimulus/presentation/sound")
        sound.create_dataset("data", data=values).attrs["unit"] = "V"
        if timestamps:
            sound.create_dataset("timestamps", data=begin_s + np.arange(n) / 1000.0)
        else:
            sound.create_dataset("starting_time", data=begin_s).attrs["rate"] = 1000.0

    return hdf5_bytes(fill), values, spikes


@pytest.mark.parametrize("timestamps", [False, True])
def test_an_nwb_file_gives_stimulus_and_spikes_on_one_clock(timestamps):
    data, values, spikes = nwb_of(2.0, timestamps=timestamps)
    draft = read_measured(data, "cell.nwb", stimuli=True)
    stimulus = draft.data({"part": "stimulus/presentation/sound"})
    found = recorded_cell(draft.data({"part": "units"}), stimulus)
    assert found.name == "7 of cell.nwb"
    assert found.unit == "V"
    assert found.interval_ms == pytest.approx(1.0)
    np.testing.assert_allclose(found.stimulus, values)
    np.testing.assert_allclose(found.spikes, 1000.0 * (spikes[(spikes >= 2.0) & (spikes < 5.0)] - 2.0))


def test_stimuli_are_a_part_only_where_they_are_asked_for():
    data, *_ = nwb_of(2.0)
    assert read_measured(data, "cell.nwb").data().units == ("7",)
    with_stimuli = read_measured(data, "cell.nwb", stimuli=True)
    assert [q.key for q in with_stimuli.questions()] == ["part"]
    timeless = read_measured(nwb_of(np.inf)[0], "cell.nwb", stimuli=True)
    assert timeless.data().units == ("7",)


def test_two_files_have_two_clocks():
    data, *_ = nwb_of(2.0)
    other, *_ = nwb_of(2.5)
    units = read_measured(data, "a.nwb").data()
    stimulus = read_measured(other, "b.nwb", stimuli=True).data({"part": "stimulus/presentation/sound"})
    np.testing.assert_allclose(recorded_cell(units, stimulus).spikes[0], 500.0)


def test_a_stimulus_that_repeats_is_found():
    once = np.random.default_rng(1).standard_normal(700)
    period, correlation = repetition_ms(cell(np.tile(once, 5)))
    assert period == pytest.approx(700.0)
    assert correlation > 0.99
    assert repetition_ms(cell(np.random.default_rng(1).standard_normal(3500)))[0] is None


def test_pieces_average_fine_samples_and_hold_coarse_ones():
    fine = np.arange(40_000) % 4.0
    assert cell(fine, PIECE_MS / 4).pieces() == pytest.approx(np.zeros(10_000))
    coarse = np.repeat(np.random.default_rng(1).standard_normal(2000), 1)
    held = cell(coarse, 1.0).pieces().reshape(-1, 5)
    assert held == pytest.approx(np.repeat(held[:, :1], 5, axis=1))


@pytest.mark.parametrize(
    ("stimulus", "n", "rule"),
    [
        (np.arange(500.0), 200, "must last from 1 to 120 s"),
        (np.ones(2000), 200, "change over time"),
        (np.arange(2000.0), 10, "at least 20 in each half"),
        (
            np.arange(2000.0) * 1e200,
            200,
            r"must be at most 1e\+100 and change by at least 1e-100 \(got 1.999e\+203",
        ),
        (np.arange(2000.0) * 1e-200, 200, "a change of 1.999e-197"),
    ],
)
def test_refusals_say_the_rule(stimulus, n, rule):
    with pytest.raises(DataError, match=rule):
        cell(stimulus, n=n)


def test_own_files_are_read_by_the_readers_of_measured_data():
    times = np.linspace(5, 1995, 100)
    rows = "".join(f"{t:.3f},a\n{t:.3f},b\n" for t in times)
    spikes = read_measured(f"time_ms,unit\n{rows}".encode(), "s.csv").data({"duration_s": 2.0})
    level = "\n".join(f"{t},{1 + t % 7}" for t in range(2000))
    said = {"unit": "Pa", "orientation": "time-rows"}
    stimulus = read_measured(f"time_ms,level\n{level}".encode(), "x.csv").data(said)
    found = recorded_cell(spikes, stimulus, unit="b", in_decibels=True)
    assert found.spikes == pytest.approx(times, abs=1e-3)
    assert found.stimulus[:2] == pytest.approx([0.0, 20 * np.log10(2)])
    with pytest.raises(DataError, match="which unit"):
        recorded_cell(spikes, stimulus)
    with pytest.raises(DataError, match="must hold spike times"):
        recorded_cell(stimulus, stimulus)


def test_an_unknown_recording_names_those_that_there_are():
    with pytest.raises(ParameterError, match="grasshopper-200"):
        shipped_cell("grasshoper")
