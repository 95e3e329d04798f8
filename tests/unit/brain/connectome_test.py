"""The Connectome keeps its promises: what it refuses, finds, mirrors, groups and normalises."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from engine.brain.connectome import Connectome, builtin_names, check_connectome, load_connectome
from engine.errors import DataError, ParameterError


def make(**changes) -> Connectome:
    n = len(changes.get("labels", "1234"))
    rng = np.random.default_rng(7)
    fields = {
        "name": "small",
        "labels": ("L.A", "L.B", "R.A", "X"),
        "names": tuple(f"Region {k}" for k in range(n)),
        "hemisphere": ("",) * n,
        "lobe": ("Frontal", "Parietal", "Frontal", "Unassigned")[:n] + ("Frontal",) * (n - 4),
        "cortical": np.ones(n, dtype=bool),
        "centres": rng.normal(0, 40, (n, 3)),
        "weights": rng.uniform(0.1, 9, (n, n)) * (1 - np.eye(n)),
        "tract_lengths": rng.uniform(10, 90, (n, n)),
    }
    return Connectome(**(fields | changes))


def test_the_shipped_ones_are_what_their_sheet_says():
    brain = load_connectome("dk84")
    assert builtin_names()[0] == brain.name == "dk84"
    assert (brain.n_regions, int(brain.cortical.sum())) == (84, 68)
    assert brain.hemisphere.count("L") == brain.hemisphere.count("R") == 42
    assert np.array_equal(brain.weights, brain.weights.T)
    assert brain.weights.max() == pytest.approx(210_223, rel=1e-4)
    assert brain.tract_lengths.max() == pytest.approx(224, abs=0.5)
    assert brain.fc_matrix[np.triu_indices(84, 1)].mean() == pytest.approx(0.234, abs=5e-4)
    assert brain.volumes.shape == (84,)
    assert brain.licence.startswith("CC-BY-4.0")
    assert "Schirner" in brain.source
    assert all(check_connectome(name) == [] for name in builtin_names())


def test_a_shipped_one_is_read_once():
    assert load_connectome("dk84") is load_connectome("dk84")


def test_homologous_regions_pair_up_across_the_midline():
    brain = load_connectome("dk84")
    for i in range(brain.n_regions):
        j = brain.mirror(i)
        assert brain.mirror(j) == i
        assert {brain.hemisphere[i], brain.hemisphere[j]} == {"L", "R"}
    left = np.array([h == "L" for h in brain.hemisphere])
    partner = np.array([brain.mirror(i) for i in range(84)])
    flipped = brain.centres[partner[left]] * [-1, 1, 1]
    assert np.linalg.norm(brain.centres[left] - flipped, axis=1).max() < 15.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("L.HI", "R.HI"),
        ("lA1", "rA1"),
        ("LA1", "RA1"),
        ("l_cuneus", "r_cuneus"),
        ("RM-TCpol_L", "RM-TCpol_R"),
        ("V1-left", "V1-right"),
        ("Left-Caudate", "Right-Caudate"),
        ("ctx-lh-cuneus", "ctx-rh-cuneus"),
        ("A1l", "A1r"),
        ("L LP", "R LP"),
    ],
)
def test_a_label_tells_its_mirror(one, other):
    small = make(labels=(one, "Mid", other, "Stem"))
    assert (small.mirror(0), small.mirror(2)) == (2, 0)
    assert small.mirror(1) is None
    assert small.mirror(3) is None


def test_index_finds_and_otherwise_names_the_nearest():
    brain = load_connectome("dk84")
    assert brain.labels[brain.index("R.HI")] == "R.HI"
    with pytest.raises(ParameterError, match=r"got 'l\.hi'\)\. Did you mean 'L\.HI'\?"):
        brain.index("l.hi")


def test_lobes_keep_the_order_and_hold_every_region_once():
    small = make()
    groups = small.lobes()
    assert list(groups) == ["Frontal", "Parietal", "Unassigned"]
    assert groups["Frontal"].tolist() == [0, 2]
    brain = load_connectome("dk84")
    everyone = np.sort(np.concatenate(list(brain.lobes().values())))
    assert everyone.tolist() == list(range(84))


def test_probability_is_the_formula_over_the_sources_that_are_on():
    small = make()
    on = np.array([True, False, True, True])
    expected = np.zeros((4, 4))
    for i in range(4):
        total = sum(small.weights[i, k] for k in range(4) if on[k] and k != i)
        for j in range(4):
            expected[i, j] = small.weights[i, j] / total if on[j] and i != j else 0.0
    np.testing.assert_allclose(small.probability(on), expected, rtol=1e-14)


def test_probability_of_a_region_that_nobody_reaches_is_zero():
    weights = np.zeros((4, 4))
    weights[0, 1] = weights[2, 0] = 1.0
    small = make(weights=weights)
    p = small.probability(np.array([False, True, True, True]))
    assert p[0].tolist() == [0, 1, 0, 0]
    assert not p[1:].any()


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1e12])
def test_probability_does_not_depend_on_the_scale_of_the_weights(scale):
    weights = scale * (np.ones((4, 4)) - np.eye(4))
    p = make(weights=weights).probability(np.ones(4, dtype=bool))
    np.testing.assert_allclose(p, (1 - np.eye(4)) / 3, rtol=1e-12)


@pytest.mark.parametrize("on", [np.ones(3, dtype=bool), np.ones(4), np.ones((4, 1), dtype=bool)])
def test_probability_wants_one_bool_per_region(on):
    with pytest.raises(ParameterError, match=r"Connectome\.probability: must be 4 bools"):
        make().probability(on)


def test_self_connections_are_set_to_zero_and_counted():
    weights = np.ones((4, 4))
    weights[3, 3] = 0.0
    small = make(weights=weights)
    assert small.n_self_loops == 3
    assert not np.diag(small.weights).any()
    assert not np.diag(small.tract_lengths).any()
    assert replace(small, name="again").n_self_loops == 3


def test_nothing_can_be_changed_afterwards_and_the_giver_keeps_his_arrays():
    weights = np.ones((4, 4))
    small = make(weights=weights)
    assert weights[0, 0] == 1.0
    weights[0, 1] = 99.0
    assert small.weights[0, 1] == 1.0
    for array in (small.weights, small.tract_lengths, small.centres, small.cortical):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(FrozenInstanceError):
        small.name = "other"


def test_the_checksum_follows_the_content_and_nothing_else():
    small = make()
    assert small == make(name="renamed", source="elsewhere", licence="other")
    assert hash(small) == hash(make())
    assert len(small.checksum) == 64
    changed = small.weights.copy()
    changed[0, 1] = np.nextafter(changed[0, 1], 10.0)
    others = [
        make(weights=changed),
        make(labels=("L.A", "L.B", "R.A", "Y")),
        make(volumes=np.ones(4)),
        make(cortical=np.array([True, True, True, False])),
        make(hemisphere=("L", "L", "R", "")),
    ]
    assert len({small.checksum, *(c.checksum for c in others)}) == 6


def _with(array, place, value):
    array = np.array(array, dtype=float)
    array[place] = value
    return array


ONES = np.ones((4, 4))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weights": np.ones((4, 3))}, "Connectome.weights: must be square (got 4 x 3)."),
        ({"weights": np.ones(4)}, "Connectome.weights: must have 2 dimension(s) (got 4)."),
        ({"weights": 1.0}, "Connectome.weights: must have 2 dimension(s) (got a single value)."),
        ({"weights": "many"}, "Connectome.weights: must be an array of numbers (got str)."),
        ({"weights": [[1, 2], [3]]}, "Connectome.weights: must be an array of numbers (got list)."),
        (
            {"weights": _with(ONES, (1, 2), -3)},
            "Connectome.weights: must not be negative (got -3 in row 2 column 3).",
        ),
        (
            {"weights": _with(ONES, 1, np.nan)},
            "Connectome.weights: must hold finite numbers only (got nan in row 2 column 1 and 3 more).",
        ),
        (
            {"weights": _with(ONES, (0, 1), 1e13)},
            "Connectome.weights: must be at most 1e+12 (got 1e+13 in row 1 column 2).",
        ),
        (
            {"tract_lengths": np.ones((5, 5))},
            "Connectome.tract_lengths: must be 4 x 4, one row per region of weights (got 5 x 5).",
        ),
        (
            {"tract_lengths": _with(ONES, (0, 1), 2001)},
            "Connectome.tract_lengths: must be at most 2000 mm (got 2001 in row 1 column 2).",
        ),
        (
            {"centres": np.zeros((4, 2))},
            "Connectome.centres: must be 4 x 3, one row per region of weights (got 4 x 2).",
        ),
        (
            {"fc_matrix": _with(ONES, (0, 1), 1.5)},
            "Connectome.fc_matrix: must be at most 1 (got 1.5 in row 1 column 2).",
        ),
        (
            {"fc_matrix": _with(ONES, (0, 1), 0.5)},
            "Connectome.fc_matrix: must be symmetric (got 0.5 in row 1 column 2 and 1 more).",
        ),
        ({"volumes": [1.0, 2.0, -1.0, 0.0]}, "Connectome.volumes: must not be negative (got -1 in row 3)."),
        ({"labels": ("A", "B", "A", "C")}, "Connectome.labels: must be unique (got 'A' 2 times)."),
        ({"labels": ("A", "B", " ", "C")}, "Connectome.labels: must not be blank (got a blank in row 3)."),
        ({"labels": ("A", "B", "C\n", "D")}, "Connectome.labels: must be printable text (got 'C\\n')."),
        ({"labels": "ABCD"}, "Connectome.labels: must be a tuple of text (got str)."),
        ({"lobe": ("A", "B")}, "Connectome.lobe: must have 4 entries, one per region (got 2)."),
        (
            {"hemisphere": ("L", "R", "left", "")},
            "Connectome.hemisphere: must be 'L', 'R' or '' (got 'left').",
        ),
    ],
)
def test_each_rule_has_its_sentence(changes, said):
    fields = {f: getattr(make(), f) for f in make().__dataclass_fields__}
    with pytest.raises(DataError) as caught:
        Connectome(**(fields | changes))
    assert str(caught.value) == said


def test_one_region_is_no_connectome():
    with pytest.raises(DataError, match=r"must have 2 to 2000 regions \(got 1\)"):
        make(labels=("A",), lobe=("Frontal",))
