"""A finished fit in a file: read as it was written, refused where it is something else."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

import sample_data
from engine.brain.connectome import load_connectome
from engine.errors import DataError
from engine.fit import fc_correlation
from engine.stored_results import write_stored
from engine.tuning.stored import read_fit, stored_fit


@pytest.fixture(scope="module")
def shipped():
    return read_fit(sample_data.path("fit"))


@pytest.fixture(scope="module")
def dk84():
    return load_connectome("dk84")


def test_what_is_shown_is_written_again_to_the_same_numbers(shipped, dk84, tmp_path):
    standing = shipped.standing(dk84)
    again = stored_fit(
        standing,
        title=shipped.title,
        tuning=shipped.tuning,
        connectome=shipped.connectome,
        reached={**shipped.reached, "r_curve": [[1.0, 0.5]]},
        command=shipped.command,
        versions=shipped.versions,
    )
    assert replace(again, curve=shipped.curve) == shipped
    assert (again.curve[0], again.curve[-1]) == (shipped.curve[0], shipped.curve[-1])
    write_stored(tmp_path / "fit.json", shipped)
    assert (tmp_path / "fit.json").read_bytes() == sample_data.path("fit").read_bytes()


def test_the_curve_ends_where_the_kept_connectivity_stands(shipped, dk84):
    standing = shipped.standing(dk84)
    r, n = fc_correlation(standing.fc, standing.target, np.arange(len(standing.region)))
    assert (n, shipped.n_pairs) == (3486, 3486)
    assert standing.curve[-1].r == pytest.approx(r, abs=2e-4)
    assert standing.minutes == shipped.minutes
    worst, best = (abs(standing.fc[pair] - standing.target[pair]) for pair in standing.hardest[::7])
    assert worst == np.nanmax(np.abs(standing.fc - standing.target)) > best


def test_its_tuning_is_the_shipped_one(shipped):
    tuning = json.loads(sample_data.path(f"tuning.{shipped.tuning}").read_text())
    assert tuning["provenance"]["minutes"] == shipped.minutes
    assert tuning["provenance"]["scenario"]["title"] == shipped.title
    assert shipped.reached["judged_seed"] != shipped.reached["seed"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rates_hz": [1.0]}, r"one a region, 84 \(got 1\)"),
        ({"fc": []}, r"one a pair, 3486 \(got 0\)"),
        ({"curve": []}, "must have a step"),
        ({"n_pairs": 12}, r"n_pairs: must be 3486, as measured \(got 12\)"),
        ({"wiring": "much"}, "wiring"),
    ],
)
def test_another_content_is_refused(shipped, dk84, tmp_path, change, sentence):
    file = tmp_path / "fit.json"
    file.write_text(json.dumps({**asdict(shipped), **change}))
    with pytest.raises(DataError, match=sentence):
        read_fit(file).standing(dk84)


def test_regions_of_another_brain_are_refused(shipped):
    with pytest.raises(DataError, match="among the 4 regions"):
        shipped.standing(load_connectome("four_regions"))
