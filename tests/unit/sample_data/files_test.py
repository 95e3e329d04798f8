"""The shipped samples are what their table says they are."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from sample_data import FILES, path

README = Path(__file__).parents[3] / "sample_data" / "README.md"
ROW = re.compile(r"^\| `([^`]+)` \| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def dk84():
    return json.loads(path("dk84").read_text(encoding="utf-8"))


def test_every_sample_has_the_checksum_of_the_table():
    table = {name: (file, digest) for file, name, digest in ROW.findall(README.read_text())}
    assert set(table) == set(FILES)
    for name, (file, digest) in table.items():
        assert file == FILES[name]
        assert hashlib.sha256(path(name).read_bytes()).hexdigest() == digest, name


def test_an_unknown_sample_names_its_nearest():
    with pytest.raises(KeyError, match="dk84"):
        path("dk85")


def test_dk84_has_the_published_parts(dk84):
    lobes = Counter(dk84["lobe"])
    assert lobes == {
        "Frontal": 22,
        "Parietal": 10,
        "Temporal": 18,
        "Occipital": 8,
        "Cingulate and insula": 10,
        "Subcortex": 14,
        "Cerebellum": 2,
    }
    assert sum(dk84["cortical"]) == 68
    assert Counter(dk84["hemisphere"]) == {"L": 42, "R": 42}
    assert len(set(dk84["labels"])) == len(set(dk84["names"])) == 84


def test_dk84_matrices_are_sound(dk84):
    weights, lengths, fc = (
        np.array(dk84[key], float) for key in ("weights", "tract_lengths_mm", "fc_pearson")
    )
    for matrix in (weights, lengths, fc):
        assert matrix.shape == (84, 84)
        assert np.array_equal(matrix, matrix.T)
        assert np.all(np.diag(matrix) == 0)
    assert weights.min() >= 0
    assert 0 < lengths[np.triu_indices(84, 1)].min() < lengths.max() < 300
    assert np.abs(fc).max() < 1


def test_a_sixth_of_the_pairs_carries_nine_tenths_of_the_weight(dk84):
    pairs = np.sort(np.array(dk84["weights"])[np.triu_indices(84, 1)])[::-1]
    n_pairs = int(np.searchsorted(np.cumsum(pairs), 0.9 * pairs.sum()) + 1)
    assert (len(pairs), n_pairs) == (3486, 552)


def test_every_region_is_drawn_in_some_view(dk84):
    atlas = json.loads(path("dk84.atlas").read_text(encoding="utf-8"))
    drawn = {label for view in atlas["views"] for label in view["regions"]}
    assert drawn == set(dk84["labels"])
