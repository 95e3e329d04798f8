"""The section Animal: opens with the stored comparison, shows what is chosen, and makes it again."""

from __future__ import annotations

import base64
import time
from types import SimpleNamespace

import numpy as np
import pytest

import sample_data
from dtb_app.pages.fit.animal import section
from dtb_app.pages.fit.animal.section import AnimalSection
from dtb_app.session.session import Session
from dtb_app.work.services import Services
from engine.errors import DataError
from engine.recorded.stored import read_comparisons
from engine.whole_files import hdf5_bytes
from layouts.theme import DARK, LIGHT


@pytest.fixture
def tools():
    return SimpleNamespace(
        session=Session("two-regions"),
        services=Services(1),
        theme=lambda: LIGHT,
        later=lambda handler: handler,
        choose_file=lambda accept: None,
    )


@pytest.fixture
def page(tools):
    page = AnimalSection(tools)
    yield page
    page.close()


@pytest.fixture(scope="module")
def stored():
    return {c.neuron: c for c in read_comparisons(sample_data.path("animal")).comparisons}


def wait_for(page):
    end = time.monotonic() + 20
    while page.is_working and time.monotonic() < end:
        page.tick()
        time.sleep(0.02)
    assert not page.is_working


def test_it_opens_with_the_stored_answer(page, stored):
    assert page.said["answer"] == stored["adex"].answer
    assert "software model" in page.said["origin"]
    assert page.cards["scores"].said == stored["adex"].ceiling_words
    spikes = page.views["excerpt"].data
    assert list(spikes["animal"]["x"]) == list(stored["adex"].excerpt.recorded)
    assert len(spikes["digital"]["x"]) > 6


def test_another_neuron_has_its_own_answer_and_pictures(page, stored):
    before = list(page.views["sta"].data["digital"]["y"])
    page.choose(neuron="LIF")
    assert page.said["answer"] == stored["lif"].answer
    assert list(page.views["sta"].data["digital"]["y"]) != before


def test_what_is_not_known_is_not_shown_as_if_it_were(page):
    page.choose(recording="grasshopper-800")
    assert page.said["answer"].startswith("Not compared yet")
    assert not len(page.views["excerpt"].data["animal"]["x"])
    assert not len(page.views["scores"].data["digital"]["y"])


def test_it_is_made_again_where_it_was_asked_for(page, stored, monkeypatch):
    asked = []

    def made(cell, neuron, progress):
        asked.append((cell.name, neuron))
        return stored["lif"]

    monkeypatch.setattr(section, "compare", made)
    page.choose(recording="grasshopper-800")
    page.press("start")
    assert page.is_working
    wait_for(page)
    assert asked == [("Auditory receptor of a grasshopper, sound envelope up to 800 Hz", "adex")]
    assert page.said["answer"] == stored["lif"].answer


def test_a_cancelled_job_leaves_what_was_shown(page, stored, monkeypatch):
    def endless(cell, neuron, progress):
        while True:
            progress(0.5, "fitting")
            time.sleep(0.01)

    monkeypatch.setattr(section, "compare", endless)
    page.press("start")
    page.press("cancel")
    wait_for(page)
    assert page.said["answer"] == stored["adex"].answer


def test_a_broken_file_is_a_sentence(tools, monkeypatch):
    def broken(path):
        raise DataError("animal.json: must be whole (got half).")

    monkeypatch.setattr(section, "read_comparisons", broken)
    page = AnimalSection(tools)
    assert page.said["origin"] == "Nothing is stored: animal.json: must be whole (got half)."


def test_measured_and_simulated_differ_by_more_than_colour(page):
    for theme in (LIGHT, DARK):
        page.restyle(theme)
        for name in ("sta", "coherence", "excerpt"):
            marks = {m.name: m.glyph for m in page.views[name].figure.renderers if m.name}
            dashes = [tuple(marks[k].line_dash) for k in ("animal", "digital", "chip")]
            assert len(set(dashes)) == 3, name


def sent(**files):
    """Files as a browser sends them."""
    one, *others = (
        {"name": name.replace("_", "."), "size": len(data), "data": base64.b64encode(data).decode()}
        for name, data in files.items()
    )
    return {**one, "beside": others}


