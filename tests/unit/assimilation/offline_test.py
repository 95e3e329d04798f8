"""An offline fit finds a shift of all regions, and says what it is worth on what it never saw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import DataError, ParameterError, Scenario, Stopped, load_connectome
from engine.assimilation.brain_filter import FilterSettings
from engine.assimilation.members import wired
from engine.assimilation.observations import Observations
from engine.assimilation.offline import POPULATION, OfflineFit, offline_fit, series_loss
from engine.assimilation.state_file import read_state, state_bytes, write_state
from engine.assimilation.twin import run_members

FOUR = load_connectome("four_regions")
BRAIN = wired(
    Scenario(connectome="four_regions", dt=0.5).with_values(
        {"network.neurons_per_region": 60, "network.in_degree": 30}
    ),
    FOUR,
)
LABELS = BRAIN.network.labels
SETTINGS = FilterSettings()
ALL, NONE = np.ones(4, bool), np.zeros(4, bool)


@pytest.mark.slow
def test_a_shift_of_all_regions_is_found():
    plan = Observations("rate", 500, LABELS, np.random.default_rng(1).random((12, 4)), ALL, NONE)
    series = np.full((12, 4, 1), 30.0)
    values = run_members(BRAIN, [77], plan, series, SETTINGS)[:, 0]
    driven = np.array([True, True, True, False])
    given = replace(plan, values=values, driven=driven, held_out=~driven)
    found = offline_fit(BRAIN, given, SETTINGS, 4)
    (row,) = found["parameters"]
    assert abs(row["value"] - 30.0) < 12.0
    for group in ("driven", "held_out"):
        assert found["fitted"][group] < 0.5 * found["neutral"][group]
    assert len(found["curve"]) == 4
    assert offline_fit(BRAIN, given, SETTINGS, 4, threads=2) == found


def given():
    return Observations("rate", 200, LABELS, np.random.default_rng(1).random((8, 4)), ALL, NONE)


@pytest.mark.slow
def test_it_goes_on_from_a_file_to_the_same_bits(tmp_path):
    settings = replace(SETTINGS, parameters=("bias", "inhibition"))
    whole, first = (OfflineFit(BRAIN, given(), settings) for _ in range(2))
    for _ in range(4):
        whole.step()
    for _ in range(2):
        first.step()

    def stop(fraction, what):
        raise Stopped

    with pytest.raises(Stopped):
        first.step(stop)
    file = write_state(tmp_path / "state.h5", first)
    second = OfflineFit(BRAIN, given(), settings, threads=2)
    read_state(file, second)
    assert second.n_generations == 2
    for _ in range(2):
        second.step()
    np.testing.assert_array_equal(second.losses, whole.losses)
    np.testing.assert_array_equal(second.state()["moves"], whole.state()["moves"])
    np.testing.assert_array_equal(second.values, whole.values)
    assert second.report() == whole.report()


def test_a_state_that_is_none_of_it_is_refused(tmp_path):
    moves = np.array(OfflineFit(BRAIN, given(), SETTINGS)._asked())[None]
    fit, losses = OfflineFit(BRAIN, given(), SETTINGS), np.arange(1.0, POPULATION + 1)[None]
    for state, sentence in (
        ({"moves": moves + 1e-9, "losses": losses}, "same optimiser"),
        ({"moves": moves, "losses": np.vstack([losses, losses])}, "every candidate"),
        ({"moves": moves, "losses": losses * np.nan}, "every candidate"),
    ):
        with pytest.raises(DataError, match=sentence):
            fit.restore(state)
        assert fit.n_generations == 0
    fit.restore({"moves": moves, "losses": losses})
    assert fit.curve == [1.0]
    other = OfflineFit(BRAIN, given(), replace(SETTINGS, seed=2))
    file = write_state(tmp_path / "state.h5", fit)
    with pytest.raises(DataError, match=r"state\.h5: must be of the same scenario"):
        read_state(file, other)
    (tmp_path / "cut.h5").write_bytes(state_bytes(fit)[:500])
    with pytest.raises(DataError, match=r"cut\.h5: must be the state of an offline fit"):
        read_state(tmp_path / "cut.h5", fit)
    assert fit.n_generations == 1


def test_a_loss_is_of_means_and_of_correlations():
    rng = np.random.default_rng(3)
    x = 10.0 + rng.standard_normal((200, 3))
    assert series_loss(x, x) == 0.0
    assert series_loss(x + 5.0, x) == pytest.approx(0.25, rel=0.05)
    assert series_loss(x + 5.0, x, is_relative=True) == pytest.approx(0.0, abs=1e-12)
    mixed = x + np.array([[0.0, 2.0, 0.0]]) * (x[:, :1] - 10.0)
    assert series_loss(mixed, x, is_relative=True) > 0.1
    assert np.isnan(series_loss(x[:, :2], x[:, :2], is_relative=True))


@pytest.mark.parametrize(
    ("change", "generations", "error", "sentence"),
    [
        ({"values": np.random.default_rng(1).random((6, 4))}, 1, DataError, "at least 8 rows"),
        ({}, 0, ParameterError, "generations"),
        ({"driven": np.arange(4) < 2, "is_relative": True}, 1, DataError, "3 regions"),
    ],
)
def test_what_an_offline_fit_cannot_do_is_refused(change, generations, error, sentence):
    given = Observations("rate", 500, LABELS, np.random.default_rng(1).random((12, 4)), ALL, NONE)
    with pytest.raises(error, match=sentence):
        offline_fit(BRAIN, replace(given, **change), SETTINGS, generations)
