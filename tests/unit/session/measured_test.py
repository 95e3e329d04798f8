"""Measured data of a visitor: asked about, refused, matched, left out, and taken as a target."""

from __future__ import annotations

import numpy as np
import pytest

from dtb_app.session.measured import Measured, OwnData
from dtb_app.session.session import Session
from engine import EngineError, load_connectome
from engine.brain.connectome import read_connectome
from engine.errors import DataError, ParameterError
from engine.fit.measured import fc_of, read_measured
from engine.fit.measured.example import SIMULATED_BOLD, connectome_fc_file, simulated_bold_file
from tests.measured_files import LABELS, signals, text_of, zip_of

DK84 = load_connectome("dk84")
THREE = read_connectome(b",x,y,z\nx,0,1,2\ny,1,0,3\nz,2,3,0\n", "three.csv")
SAID = {"unit": "%", "interval_s": 0.72}


def own(values, header=LABELS, answers=SAID, name="mine.csv", connectome=DK84) -> OwnData:
    return OwnData.of(read_measured(text_of(values, header), name), connectome, answers)


def test_a_file_is_asked_about_and_opens_once_everything_is_said():
    held = Measured()
    before = own(signals(), name="before.csv")
    assert held.take(before)
    asked = own(signals(seed=2), answers={})
    assert [q.key for q in asked.questions] == ["interval_s", "unit"]
    assert not held.take(asked)
    assert (held.at_hand, held.opened) == (asked, before)
    half = asked.answered({"unit": "%"})
    assert half.is_open
    assert [q.key for q in half.questions] == ["interval_s", "unit"]
    assert held.take(half.answered({"interval_s": 2.0}))
    assert held.asked is None
    assert held.opened.data.interval_s == 2.0
    assert held.opened.matching.n_matched == 5


def test_what_is_dropped_leaves_what_was_open():
    held = Measured()
    before = own(signals())
    held.take(before)
    held.take(own(signals(), answers={}))
    held.drop()
    assert held.at_hand is before


@pytest.mark.parametrize("answers", [{"unit": "%", "interval_s": 1e9}, {"unit": "", "interval_s": 1.0}])
def test_an_answer_that_cannot_be_changes_nothing(answers):
    asked = own(signals(), answers={})
    with pytest.raises(ParameterError):
        asked.answered(answers)
    assert asked.answers == {}


def test_regions_that_stand_in_the_way_can_be_left_out():
    values = signals(60, 7)
    values[:, 1] = 3.0
    values[4, 6] = np.nan
    names = (*LABELS, "R.HI", "R.SFG")
    asked = own(values, names)
    assert "every region must change over time (got 'L.HI' constant)" in asked.trouble or "finite" in (
        asked.trouble
    )
    assert asked.unusable == ("L.HI", "R.SFG")
    assert not Measured().take(asked)
    found = asked.without_unusable()
    assert found.data.labels == ("L.TH", "L.SFG", "L.PCAL", "R.TH", "R.HI")
    np.testing.assert_array_equal(found.data.values, values[:, [0, 2, 3, 4, 5]])


def test_of_a_matrix_the_regions_that_were_never_measured_are_left_out():
    fc = np.corrcoef(signals(60, 7), rowvar=False)
    fc[2, :] = fc[:, 2] = np.nan
    fc[5, :] = fc[:, 5] = 0.0
    np.fill_diagonal(fc, 1.0)
    names = (*LABELS, "R.HI", "R.SFG")
    draft = read_measured(text_of(fc, ("region", *names), names), "fc.csv")
    asked = OwnData.of(draft, DK84)
    assert asked.unusable == ("L.SFG", "R.HI")
    assert asked.without_unusable().data.labels == ("L.TH", "L.HI", "L.PCAL", "R.TH", "R.SFG")


def test_too_few_regions_left_are_refused():
    values = signals()
    values[:, 1] = values[:, 2] = 0.0
    with pytest.raises(DataError, match="every region must change over time"):
        own(values)


def test_regions_are_matched_by_hand_and_a_label_moves_to_whom_it_is_given():
    found = own(signals(), ("L.TH", "L.HI", "L.SFG", "somewhere", "else"))
    assert [row.ours for row in found.matching.rows] == ["L.TH", "L.HI", "L.SFG", None, None]
    moved = found.matched("somewhere", "L.PCAL").matched("else", "L.PCAL")
    assert [row.ours for row in moved.matching.rows] == ["L.TH", "L.HI", "L.SFG", None, "L.PCAL"]
    without = moved.matched("L.TH", None)
    assert without.matching.n_matched == 3
    with pytest.raises(ParameterError, match="must end in a region of dk84"):
        moved.matched("else", "nowhere")
    again = moved.answered({"interval_s": 2.0})
    assert [row.ours for row in again.matching.rows] == [row.ours for row in moved.matching.rows]