def csv_files():
    random = np.random.default_rng(1)
    times = np.sort(random.uniform(0, 2000, 120))
    spikes = "time,unit\n" + "".join(f"{t:.2f},{'ab'[k % 2]}\n" for k, t in enumerate(times))
    values = "".join(f"{v:.4f}\n" for v in random.standard_normal(2000))
    return spikes.encode(), values.encode()


def test_an_own_recording_is_asked_about_and_compared(page, stored, monkeypatch):
    asked = []

    def made(cell, neuron, progress):
        asked.append((cell.name, cell.duration_ms, cell.spikes.size, neuron))
        return stored["lif"]

    monkeypatch.setattr(section, "compare", made)
    spikes, stimulus = csv_files()
    assert page.take_file(sent(s_csv=spikes))
    wait_for(page)
    assert "Stimulus: still missing" in page.said["own"]
    assert page.control("read_spikes").is_shown
    assert not page.control("use").is_shown
    page.take_file(sent(x_csv=stimulus))
    wait_for(page)
    page.choose(spikes_time_unit="ms", spikes_duration_s="2")
    page.press("read_spikes")
    wait_for(page)
    assert page.control("unit").is_shown
    page.choose(stimulus_interval_s="0.001", stimulus_unit="a.u.", stimulus_orientation="time-rows")
    page.press("read_stimulus")
    wait_for(page)
    assert "s.csv: 120 spikes" in page.said["own"]
    page.choose(unit="b")
    page.press("use")
    assert page.values["recording"] == "own"
    assert page.said["answer"].startswith("Not compared yet")
    assert page.said["origin"] == "Own recording: b of s.csv"
    page.press("start")
    wait_for(page)
    assert asked == [("b of s.csv", 2000.0, 60, "adex")]
    assert page.said["answer"] == stored["lif"].answer
    page.choose(unit="a")
    page.press("use")
    assert page.said["answer"].startswith("Not compared yet")


def test_one_nwb_file_holds_both(page):
    times, values = np.linspace(0.1, 1.9, 91), np.random.default_rng(1).standard_normal(2000)

    def fill(file):
        file.attrs["nwb_version"] = "2.7.0"
        for name, array in (
            ("spike_times", times),
            ("spike_times_index", [times.size]),
            ("obs_intervals", [[0.0, 2.0]]),
            ("obs_intervals_index", [1]),
        ):
            file.create_dataset(f"units/{name}", data=np.asarray(array))
        data = file.create_dataset("stimulus/presentation/current/data", data=values)
        data.attrs["unit"] = "nA"
        start = file.create_dataset("stimulus/presentation/current/starting_time", data=0.0)
        start.attrs["rate"] = 1000.0

    page.take_file(sent(cell_nwb=hdf5_bytes(fill)))
    wait_for(page)
    assert "91 spikes" in page.said["own"]
    page.press("use")
    assert page.values["recording"] == "own"
    assert page._cell.unit == "nA"
    assert page._cell.spikes.size == 91


def test_what_is_no_recording_is_one_sentence_and_changes_nothing(page):
    spikes, stimulus = csv_files()
    for files, sentence in (
        ({"s_csv": spikes, "t_csv": spikes}, "one of spike times and one of the stimulus (got spikes"),
        ({"x_csv": b"{}"}, "x.csv: must be a table"),
        ({"x_csv": b""}, "x.csv: must not be empty and at most"),
    ):
        page.take_file(sent(**files))
        wait_for(page)
        assert sentence in page.said["own"]
    assert page._own.spikes is None
    page.take_file(sent(s_csv=spikes, x_csv=stimulus))
    wait_for(page)
    page.choose(spikes_time_unit="s", spikes_duration_s="2")
    page.press("read_spikes")
    wait_for(page)
    assert page.said["own"].startswith("s.csv")
    assert page._own.spikes.data is None
    page.press("drop")
    assert "Own recording: drop spike times" in page.said["own"]
    assert page.values["recording"] == "grasshopper-200"
