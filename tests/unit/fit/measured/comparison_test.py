"""Measured data beside a connectome: the same pairs, in its order, or one sentence."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from engine import load_connectome
from engine.errors import DataError
from engine.fit import fc_correlation, rate_fc, structure_baseline
from engine.fit.measured import (
    Origin,
    RegionMatrix,
    RegionSeries,
    SpikeList,
    agreement,
    fc_of,
    match_regions,
    measured_fc,
    open_measured,
    read_measured,
    region_rates,
)
from tests.measured_files import npy_of, signals, text_of

DK84 = load_connectome("dk84")
ORIGIN = Origin("mine.csv", "ab" * 32)


def series(labels, n_samples=60, seed=3) -> RegionSeries:
    return RegionSeries(signals(n_samples, len(labels), seed), tuple(labels), 0.72, "%", ORIGIN)


def test_functional_connectivity_is_pearson():
    data = series(DK84.labels[:6])
    np.testing.assert_allclose(fc_of(data), np.corrcoef(data.values, rowvar=False), atol=1e-12)


def test_a_matrix_stands_in_the_order_of_the_connectome():
    labels = ["R.TH", "L.HI", "elsewhere", "L.SFG", "L.PCAL"]
    data = series(labels)
    found = measured_fc(data, match_regions(labels, DK84))
    assert found.n_matched == 4
    fc = rate_fc(data.values)
    for i, a in enumerate(labels):
        for j, b in enumerate(labels):
            if "elsewhere" not in (a, b):
                assert found.matrix[DK84.index(a), DK84.index(b)] == fc[i, j]
    assert np.isfinite(found.matrix).sum() == 16
    assert found.matrix.shape == (84, 84)


def test_the_connectomes_own_agrees_with_itself():
    data = RegionMatrix(DK84.fc_matrix[::-1, ::-1], DK84.labels[::-1], ORIGIN)
    found = agreement(measured_fc(data, match_regions(data.labels, DK84)), DK84)
    assert (found.own_r, found.own_n, found.wiring_n) == (pytest.approx(1.0), 3486, 3486)
    weights, fc = DK84.weights, DK84.fc_matrix
    assert found.wiring_r == pytest.approx(structure_baseline(weights, fc)[0])
    assert found.log_wiring_r == pytest.approx(structure_baseline(weights, fc, log=True)[0])


def test_a_part_of_the_brain_is_compared_over_its_own_pairs():
    picked = [DK84.index(label) for label in ("L.TH", "L.HI", "L.SFG", "L.PCAL", "R.TH")]
    labels = [DK84.labels[k] for k in picked]
    data = series(labels)
    found = agreement(measured_fc(data, match_regions(labels, DK84)), DK84)
    r, n = fc_correlation(fc_of(data), DK84.fc_matrix[np.ix_(picked, picked)])
    assert (found.own_r, found.own_n) == (pytest.approx(r), 10)
    assert (found.n_matched, n) == (5, 10)


def test_a_connectome_without_its_own_has_only_the_wiring():
    bare = replace(DK84, fc_matrix=None)
    data = series(bare.labels[:8])
    found = agreement(measured_fc(data, match_regions(data.labels, bare)), bare)
    assert (found.own_r, found.own_n) == (None, 0)
    assert found.wiring_r is not None


def test_too_little_is_one_sentence():
    data = series(["L.TH", "L.HI", "L.SFG", "nowhere at all"])
    with pytest.raises(DataError, match=r"^mine.csv: must share at least 4 regions .* \(got 3\)"):
        measured_fc(data, match_regions(data.labels, DK84))
    with pytest.raises(DataError, match=r"must have at least 10 samples to be correlated \(got 9\)\.$"):
        fc_of(series(DK84.labels[:6], n_samples=9))
    spikes = SpikeList(np.zeros(0), np.zeros(0), 1.0, ("a",), ("L.TH",), ORIGIN)
    with pytest.raises(DataError, match=r"to have functional connectivity \(got spikes\)"):
        fc_of(spikes)


def test_a_run_must_have_enough_regions_with_data():
    labels = DK84.labels[:6]
    found = measured_fc(series(labels), match_regions(labels, DK84))
    found.require_among(np.arange(2, 60))
    with pytest.raises(DataError, match=r"must have at least 4 of the regions that run \(got 3\)"):
        found.require_among(np.arange(3, 60))


def test_what_run_json_says_of_it():
    labels = [*DK84.labels[:4], "nowhere at all"]
    said = measured_fc(series(labels), match_regions(labels, DK84)).as_json()
    assert (said["name"], said["sha256"], said["regions"]) == ("mine.csv", "ab" * 32, 4)
    assert said["matching"] == {**{label: label for label in DK84.labels[:4]}, "nowhere at all": None}


def test_rates_and_irregularity_by_region():
    regular = np.arange(1, 11) * 50.0
    uneven = np.cumsum([10.0, 90.0] * 5)
    times = np.concatenate([regular, uneven, [5.0]])
    ids = np.repeat([0, 1, 3], [10, 10, 1])
    spikes = SpikeList(times, ids, 2000.0, ("a", "b", "c", "d"), ("", "L.HI", "L.HI", "L.TH"), ORIGIN)
    hippocampus, thalamus, rest = region_rates(spikes)
    assert (hippocampus.region, hippocampus.n_units, hippocampus.rate_hz) == ("L.HI", 2, 2.5)
    intervals = np.diff(uneven)
    assert hippocampus.cv_isi == pytest.approx(intervals.std() / intervals.mean())
    assert (thalamus.n_spikes, thalamus.rate_hz, thalamus.cv_isi) == (1, 0.5, None)
    assert (rest.region, rest.rate_hz, rest.cv_isi) == ("", 5.0, pytest.approx(0.0))


def test_another_species_takes_the_same_path():
    regions = ("VISp", "VISl", "SSp", "MOp", "ACA")
    mouse = replace(
        DK84,
        name="mouse",
        labels=regions,
        names=regions,
        hemisphere=("",) * 5,
        lobe=("Cortex",) * 5,
        cortical=np.ones(5, bool),
        centres=np.zeros((5, 3)),
        weights=np.ones((5, 5)) - np.eye(5) + np.diag([0.5] * 4, 1),
        tract_lengths=np.ones((5, 5)),
        fc_matrix=None,
        volumes=None,
    )
    draft = read_measured(text_of(signals(40, 5), ("ssp", "VISl", "ACA", "mop", "visp")), "mouse.csv")
    data = draft.data({"interval_s": 0.1, "unit": "dF/F", "signal": "fluorescence"})
    found = measured_fc(data, match_regions(data.labels, mouse))
    assert found.n_matched == 5
    assert agreement(found, mouse).wiring_n == 10


def test_a_whole_brain_is_compared_in_a_moment(tmp_path, capsys):
    path = tmp_path / "bold.npy"
    path.write_bytes(npy_of(signals(1200, 84)))
    begun = time.perf_counter()
    said = {"orientation": "time-rows", "interval_s": 0.72, "unit": "%", "labels": DK84.labels}
    data = open_measured(path).data(said)
    found = agreement(measured_fc(data, match_regions(data.labels, DK84)), DK84)
    took_s = time.perf_counter() - begun
    with capsys.disabled():
        print(f"84 regions x 1200 samples compared in {took_s:.3f} s")  # noqa: T201
    assert (found.n_matched, found.own_n) == (84, 3486)
