"""The shipped samples are what their table says they are."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from engine import load_connectome
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


def test_the_mouse_is_an_average_of_grey_matter():
    mouse = json.loads(path("mouse-b6").read_text(encoding="utf-8"))
    weights, volumes = np.array(mouse["weights"], float), np.array(mouse["volumes_mm3"])
    n = len(mouse["labels"])
    assert n == len(set(mouse["labels"])) == 262
    assert weights.shape == (n, n)
    assert np.array_equal(weights, weights.T)
    assert np.all(np.diag(weights) == 0)
    assert weights.sum(axis=1).min() > 0
    assert 350 < volumes.sum() < 500  # a mouse brain has some 450 mm3
    assert [label[2:] for label in mouse["labels"][: n // 2]] == [
        label[2:] for label in mouse["labels"][n // 2 :]
    ]
    assert not {"White_matter", "Ventricular_system"} & set(mouse["lobe"])


def test_the_mouse_says_that_its_lengths_and_places_are_made_up():
    mouse = load_connectome("mouse-b6")
    said = " ".join(note.said for note in mouse.notes_for("tract"))
    assert "no centres" in said
    assert "no tract lengths" in said
    assert "delays come from made-up lengths" in said
    assert mouse.fc_matrix is None
