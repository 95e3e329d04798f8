"""Whatever bytes come in, a connectome or a DataError comes out; what was written is read back."""

from __future__ import annotations

import bz2
import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, scalar_dtypes

from engine.brain.connectome import Connectome, read_connectome
from engine.brain.readers import SUFFIXES, survey
from engine.errors import DataError

LABELS = ("L.A", "L.B", "R.A")
ROWS = "0 1.5 2\n3 0 1e-3\n5 6 0\n"
CENTRES = "L.A -1 2 3\nL.B -9 8 7\nR.A 1 2 3\n"
MEMBERS = {"weights.txt": ROWS, "tract_lengths.txt": ROWS, "centres.txt": CENTRES}
TOKENS = ("weights", "tract_lengths", "centres", "cortical", "hemispheres", "areas", "info")
MANY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def zipped(members, method=zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def npy(array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


LAYOUT = json.dumps(
    {
        "labels": LABELS,
        "weights": [[0, 1.5, 2], [3, 0, 1], [5, 6, 0]],
        "centres_mni152": [[-1, 2, 3], [-9, 8, 7], [1, 2, 3]],
        "cortical": [1, 1, 0],
        "lobe": ["Frontal"] * 3,
        "source": "here",
    }
).encode()
SEEDS = {
    "a.zip": zipped(MEMBERS),
    "stored.zip": zipped(MEMBERS, zipfile.ZIP_STORED),
    "bz2.zip": zipped(
        {
            "weights.txt.bz2": bz2.compress(ROWS.encode()),
            "tract_lengths.npy": npy(np.ones((3, 3))),
            "centres.txt": CENTRES,
        },
        zipfile.ZIP_STORED,
    ),
    "a.json": LAYOUT,
    "a.csv": b",L.A,L.B,R.A\nL.A,0,1,2\nL.B,3,0,4\nR.A,5,6,0\n",
    "a.tsv": b"0\t1\t2\n3\t0\t4\n5\t6\t0\n",
}


def survives(data: bytes, filename: str, companions=None) -> None:
    """Take a connectome or a DataError of one printable sentence; let all else through."""
    problems = survey(data, filename, companions).problems
    if problems:
        with pytest.raises(DataError) as caught:
            read_connectome(data, filename, companions)
        said = str(caught.value)
        assert said == problems[0]
        assert said.isprintable()
        assert said.endswith(".")
        assert "(got " in said or said.endswith("encrypted.")
        assert len(said) < 600
    else:
        brain = read_connectome(data, filename, companions)
        assert isinstance(brain, Connectome)
        assert np.isfinite(brain.weights).all()
        assert (brain.weights >= 0).all()


def test_the_seeds_are_good_before_they_are_spoilt():
    for filename, data in SEEDS.items():
        assert read_connectome(data, filename).n_regions == 3


@MANY
@given(st.binary(max_size=400), st.sampled_from(SUFFIXES))
@example(b"", ".zip")
@example(b"PK\x05\x06" + bytes(18), ".zip")
def test_random_bytes(data, suffix):
    survives(data, "random" + suffix)


@MANY
@given(st.data(), st.sampled_from(sorted(SEEDS)))
def test_spoilt_files(data, filename):
    seed = bytearray(SEEDS[filename])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(seed)))
        kind = data.draw(st.sampled_from(["flip", "cut", "insert", "repeat", "end"]))
        if kind == "flip" and at < len(seed):
            seed[at] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del seed[at : at + data.draw(st.integers(1, 30))]
        elif kind == "insert":
            seed[at:at] = data.draw(st.binary(min_size=1, max_size=8))
        elif kind == "repeat":
            seed[at:at] = seed[max(0, at - 40) : at]
        else:
            del seed[at:]
        seed = seed or bytearray(b"\0")
    survives(bytes(seed), filename)


CELLS = st.sampled_from(
    ["0", "1", "-1", "nan", "inf", "1e999", "x", "", " ", '"', "#", "L.A", "1_0", "٣", "\ud800"]
)
TABLES = st.lists(st.lists(CELLS, max_size=5), max_size=5)


@MANY
@given(TABLES, st.sampled_from([",", ";", "\t", " "]), st.sampled_from(["\n", "\r", "\r\n", "\x85"]))
def test_tables_of_odd_cells(table, separator, end):
    data = end.join(separator.join(row) for row in table).encode("utf-8", "surrogatepass")
    survives(data, "t.csv")
    survives(data, "t.tsv", {"t_centres.csv": data, "t_lengths.csv": data, "t_labels.csv": data})
    survives(zipped(MEMBERS | {"centres.txt": data, "cortical.txt": data}), "t.zip")


