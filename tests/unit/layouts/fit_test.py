"""The fit panel: where its marks stand, and what it says."""

from __future__ import annotations

import numpy as np
import pytest

from dtb_app.benchmarks.views import Wire
from engine.fit import METRICS, Score
from layouts.explorer.fit_panel import FitPanel, is_good
from layouts.theme import DARK, LIGHT


def _score(name="fc_r", **changes):
    fields = {
        "name": name,
        "label": "Fit",
        "value": 0.6,
        "unit": "r",
        "n": 3486,
        "n_unit": "pairs",
        "baseline": 0.46,
        "baseline_label": "the wiring alone",
        "ceiling": 0.82,
        "ceiling_label": "one person against others",
        "low": -0.2,
        "high": 1.0,
        "basis": "rates against BOLD",
        "sentence": "They agree.",
    }
    return Score(**{**fields, **changes})


def _shown(score):
    panel = FitPanel(LIGHT)
    panel.update({score.name: score})
    data = panel.data["scores"]
    row = ["fc_r", "rate_in_band", "mean_rate_e", "cv_isi"].index(score.name)
    return panel, {name: column[row] for name, column in data.items()}


def test_all_rows_stand_before_the_first_run():
    data = FitPanel(LIGHT).data["scores"]
    assert len(data["label"]) == 4
    assert all(data["label"])
    assert set(data["n"]) == {"not run yet"}
    assert np.isnan(data["x"]).all()


def test_marks_stand_in_the_order_of_their_values():
    _, row = _shown(_score())
    assert row["base"] < row["x"] < row["ceiling"]
    share = (row["x"] - row["base"]) / (row["ceiling"] - row["base"])
    assert share == pytest.approx((0.6 - 0.46) / (0.82 - 0.46))
    assert np.isnan(row["band_left"])


@pytest.mark.parametrize(
    ("changes", "marker"),
    [
        ({}, "circle"),
        ({"value": 0.3, "interval": (0.2, 0.4)}, "diamond"),
        ({"value": 0.46, "interval": None}, "square"),
        ({"value": 0.48, "interval": (0.4, 0.56)}, "square"),
        ({"value": 0.462, "interval": None}, "square"),
        ({"baseline": None}, "circle"),
        ({"unit": "share", "value": 0.0, "baseline": 0.0, "ceiling": 1.0, "interval": None}, "square"),
        ({"name": "cv_isi", "value": 0.9, "band": (0.7, 1.2), "baseline": 0.95}, "circle"),
        ({"name": "cv_isi", "value": 0.6, "band": (0.7, 1.2), "baseline": 0.5}, "diamond"),
        ({"name": "rate_in_band", "value": 1.0, "baseline": 1.0, "ceiling": 1.0}, "square"),
    ],
)
def test_only_what_is_surely_above_its_baseline_is_good_and_each_verdict_has_a_shape(changes, marker):
    score = _score(**changes)
    assert is_good(score) is (marker == "circle")
    _, row = _shown(score)
    colour = {"circle": LIGHT.good, "diamond": LIGHT.overload, "square": LIGHT.muted}[marker]
    assert (row["colour"], row["marker"]) == (colour, marker)


@pytest.mark.parametrize("hz", [0.04, 9.99, 10.09, 33.34, 333.4])
def test_a_value_is_short_enough_to_stand_beside_its_track(hz):
    panel, row = _shown(_score(unit="Hz", value=hz))
    assert len(row["value"]) <= 8
    assert row["value"] in panel.table_html


def test_the_rows_stand_as_text_too(small_recording):
    panel = FitPanel(LIGHT)
    assert panel.table_html.count("not run yet") == 4
    scores = small_recording.scores()
    panel.update(scores)
    for name in (metric.name for metric in METRICS if metric.in_panel):
        score = scores[name]
        assert f"{score.n:,} {score.n_unit}" in panel.table_html, name


def test_marks_outside_the_axis_stand_at_its_end():
    _, row = _shown(_score(value=5.0, interval=(-3.0, 6.0)))
    assert row["x"] == row["to"]
    _, low = _shown(_score(value=-4.0))
    assert low["x"] == row["from"] < row["base"]


def test_a_score_that_cannot_be_said_says_why():
    words = "Too few regions: at least 4 must be picked (now 1)."
    panel, row = _shown(_score(value=None, baseline=None, n=0, sentence=words))
    assert row["why"] == "Too few regions"
    assert row["value"] == "–"
    assert np.isnan(row["x"])
    assert panel.sentence == words
    assert not is_good(_score(value=None))


@pytest.mark.parametrize(
    ("unit", "value", "text"), [("share", 0.714, "71 %"), ("Hz", 2.4, "2.40 Hz"), ("1", 0.9, "0.90")]
)
def test_values_have_their_unit(unit, value, text):
    assert _shown(_score(unit=unit, value=value, baseline=None))[1]["value"] == text


@pytest.mark.parametrize(
    ("value", "side"), [(0.3, "below"), (0.461, "no more than"), (0.459, "no more than"), (0.6, "above")]
)
def test_the_sentence_calls_equal_what_prints_equal(value, side):
    panel, _ = _shown(_score(value=value))
    assert f"r = {value:.2f} over 3,486 pairs, {side} the 0.46" in panel.sentence
    assert len(panel.sentence) <= 170


def test_scores_of_a_run_fill_every_row(small_recording):
    panel = FitPanel(LIGHT)
    scores = small_recording.scores()
    panel.update(scores)
    data = panel.data["scores"]
    for row, name in enumerate(("fc_r", "rate_in_band", "mean_rate_e", "cv_isi")):
        score = scores[name]
        assert data["sentence"][row] == score.sentence
        assert data["n"][row] == f"{score.n:,} {score.n_unit}"
        assert np.isnan(data["x"][row]) == (score.value is None)
    assert len(panel.sentence) <= 170


def test_only_what_changed_is_sent(small_recording):
    panel = FitPanel(LIGHT)
    wire = Wire(panel.figure)
    scores = small_recording.scores()
    panel.update(scores)
    assert 0 < wire.take() < 8_000
    panel.update(scores)
    assert wire.take() == 0
    panel.update({**scores, "cv_isi": _score("cv_isi", value=0.5)})
    assert 0 < wire.take() < 8_000


def test_a_theme_changes_the_colours_in_place(small_recording):
    panel = FitPanel(LIGHT)
    panel.update(small_recording.scores())
    kept = {k: list(v) for k, v in panel.data["scores"].items() if k in ("value", "n", "sentence")}
    panel.restyle(DARK)
    assert set(panel.data["scores"]["colour"]) <= {DARK.good, DARK.overload, DARK.muted}
    assert kept == {k: list(panel.data["scores"][k]) for k in kept}
    assert panel.figure.select_one("tracks").glyph.line_color == DARK.track
