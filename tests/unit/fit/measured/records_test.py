"""Records of measured data refuse what they cannot be, and keep what they were given."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import DataError
from engine.fit import rate_fc
from engine.fit.measured import Origin, RegionMatrix, RegionSeries, SpikeList
from tests.measured_files import LABELS, signals

ORIGIN = Origin("mine.csv", "0" * 64)
FC = np.corrcoef(signals(), rowvar=False)


def series(values=None, labels=LABELS, interval_s=0.72):
    return RegionSeries(signals() if values is None else values, labels, interval_s, "%", ORIGIN)


def with_(array, place, value):
    changed = np.array(array)
    changed[place] = value
    return changed


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: series(signals()[0]), "mine.csv: must be a table of samples x regions (got 5)."),
        (lambda: series(signals()[:1]), "mine.csv: must have at least 2 samples (got 1)."),
        (lambda: series(labels=LABELS[:4]), "mine.csv: must have 5 names, one per region (got 4)."),
        (
            lambda: series(labels=("a", *LABELS[1:4], "a")),
            "mine.csv: names of regions must be unique (got 'a' 2 times).",
        ),
        (
            lambda: series(with_(signals(), (3, 1), np.nan)),
            "mine.csv: must hold finite numbers only (got 1 that are not, in 'L.HI'). Leave them out",
        ),
        (
            lambda: series(with_(signals(), (slice(None), 2), 7.0)),
            "mine.csv: every region must change over time (got 'L.SFG' constant). Leave them out to go on.",
        ),
        (lambda: series(signals() * 1e200), "mine.csv: must hold numbers of at most 1e+100 (got "),
        (lambda: series(signals() * 1e-200), "mine.csv: every region must change by at least 1e-100 (got "),
        (lambda: series(interval_s=0.0), "mine.csv: must be sampled every 1e-05 to 600 s (got 0 s)."),
        (
            lambda: series(np.zeros((2, 2001)), tuple(map(str, range(2001)))),
            "mine.csv: must have at most 2,000 regions (got 2,001). Are these the samples?",
        ),
        (
            lambda: series(labels=(" ", *LABELS[1:])),
            "mine.csv: names of regions must not be blank (got ' ').",
        ),
    ],
)
def test_a_series_says_what_is_wrong(make, sentence):
    with pytest.raises(DataError) as refusal:
        make()
    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (FC[:4], "mine.csv: must be square (got 4 x 5)."),
        (with_(FC, (0, 1), 0.5), "mine.csv: must be symmetric (got 0.5 and"),
        (FC * 20, "mine.csv: correlations must be from -1 to 1 (got"),
        (
            with_(FC, (0, 1), np.nan),
            "mine.csv: must hold finite numbers only (got 1 that are not, in 'L.HI').",
        ),
        (
            with_(with_(FC, 2, 0.0), (slice(None), 2), 0.0),
            "mine.csv: a region's correlations must differ (got 'L.SFG' constant).",
        ),
    ],
)
def test_a_matrix_says_what_is_wrong(values, sentence):
    with pytest.raises(DataError) as refusal:
        RegionMatrix(values, LABELS, ORIGIN)
    assert str(refusal.value).startswith(sentence)


def test_the_diagonal_of_a_matrix_does_not_count():
    for diagonal in (0.0, 1.0, np.nan, 17.0):
        given = FC.copy()
        np.fill_diagonal(given, diagonal)
        np.testing.assert_allclose(RegionMatrix(given, LABELS, ORIGIN).values, FC, rtol=0, atol=1e-15)


def test_arrays_of_a_record_are_its_own_and_stay():
    values = signals()
    made = series(values)
    values[0, 0] = 99.0
    assert made.values[0, 0] != 99.0
    with pytest.raises(ValueError, match="read-only"):
        made.values[0, 0] = 1.0
    assert (made.n_samples, made.n_regions, made.duration_s) == (40, 5, pytest.approx(40 * 0.72))


def spikes(times=(30.0, 10.0, 20.0), ids=(0, 1, 0), duration_ms=100.0, regions=("L.TH", "")):
    return SpikeList(np.array(times), np.array(ids), duration_ms, ("a", "b"), regions, ORIGIN)


def test_spikes_are_sorted_by_time():
    made = spikes()
    assert made.times.tolist() == [10.0, 20.0, 30.0]
    assert made.ids.tolist() == [1, 0, 0]
    assert (made.labels, made.n_units, made.n_spikes) == (("L.TH",), 2, 3)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"times": (1.0, 2.0)}, "mine.csv: must have one unit for each spike time (got (2,) times"),
        ({"duration_ms": 0.0}, "mine.csv: must last above 0 and at most 1e+07 s (got 0 s)."),
        ({"duration_ms": 25.0}, "mine.csv: spike times must lie in the 0.025 s recorded (got 0.03 s). Is"),
        ({"times": (-1.0, 2.0, 3.0)}, "mine.csv: spike times must lie in the 0.1 s recorded (got -0.001 s)."),
        ({"ids": (0, 1, 2)}, "mine.csv: units must be from 0 to 1 (got 0 to 2)."),
        (
            {"regions": ("L.TH",)},
            "mine.csv: must have units, each with its region (got 2 units and 1 regions).",
        ),
        ({"regions": ("L.TH", "\n")}, "mine.csv: names of units and regions must be printable"),
    ],
)
def test_spikes_say_what_is_wrong(changes, sentence):
    with pytest.raises(DataError) as refusal:
        spikes(**changes)
    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize("scale", [1e-95, 1.0, 1e95])
def test_correlations_do_not_depend_on_the_unit(scale):
    assert rate_fc(series(signals() * scale).values) == pytest.approx(rate_fc(signals()), abs=1e-9)
