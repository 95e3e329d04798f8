"""A brain's filter: resumes to the same bits, sees no held-out region, marks what it cannot know."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import DataError, ParameterError, Scenario, load_connectome
from engine.assimilation.bounded import PRIOR_SD
from engine.assimilation.brain_filter import BrainFilter, FilterSettings
from engine.assimilation.filter import chance_inflation
from engine.assimilation.instrument import Instrument
from engine.assimilation.members import wired
from engine.assimilation.observations import Observations, regions_apart
from engine.assimilation.reliability import flatness, rank_counts
from engine.assimilation.report import fit_of, learnt, report_of
from engine.assimilation.state_file import read_state, write_state
from engine.assimilation.twin import observed_twin
from engine.fit.forward.bold import Bold

FOUR = load_connectome("four_regions")
SMALL = Scenario(connectome="four_regions", dt=0.5).with_values(
    {"network.neurons_per_region": 60, "network.in_degree": 30}
)
BRAIN = wired(SMALL, FOUR)
LABELS = BRAIN.network.labels
DRIVEN, AWAY = regions_apart(LABELS, np.ones(4, bool), LABELS[:2])
EVERYWHERE = np.ones(4, bool)
QUICK = FilterSettings(n_members=8, n_controls=20)


def twin(settings=QUICK, observed="rate", n_trs=6, tr_ms=400):
    return observed_twin(BRAIN, observed, tr_ms, n_trs, DRIVEN, AWAY, settings)


def test_an_instrument_sees_what_the_signals_model_sees():
    rates = 10.0 * np.random.default_rng(1).random((72, 2, 3))
    instrument, bold = Instrument("bold", 2, 3, 720), Bold("friston2003", 6)
    for _ in range(3):
        seen = instrument.observe(rates)
        plain = bold.advance(rates.reshape(72, 6).repeat(10, axis=0))
    np.testing.assert_allclose(seen.ravel(), 100 * plain[-1], rtol=1e-9)
    hidden = instrument.hidden
    instrument.set_hidden(hidden)
    np.testing.assert_allclose(instrument.hidden, hidden, rtol=1e-12)
    assert Instrument("rate", 2, 3, 720).hidden.shape == (2, 3, 0)


def test_a_settled_instrument_stays_where_it_is():
    instrument = Instrument("bold", 1, 2, 720)
    rates = np.array([[5.0, 12.0]])
    seen = instrument.settle(rates)
    again = instrument.observe(np.repeat(rates[None], 72, axis=0))
    np.testing.assert_allclose(seen, again, rtol=1e-3)
    assert seen[0, 1] > seen[0, 0] > 0


@pytest.mark.slow
@pytest.mark.parametrize("observed", ["rate", "bold"])
def test_it_goes_on_from_a_file_to_the_same_bits(observed, tmp_path):
    given = twin(observed=observed).observations
    whole = BrainFilter(BRAIN, given, QUICK)
    while not whole.is_finished:
        whole.step()
    first = BrainFilter(BRAIN, given, QUICK, threads=2)
    for _ in range(3):
        first.step()
    file = write_state(tmp_path / "state.h5", first)
    second = BrainFilter(BRAIN, given, QUICK)
    read_state(file, second)
    while not second.is_finished:
        second.step()
    np.testing.assert_array_equal(whole.x, second.x)
    for key, series in whole.series.items():
        np.testing.assert_array_equal(series, second.series[key])
    other = BrainFilter(BRAIN, replace(given, noise_share=0.2), QUICK)
    with pytest.raises(DataError, match="another one"):
        read_state(file, other)
    assert other.time == 0
    (tmp_path / "cut.h5").write_bytes(file.read_bytes()[:2000])
    with pytest.raises(DataError, match=r"cut\.h5"):
        read_state(tmp_path / "cut.h5", other)


@pytest.mark.slow
def test_what_is_held_out_does_not_matter_to_the_filter():
    given = twin().observations
    values = given.values.copy()
    values[:, AWAY] = values[::-1, AWAY]
    both = [BrainFilter(BRAIN, g, QUICK) for g in (given, replace(given, values=values))]
    for running in both:
        while not running.is_finished:
            running.step()
    np.testing.assert_array_equal(both[0].x, both[1].x)
    assert (both[0].series["innovation"] != both[1].series["innovation"]).any()


@pytest.mark.slow
def test_data_without_level_are_laid_over_the_members():
    given = replace(twin(observed="bold").observations, is_relative=True)
    scaled = replace(given, values=1000.0 + 7.0 * given.values)
    one, other = BrainFilter(BRAIN, given, QUICK), BrainFilter(BRAIN, scaled, QUICK)
    np.testing.assert_allclose(one.targets, other.targets, rtol=1e-6)
    assert one.targets[:, DRIVEN].max() < 100.0


@pytest.mark.slow
@pytest.mark.parametrize(("observed", "tr_ms", "n_trs"), [("rate", 500, 40), ("bold", 720, 50)])
def test_known_parameters_are_found_and_what_acts_on_nothing_is_not(observed, tr_ms, n_trs):
    z, ranks = [], []
    for seed in (3, 4, 5):
        settings = FilterSettings(n_members=30, walk_sd=0.02, seed=seed)
        known = observed_twin(BRAIN, observed, tr_ms, n_trs, EVERYWHERE, ~EVERYWHERE, settings)
        running = BrainFilter(BRAIN, known.observations, settings, threads=2)
        while not running.is_finished:
            running.step()
        rows = learnt(running, known.x)
        z += [row["z"] for row in rows]
        assert np.mean([row["shrinkage"] for row in rows]) > 0.5
        assert sum(row["is_informed"] for row in rows) >= 3
        # The mean variance of 200 controls of 30 members moves by 2 % in a draw, and in every analysis.
        controls = running.controls.var(axis=0, ddof=1).mean() / running.prior_variance
        assert abs(1 - controls) < 0.2
        ranks.append(running.series["ranks"][:: 4 if observed == "rate" else 8].ravel())
    # Within the stated spread: of 12 z of a reliable ensemble the root mean square exceeds 1.7 once in 2,000.
    assert np.sqrt((np.array(z) ** 2).mean()) < 1.7
    counts = rank_counts(np.concatenate(ranks), 30, 6, np.random.default_rng(0))
    assert flatness(counts) > 0.01
    report = report_of(running, known.x)
    assert list(report["fits"]) == [
        "assimilated",
        "persistence",
        "fixed covariance (3D-Var)",
        "replay",
        "replay, unassimilated",
    ]
    fitted, plain = (report["fits"][name]["driven"]["second"] for name in ("replay", "replay, unassimilated"))
    assert fitted["rmse"] < plain["rmse"]
    assert report["fits"]["assimilated"]["held_out"]["first"] == {"r": None, "rmse": None}
    assert sum(report["ranks"]["counts"]) == 4 * len(range(0, n_trs, report["ranks"]["every"]))


def test_controls_give_back_what_chance_took():
    rng = np.random.default_rng(2)
    before = rng.standard_normal((30, 2, 50))
    factors = chance_inflation(before, before * np.array([0.5, 2.0])[:, None])
    np.testing.assert_allclose(factors, [2.0, 1.0])


def test_a_fit_is_a_mean_over_regions_in_their_own_deviations():
    t = np.random.default_rng(1).standard_normal((50, 2))
    assert fit_of(t, t) == {"r": 1.0, "rmse": 0.0}
    assert fit_of(-t, t)["r"] == -1.0
    assert fit_of(np.ones_like(t) * t.mean(axis=0), t) == {"r": None, "rmse": 1.0}
    assert fit_of(t[:, :0], t[:, :0]) == {"r": None, "rmse": None}


def test_a_flat_prior_is_nearly_flat():
    x = PRIOR_SD * np.random.default_rng(1).standard_normal(100_000)
    shares = np.histogram(1 / (1 + np.exp(-x)), 10, (0, 1))[0] / 1e5
    assert shares.min() > 0.06
    assert shares.max() < 0.14


V = np.random.default_rng(1).standard_normal((6, 4))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"values": V[:2]}, "at least 4 rows"),
        ({"driven": np.zeros(4, bool)}, "at least one"),
        ({"held_out": np.ones(4, bool)}, "in both"),
        ({"values": np.where(np.arange(4) == 0, np.nan, V)}, "gaps"),
        ({"values": np.where(np.arange(4) == 1, 2.0, V)}, "constant"),
    ],
)
def test_observations_that_do_not_do_are_refused(change, sentence):
    given = Observations("rate", 500, LABELS, V, DRIVEN, AWAY)
    with pytest.raises(DataError, match=sentence):
        replace(given, **change)


def test_regions_apart_are_as_named():
    measured = np.array([True, True, True, False])
    for names, held, driven, away in (
        ((), (), [1, 1, 1, 0], [0, 0, 0, 0]),
        ((), LABELS[1:2], [1, 0, 1, 0], [0, 1, 0, 0]),
        (LABELS[:1], (), [1, 0, 0, 0], [0, 1, 1, 0]),
        (LABELS[:1], LABELS[2:3], [1, 0, 0, 0], [0, 0, 1, 0]),
    ):
        found = regions_apart(LABELS, measured, names, held)
        np.testing.assert_array_equal(found[0], np.array(driven, bool))
        np.testing.assert_array_equal(found[1], np.array(away, bool))
    with pytest.raises(DataError, match=LABELS[3]):
        regions_apart(LABELS, measured, LABELS[3:])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"n_members": 1}, "members"),
        ({"prior_sd": 0.0}, "prior"),
        ({"own_share": 1.5}, "own share"),
        ({"parameters": ()}, "parameters"),
        ({"parameters": ("bais",)}, "bias"),
    ],
)
def test_settings_that_do_not_do_are_refused(change, sentence):
    with pytest.raises(ParameterError, match=sentence):
        replace(QUICK, **change)