PATHS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "a/", "../", "__MACOSX/", "/", "weights/"]),
    st.sampled_from(["", "my_", "."]),
    st.sampled_from(TOKENS),
    st.sampled_from([".txt", ".npy", ".bz2", ".txt.bz2", ".npy.bz2", ".mat", ""]),
)
CONTENTS = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([ROWS.encode(), CENTRES.encode(), b"1 0 1", npy(np.ones((3, 3)))]),
    arrays(scalar_dtypes(), st.sampled_from([(3, 3), (3,), (0, 3), ()])).map(npy),
)


@MANY
@given(st.dictionaries(PATHS, CONTENTS, max_size=6))
def test_archives_of_odd_members(members):
    survives(zipped(MEMBERS | members), "odd.zip")
    survives(zipped(members), "odd.zip")


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=2)),
    max_leaves=8,
)


@MANY
@given(st.sampled_from([*json.loads(LAYOUT), "fc_pearson", "volumes_mm3", "licence", "name"]), JSON)
@pytest.mark.slow
def test_json_of_odd_values(key, value):
    survives(json.dumps(json.loads(LAYOUT) | {key: value}).encode(), "odd.json")
    survives(json.dumps(value).encode(), "odd.json")


@MANY
@given(st.text(max_size=40), st.sampled_from(["", *SUFFIXES]))
def test_any_file_name(stem, suffix):
    survives(SEEDS["a.csv"], stem + suffix)


@pytest.mark.parametrize("layout", ["zip", "json", "csv"])
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_written_is_read_back_to_the_last_bit(layout, data):
    n = data.draw(st.integers(2, 6))
    weights = data.draw(arrays(float, (n, n), elements=st.floats(0.1, 1e12)))
    lengths = data.draw(arrays(float, (n, n), elements=st.floats(0.1, 2000)))
    centres = data.draw(arrays(float, (n, 3), elements=st.floats(-500, 500)))
    assume(np.ptp(centres, axis=0).any())
    assume(n != 3 or (weights[:, :2] % 1).any())  # may be an edge list
    labels = [f"{'LR'[k % 2]}.{k // 2}" for k in range(n)]
    text = ["\n".join(" ".join(map(repr, row)) for row in m.tolist()) for m in (weights, lengths)]
    placed = [[a, *row] for a, row in zip(labels, centres.tolist(), strict=True)]
    if layout == "zip":
        where = "\n".join(" ".join(map(str, row)) for row in placed)
        members = {"weights.txt": text[0], "tract_lengths.txt": text[1], "centres.txt": where}
        brain = read_connectome(zipped(members), "w.zip")
    elif layout == "json":
        fields = {"labels": labels, "weights": weights.tolist()}
        fields |= {"tract_lengths_mm": lengths.tolist(), "centres_mni152": centres.tolist()}
        brain = read_connectome(json.dumps(fields).encode(), "w.json")
    else:
        where = "\n".join(",".join(map(str, row)) for row in placed)
        beside = {"w_lengths.csv": text[1].replace(" ", ","), "w_centres.csv": where}
        beside = {name: words.encode() for name, words in beside.items()}
        brain = read_connectome(text[0].replace(" ", ",").encode(), "w.csv", beside)
    away = 1 - np.eye(n)
    assert brain.labels == tuple(labels)
    assert np.array_equal(brain.weights, weights * away)
    assert np.array_equal(brain.tract_lengths, lengths * away)
    assert np.array_equal(brain.centres, centres)
    assert brain.n_self_loops == np.count_nonzero(np.diag(weights))


@MANY
@given(arrays(float, (5, 5), elements=st.floats(0, 1e12)), arrays(bool, 5))
def test_probability_rows_sum_to_one_or_to_nothing(weights, on):
    brain = Connectome(
        name="p",
        labels=tuple("abcde"),
        names=tuple("abcde"),
        hemisphere=("",) * 5,
        lobe=("x",) * 5,
        cortical=on,
        centres=np.zeros((5, 3)),
        weights=weights,
        tract_lengths=np.zeros((5, 5)),
    )
    p = brain.probability(on)
    fed = (brain.weights[:, on] > 0).any(axis=1)
    np.testing.assert_allclose(p.sum(axis=1), fed, rtol=1e-12)
    assert not p[:, ~on].any()
    assert not np.diag(p).any()
    assert (p >= 0).all()
