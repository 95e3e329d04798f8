"""Weights before and now, and their drift, as a run reports them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from bokeh.document import Document

from engine import Simulation, preset
from layouts.explorer.weights import (
    ProjectionWeights,
    WeightHistogram,
    drift_of,
    frozen_words,
    projections_of,
)
from layouts.lines import Lines
from layouts.theme import DARK, LIGHT

RULES = {
    "plasticity": [
        {"source": "L.HI", "target": "L.TH", "learning_rate": 0.05, "w_max": 1.5},
        {"source": "L.TH", "target": "L.HI"},
    ],
    "inhibitory_plasticity": [{"region": "L.TH", "learning_rate": 0.05}],
}


@pytest.fixture(scope="module")
def learned():
    """L.TH is digital, L.HI analog."""
    return Simulation(preset("two-regions").with_values({"duration": 600.0, **RULES})).run()


def test_each_projection_has_its_name_unit_and_backend(learned):
    digital, inhibitory, chip = projections_of(learned)
    assert digital.label == "L.HI → L.TH, E to E"
    assert inhibitory.label == "L.TH → L.TH, I to E"
    assert chip.label == "L.TH → L.HI, E to E"
    assert [one.backend for one in (digital, inhibitory, chip)] == ["digital", "digital", "analog"]
    assert digital.unit == "of a full static synapse"
    assert chip.unit == "of the chip's largest code"
    assert (digital.largest, chip.largest) == (1.5, 1.0)
    assert digital.before.sum() == pytest.approx(100.0)
    assert digital.time_s[-1] == 0.6


def test_a_run_of_an_older_version_shows_nothing(learned):
    reports = {
        name: {**report, "plastic": [{"source": "L.TH", "target": "L.HI", "synapses": 3}]}
        for name, report in learned.reports.items()
    }
    assert projections_of(replace(learned, reports=reports)) == []


def test_bars_are_now_and_the_outline_is_the_start(learned):
    one, view = projections_of(learned)[0], WeightHistogram(LIGHT)
    assert not view.figure.legend[0].visible
    view.show(one)
    assert view.data["now"]["now"] is one.now
    assert view.data["now"]["right"][-1] == 1.5
    assert view.data["before"]["share"][1:-1:2] == pytest.approx(one.before)
    assert np.any(one.before != one.now)
    assert view.figure.xaxis.axis_label == "weight [of a full static synapse]"
    assert view.figure.legend[0].visible
    bars, outline = (view.figure.select_one({"name": name}).glyph for name in ("now", "before"))
    assert (bars.fill_color, outline.line_color) == (LIGHT.digital, LIGHT.ink)
    assert outline.line_dash == [5, 3]
    assert view.figure.y_range.end > max(one.now.max(), one.before.max())
    view.show(projections_of(learned)[2])
    assert bars.fill_color == LIGHT.analog


def test_the_drift_is_the_median_in_a_band_over_seconds(learned):
    one, view = projections_of(learned)[0], Lines(LIGHT, "drift", "Nothing yet.")
    drift_of(view, one)
    assert list(view.data["lines"]["x"][0]) == [0.0, 0.2, 0.4, 0.6]
    assert view.data["lines"]["y"][0] is one.median
    assert list(view.data["bands"]["y"][0]) == [*one.low, *one.high[::-1]]
    assert view.figure.xaxis.axis_label == "biological time [s]"
    assert view.figure.yaxis.axis_label == "weight [of a full static synapse]"


def test_the_sentence_has_the_numbers_of_both_ends(learned):
    one = projections_of(learned)[0]
    assert f"{one.n:,} synapses" in one.sentence
    assert f"{one.median[0]:.3f} ({one.low[0]:.3f} to {one.high[0]:.3f})" in one.sentence
    assert f"{one.median[-1]:.3f} ({one.low[-1]:.3f} to {one.high[-1]:.3f}) after 0.6 s" in one.sentence


def test_it_says_when_learning_was_off(learned):
    def off(changes, learns=True):
        scenario = learned.scenario.with_values({"network.learning": learns})
        said = [{"time_ms": t, "learning": on} for t, on in changes]
        return frozen_words(replace(learned, scenario=scenario, live_changes=tuple(said)))

    assert off([]) == ""
    twice = off([(100, 0.0), (250, 1.0), (400, 0.0)])
    assert twice == "Learning was off from 0.1 to 0.25 s, from 0.4 to 0.6 s."
    assert off([(300, 1.0)], learns=False) == "Learning was off from 0 to 0.3 s."
    assert off([(0, 0.0), (0, 1.0)]) == ""


def test_restyled_it_has_no_colour_of_the_other_theme(learned):
    view, document = WeightHistogram(LIGHT), Document()
    view.show(projections_of(learned)[0])
    document.add_root(view.figure)
    view.restyle(DARK)
    text = json.dumps(document.to_json(deferred=False))
    light, dark = ({t.panel, t.ink, t.muted, t.line, t.digital, t.analog} for t in (LIGHT, DARK))
    assert [colour for colour in light - dark if colour in text] == []
    assert DARK.digital in text


def test_what_a_report_lacks_is_not_made_up():
    with pytest.raises(KeyError):
        ProjectionWeights.of({"synapses": 1})