def test_near_names_count_once_they_are_accepted():
    found = own(signals(), ("ctx-lh-cuneuss", *LABELS[1:]))
    assert found.matching.rows[0].proposal == "L.CU"
    assert found.with_nearest().matching.rows[0].ours == "L.CU"


def test_names_of_the_connectome_can_be_taken_where_the_file_has_none():
    found = own(signals(40, 84), (), {**SAID, "orientation": "time-rows"})
    assert found.can_take_names
    named = found.answered({"labels": DK84.labels})
    assert named.matching.n_matched == 84
    assert not named.can_take_names


def test_data_of_another_atlas_stay_and_can_be_no_target():
    held = Measured()
    held.take(own(signals(), ("a", "b", "c", "d", "e")))
    with pytest.raises(DataError, match="must share at least 4 regions with the connectome"):
        held.use_as_target()
    assert held.opened.data.n_regions == 5
    assert held.target is None


def test_a_target_stands_in_the_order_of_the_connectome_and_outlives_a_refusal():
    held = Measured()
    held.take(own(signals()))
    target = held.use_as_target()
    places = [DK84.index(label) for label in LABELS]
    np.testing.assert_array_equal(target.matrix[np.ix_(places, places)], fc_of(held.opened.data))
    assert np.isfinite(target.matrix).sum() == 25
    assert (target.name, target.labels) == ("mine.csv", DK84.labels)
    assert held.target_for(DK84) is target
    assert held.target_for(THREE) is None
    held.take(held.opened.onto(THREE))
    with pytest.raises(DataError):
        held.use_as_target()
    assert held.target is target
    held.clear_target()
    assert held.target is None


def test_another_connectome_asks_for_another_matching():
    found = own(signals(), ("L.TH", "x", "y", "c", "d")).matched("c", "L.HI")
    assert found.onto(DK84) is found
    other = found.onto(THREE)
    assert [row.ours for row in other.matching.rows] == [None, "x", "y", None, None]


def test_one_part_of_several_is_chosen_and_can_be_changed():
    data = zip_of({"a.npy": _npy(signals(40, 5)), "b.npy": _npy(signals(30, 6))})
    asked = OwnData.of(read_measured(data, "two.npz"), DK84)
    assert [q.key for q in asked.questions] == ["part"]
    first, second = (answer for answer, _ in asked.questions[0].choices)
    chosen = asked.answered({"part": first})
    assert [q.key for q in chosen.questions] == ["part", "orientation", "interval_s", "unit"]
    whole = chosen.answered({**SAID, "orientation": "time-rows"})
    assert whole.data.n_regions == 5
    other = whole.answered({"part": second})
    assert other.is_open
    assert other.answers == {"part": second}


def _npy(values) -> bytes:
    from tests.measured_files import npy_of

    return npy_of(values)


def test_every_visitor_has_a_holder_of_their_own():
    one, other = Session("two-regions"), Session("two-regions")
    one.measured.take(own(signals()))
    assert other.measured.opened is None


def test_the_examples_open_and_say_what_they_are():
    name, data = connectome_fc_file(DK84)
    fc = OwnData.of(read_measured(data, name), DK84)
    assert fc.data.words == "functional connectivity of 84 regions"
    np.testing.assert_allclose(fc.measured_fc().matrix, DK84.fc_matrix + np.eye(84), atol=1e-6)
    with pytest.raises(DataError, match="must have measured functional connectivity"):
        connectome_fc_file(THREE)
    name, data = simulated_bold_file(DK84, 40)
    assert name == SIMULATED_BOLD
    assert "simulated" in name
    asked = OwnData.of(read_measured(data, name), DK84)
    assert [q.key for q in asked.questions] == ["unit"]
    bold = asked.answered({"unit": "%", "signal": "bold"}).data
    assert (bold.values.shape, bold.interval_s, bold.labels) == ((40, 84), 0.72, DK84.labels)
    assert 0.05 < bold.values.mean() < 2.0
    assert simulated_bold_file(DK84, 40) == (name, data)


def test_without_a_file_there_is_no_target():
    with pytest.raises(EngineError, match="Open a file first"):
        Measured().use_as_target()
