"""A trial: what is asked, what a scorecard holds, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from engine.errors import DataError, ParameterError
from engine.registry import at
from engine.twin.trial import (
    PARTS,
    TWINS,
    Summary,
    TwinPart,
    mean_interval,
    read_scorecard,
    run_trial,
    summaries,
    write_scorecard,
)
from engine.twin.trial.registry import TwinPreset
from sample_data import path


def toy(trial):
    """A part that says what it was asked."""
    trial.progress(1.0, "done")
    return {"patients": trial.patients, "seed": trial.seed, "regions": trial.connectome.n_regions}


def toy_told(found):
    """In words."""
    return Summary("Asked.", ("what",), ((str(found["patients"]),),))


@pytest.fixture
def toys():
    """A part and a preset that asks for it."""
    part = TwinPart("toy", "Toy", "Is it asked?", f"{__name__}:toy", f"{__name__}:toy_told")
    with PARTS.also(part), TWINS.also(TwinPreset("two-regions", "Toy", ("toy",), patients=3)):
        yield


def test_a_part_is_asked_and_told(toys):
    card = run_trial("two-regions", seed=5)
    assert card["toy"] == {"patients": 3, "seed": 5, "regions": card["toy"]["regions"]}
    assert card["use"] == "For research and teaching, not for clinical use."
    assert summaries(card)["toy"].rows == (("3",),)


def test_what_a_preset_does_not_run_is_absent(toys):
    assert set(run_trial("two-regions")) & set(PARTS.names) == {"toy"}
    assert "toy" not in run_trial("two-regions", parts=())


def test_a_scorecard_comes_back_from_its_file(toys, tmp_path):
    card = run_trial("two-regions", patients=2)
    write_scorecard(tmp_path / "scorecard.json", card)
    assert read_scorecard(tmp_path / "scorecard.json") == json.loads(json.dumps(card))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"patients": 0}, "twin.patients: must be from 1 to 100 (got 0)."),
        ({"patients": 101}, "twin.patients: must be from 1 to 100 (got 101)."),
        ({"seed": -1}, "twin.seed: must be from 0 to 2147483647 (got -1)."),
    ],
)
def test_what_cannot_be_asked_is_refused(toys, values, said):
    with pytest.raises(ParameterError) as refused:
        run_trial("two-regions", **values)
    assert str(refused.value) == said


def test_a_preset_without_a_twin_is_refused_by_name():
    with pytest.raises(ParameterError, match="preset of a twin: must be a known one"):
        run_trial("hub-lesion")


@pytest.mark.parametrize("content", ["", "[]", '{"preset": "hub-lesion"}', '{"preset": NaN}', "{" * 99_999])
def test_another_file_is_no_scorecard(tmp_path, content):
    (tmp_path / "scorecard.json").write_text(content)
    with pytest.raises(DataError):
        read_scorecard(tmp_path / "scorecard.json")


@pytest.mark.parametrize("name", TWINS.names)
def test_the_shipped_scorecards_are_told_in_full(name):
    card = read_scorecard(path(f"twin.{name}"))
    assert card["patients"] == TWINS[name].patients
    assert set(TWINS[name].parts) <= set(card)
    for summary in summaries(card).values():
        assert summary.sentence
        assert {len(row) for row in summary.rows} == {len(summary.columns)}
    assert "NaN" not in json.dumps(card)


def test_every_part_names_functions_that_are_there():
    for part in PARTS:
        assert callable(at(part.place))
        assert callable(at(part.told))


def test_the_interval_of_a_mean_is_students():
    values = np.random.default_rng(1).normal(3.0, 2.0, 9)
    expected = stats.t.interval(0.95, 8, values.mean(), stats.sem(values))
    assert mean_interval([*values, np.nan]) == pytest.approx(expected)
    assert np.isnan(mean_interval([1.0])).all()
