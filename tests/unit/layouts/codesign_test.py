"""The views of the Co-design page: full before anything is known, and true to what is."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.models import HoverTool

from dtb_app.controls.term_table import term_rows
from engine import Scenario
from engine.codesign import COSTS, DISTANCE, KNOBS, MEASURES, TradeOff, standing_of
from engine.codesign.attribution import Attribution, Cost
from engine.codesign.calibration import Calibration, HeldOut
from engine.codesign.calibration_state import CalibrationState
from engine.codesign.trade_off import Point
from engine.codesign.validation import Validation
from engine.model.chip_terms import TERMS
from engine.tuning.student import StudentFit, StudentFits
from layouts.codesign.front import Front
from layouts.codesign.objective import Objective
from layouts.codesign.scores import StudentScores
from layouts.codesign.surviving_fit import SurvivingFit
from layouts.codesign.tornado import Tornado
from layouts.explorer.run_table import run_name
from layouts.theme import DARK, LIGHT


def validation() -> Validation:
    standings = {name: standing_of(m, [0.2, 0.4], [0.1, 0.1], 1.0, 0.01, 7) for name, m in MEASURES.items()}
    return Validation(Scenario(), ("L.HI",), standings, {}, (1, 2), (7, 8), 240, {})


def attribution() -> Attribution:
    costs = (
        Cost("leak", 0.5, 0.1, 0.3, 0.1),
        Cost("drift", 0.2, 0.0, -0.1, 0.2),
        Cost("bus", 0.0, 0.0, 0.0, 0.0),
    )
    return Attribution(
        Scenario(), ("L.HI",), {DISTANCE: costs}, {DISTANCE: 0.1}, {DISTANCE: 1.5}, {}, (7,), (1, 2), ("bus",)
    )


def trade() -> TradeOff:
    points = tuple(
        Point(
            Scenario(),
            bits,
            mismatch,
            "auto",
            10 / bits * mismatch,
            0.1,
            {**dict.fromkeys(COSTS, 1.0), "weight_kbit": float(bits)},
        )
        for mismatch in (1.0, 2.0)
        for bits in (2, 6)
    )
    refused = Point(Scenario(), 8, 1.0, 4, np.inf, 0.0, {}, "analog.max_chips: too few.")
    return TradeOff(Scenario(), (*points, refused), (7,), (1, 2))


def student(regions: str, mode: str, r: float | None, in_the_loop: bool = False) -> StudentFit:
    n = 2 if regions else 0
    return StudentFit(regions, n, mode, in_the_loop, r, 0.6, 0.9, 4.0, 3.5, 4.5, 6.5)


def students() -> StudentFits:
    return StudentFits(
        title="A twin",
        command="made by hand",
        scenario_digest="d",
        connectome_sha256="c",
        chip_seed=7,
        noise_seed=11,
        n_pairs=3486,
        tune_minutes=10.0,
        judge_minutes=10.0,
        wiring=0.45,
        linear=0.5,
        teacher=student("", "ideal", 0.8),
        teacher_tuned_on=student("", "ideal", 0.85, True),
        students=[
            student("hippocampi", "calibrated", 0.7),
            student("hippocampi", "uncalibrated", 0.3),
            student("hippocampi", "uncalibrated", 0.6, True),
            student("all regions", "ideal", None),
        ],
        versions={"engine": "1"},
    )


VIEWS = [SurvivingFit, StudentScores, Tornado, Objective, lambda theme: Front(theme, lambda k: None)]


@pytest.mark.parametrize("make", VIEWS)
def test_before_anything_is_known_a_view_says_what_it_will_show(make):
    view = make(LIGHT)
    assert view.sentence.startswith("Not run yet: it ")
    assert view.caption
    view.restyle(DARK)
    document = Document()
    document.add_root(view.figure)
    sent = str(document.to_json())
    assert DARK.muted in sent
    assert LIGHT.muted not in sent


def test_rows_stand_before_the_first_score():
    rows = StudentScores(LIGHT).data["measures"]
    assert rows["label"] == [m.label for m in MEASURES.values()]
    assert set(rows["said"]) == {"–"}
    assert Tornado(LIGHT).data["terms"]["label"][0] == "Weight quantisation"


def test_a_score_stands_at_its_floors_and_says_its_grade_without_colour():
    view = StudentScores(LIGHT)
    view.update(validation())
    rows = view.data["measures"]
    i = list(MEASURES).index("isi_ks")
    assert rows["said"][i] == "3.00"
    assert rows["grade"][i] == "beyond"
    assert rows["marker"][i] == "diamond"
    assert rows["from"][i] < rows["x"][i] < rows["to"][i]
    assert "n = 7 intervals" in rows["numbers"][i]
    # 3 of the 5 floors that the track holds; a baseline of 10 floors stands at its end
    assert rows["x"][i] == pytest.approx(38 + 35 * 3 / 5)
    assert rows["base"][i] == pytest.approx(73)


def test_terms_have_the_names_that_describe_them_and_their_keys_in_the_hover():
    view = Tornado(LIGHT)
    labels = {t.label for t in TERMS.values()}
    assert len(labels) == len(TERMS)
    assert set(view.data["terms"]["label"]) <= labels
    view.update(attribution())
    assert view.data["terms"]["label"] == ["Leak", "Drift from run to run"]
    assert view.data["terms"]["key"] == ["analog.terms.leak", "analog.terms.drift"]
    assert "@key" in view.figure.select_one(HoverTool).tooltips
    assert "save leak 0.30" in view.sentence
    rows = {row["key"]: row["name"] for row in term_rows(Scenario())}
    assert rows["analog.terms.exc_gain"] == "Excitatory gain" == TERMS["exc_gain"].label
    changed = Scenario().with_values({"analog.terms.exc_gain": 0})
    assert run_name(Scenario(), changed) == "excitatory gain 1 → 0"


def test_the_tornado_leaves_out_what_did_nothing():
    view = Tornado(LIGHT)
    view.update(attribution())
    assert view.data["terms"]["label"] == ["Leak", "Drift from run to run"]
    assert "leak 0.30±0.10" in view.sentence
    assert "Without effect here: 1 term." in view.sentence
    assert view.figure.x_range.start < -0.3 < 0 < view.figure.x_range.end


def test_the_objective_falls_and_ends_with_what_it_was_worth():
    view = Objective(LIGHT)
    n = len(KNOBS)
    state = CalibrationState("d", 2.0, [], [], 2.0, [[[0.1] * n, [0.2] * n]], [[1.5, 1.7]])
    view.update(state, 18)
    rounds = {"n": [0, 1, 3], "median": [2.0, 2.0, 1.6], "best": [2.0, 2.0, 1.5]}
    assert view.data["generations"] == rounds
    assert "3 of 18 students tried: the best lies 1.50 floors" in view.sentence
    held = HeldOut(("a", "b"), (2.0, 2.0), (1.0, 1.0))
    found = Calibration(Scenario(), Scenario(), state, True, held, held, held, held, 0.9, {})
    view.update(state, 18, found)
    assert "held-out conditions the error falls by a factor of 2.00 ± 0.00" in view.sentence


def test_a_front_that_is_no_better_says_so():
    held = HeldOut(("a", "b"), (1.0, 1.0), (1.1, 1.0))
    state = CalibrationState("d", 2.0)
    found = Calibration(Scenario(), Scenario(), state, True, held, held, held, held, 0.9, {})
    assert "the fit is no better: factor 0.95" in found.sentence


def test_designs_are_points_and_a_click_names_one():
    picked: list[int] = []
    view = Front(LIGHT, picked.append)
    view.update(trade(), "weight_kbit")
    data = view.data["designs"]
    # mismatch 1 is the front and drawn last; a click still names the design by its own place
    assert list(data["x"]) == [2.0, 6.0, 2.0, 6.0]
    assert data["marker"] == ["square", "square", "circle", "circle"]
    assert data["colour"] == [LIGHT.panel, LIGHT.panel, LIGHT.analog, LIGHT.analog]
    assert data["text"] == ["2", "6", "2", "6"]
    clicked = view.figure.select_one("designs").data_source.selected
    clicked.indices = [3]
    assert picked == [1]
    clicked.indices = []
    clicked.indices = [0, 2]  # in one place: the one that is drawn last
    assert picked == [1, 0]
    view.update(trade(), "area")
    assert clicked.indices == []
    assert "estimate" in view.figure.xaxis.axis_label


def test_a_fit_on_the_chip_stands_between_its_baselines_and_its_teacher():
    view = SurvivingFit(LIGHT)
    view.update(students())
    rows, bars = view.data["students"], view.data["bars"]
    assert rows["set"] == ["All digital", "Hippocampi", "", "All regions"]
    assert rows["said"] == ["0.80 → 0.85", "0.70", "0.30 → 0.60", "n/a"]
    np.testing.assert_array_equal(rows["y"], [3, 2, 1, 0])
    np.testing.assert_allclose(rows["x"][:3], 44 + 44 * np.array([0.8, 0.7, 0.3]))
    np.testing.assert_allclose(rows["loop"], [44 + 44 * 0.85, np.nan, 44 + 44 * 0.6, np.nan])
    np.testing.assert_allclose(bars["x"], 44 + 44 * np.array([0.45, 0.5, 0.8]))
    assert rows["colour"][0] == LIGHT.digital != rows["colour"][1]


def test_the_sentence_names_the_worst_student_and_the_trivial_baselines():
    found = students()
    view = SurvivingFit(LIGHT)
    view.update(dataclasses.replace(found, students=found.students[:3]))
    assert view.sentence == (
        "All digital 0.80, the wiring alone 0.45, linear noise 0.50. Least survives of hippocampi on an "
        "uncalibrated chip: 0.30; tuned on with the chip 0.60."
    )
    assert "over 3,486 pairs in 10 min" in view.source
