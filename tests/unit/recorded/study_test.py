"""A neuron made up as the animal: what is found of it, what is said of it, and how it is stored."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from engine.errors import DataError, ParameterError
from engine.recorded import MEASURES, MODELS, RecordedCell, compare
from engine.recorded.comparison import Interval
from engine.recorded.fitting import Fit, fit_neuron, search
from engine.recorded.measures import poisson_trains, share
from engine.recorded.neuron import knobs_of
from engine.recorded.stored import StoredComparisons, read_comparisons
from engine.recorded.study import judged
from engine.recorded.substrates import run_neuron
from engine.stored_results import write_stored

TRUE = {k.name: k.start for k in knobs_of("lif")} | {"noise": 20.0}


def made_up(stimulus):
    """A cell that is a digital LIF neuron, lane 3 of a noise of its own."""
    silent = RecordedCell("made up", stimulus, 1.0, "a.u.", np.linspace(1.0, stimulus.size - 1.0, 200))
    train = run_neuron("digital", "lif", TRUE, silent.pieces(), 99).train(3)
    return replace(silent, spikes=train)


@pytest.fixture(scope="module")
def cell():
    return made_up(np.random.default_rng(4).standard_normal(3000))


@pytest.fixture(scope="module")
def found(cell):
    right = Fit(TRUE, 0.1, 1)
    wrong = Fit(TRUE | {"delay": 12.0}, 0.9, 1)
    return judged(cell, "lif", ({"digital": right, "chip": wrong},) * 3, 1, 1)


def test_the_substrate_with_the_right_numbers_is_nearer(found):
    digital, chip = (found.shares("gamma", m) for m in ("digital", "chip"))
    assert digital.low > 0.5 > chip.high
    assert found.lead("gamma").low > 0
    assert found.answer.startswith("The digital neuron is nearer to the animal")
    swapped = replace(
        found,
        values={m: of | {"digital": of["chip"], "chip": of["digital"]} for m, of in found.values.items()},
    )
    assert swapped.answer.startswith("The neuron on the modelled chip is nearer")
    even = replace(found, values={m: of | {"chip": of["digital"]} for m, of in found.values.items()})
    assert even.answer.startswith("Neither substrate is shown")


def test_every_measure_stands_between_poisson_and_the_train_itself(found):
    for name in MEASURES:
        assert found.value(name, "poisson").mean != found.best(name)
        assert 0.2 < found.shares(name, "digital").mean <= 1.0, name
    assert found.ceilings == {}
    assert "There is no ceiling" in found.ceiling_words


def test_responses_are_those_of_the_cell(cell, found):
    assert found.responses["animal"].rate_hz == pytest.approx(cell.rate_hz(*cell.second_half))
    assert min(found.sta_correlations["digital"]) > 0.9
    assert max(found.coherence_gaps["digital"]) < min(found.coherence_gaps["chip"]) + 0.2
    assert found.excerpt.models.keys() == {"digital", "chip"}
    assert all(found.excerpt.start <= t < found.excerpt.stop for t in found.excerpt.recorded)


def test_a_repeated_stimulus_gives_a_ceiling():
    cell = made_up(np.tile(np.random.default_rng(4).standard_normal(750), 4))
    right = Fit(TRUE, 0.1, 1)
    found = judged(cell, "lif", ({"digital": right, "chip": right},) * 2, 1, 1)
    assert found.period_ms == pytest.approx(750.0)
    assert found.ceilings.keys() == MEASURES.keys()
    assert found.value("gamma", "poisson").mean < found.ceilings["gamma"] <= 1.0
    assert "repeats every 750 ms" in found.ceiling_words


def test_the_search_comes_nearer_than_its_beginning_and_a_refinement_never_leaves_it(cell, monkeypatch):
    monkeypatch.setattr("engine.recorded.fitting.GENERATIONS", 3)
    monkeypatch.setattr("engine.recorded.fitting.PER_KNOB", 3)
    told = []
    wide = search(cell, "lif", 1, lambda fraction, what: told.append(fraction))
    assert wide.misfit < 1.0
    assert told == sorted(told)
    start = fit_neuron(cell, "digital", "lif", 1, wide.values, evaluations=1)
    near = fit_neuron(cell, "digital", "lif", 1, wide.values, evaluations=12)
    assert start.values == wide.values
    assert near.misfit <= start.misfit


def test_refusals(cell):
    with pytest.raises(ParameterError, match="at least 2"):
        compare(cell, n_fits=1)
    with pytest.raises(ParameterError, match="lif"):
        compare(cell, "lyf")


def test_intervals_and_shares_by_hand():
    assert Interval.of([[0.0, 2.0], [1.0, 3.0], [3.0, 3.0]]).mean == 2.0
    assert Interval.of([1.0, 2.0, 3.0]).high - 2.0 == pytest.approx(4.302653 / np.sqrt(3))
    assert share(np.array([3.0, 1.0]), 5.0, 1.0).tolist() == [0.5, 1.0]
    counts = poisson_trains(40.0, 500, (1000.0, 3000.0), 1).counts
    assert counts.mean() == pytest.approx(80.0, abs=4 * np.sqrt(80.0 / 500))


def test_a_stored_comparison_comes_back_and_a_damaged_one_is_refused(found, tmp_path):
    stored = StoredComparisons((found,), "command", "source", {"numpy": "2"})
    file = tmp_path / "animal.json"
    write_stored(file, stored)
    assert read_comparisons(file) == stored
    content = json.loads(file.read_text())
    del content["comparisons"][0]["values"]["gamma"]["chip"]
    file.write_text(json.dumps(content))
    with pytest.raises(DataError, match="every measure of every model"):
        read_comparisons(file)


def test_plain_values_hold_what_follows_from_them(found):
    content = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert content["answer"] == found.answer
    assert content["shares"]["gamma"].keys() == MODELS.keys()
