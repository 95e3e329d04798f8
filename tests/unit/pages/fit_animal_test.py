"""The section Animal: opens with the stored comparison, shows what is chosen, and makes it again."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

import sample_data
from dtb_app.pages.fit.animal import section
from dtb_app.pages.fit.animal.section import AnimalSection
from dtb_app.session.session import Session
from dtb_app.work.services import Services
from engine.errors import DataError
from engine.recorded.stored import read_comparisons
from layouts.theme import DARK, LIGHT


@pytest.fixture
def tools():
    return SimpleNamespace(
        session=Session("two-regions"),
        services=Services(1),
        theme=lambda: LIGHT,
        later=lambda handler: handler,
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
