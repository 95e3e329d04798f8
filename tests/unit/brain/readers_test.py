"""JSON, matrices and BIDS folders are read, and what is bad gets its one sentence."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import sample_data
from engine.brain.connectome import check_connectome, load_connectome, read_connectome
from engine.brain.readers import limits
from engine.brain.readers.sides import sides_of
from engine.errors import DataError

LABELS = ("rA1", "rV1", "lA1", "lV1")
CENTRES = np.array([[10.0, -5, 3], [20, 5, -3], [-10, -5, 3], [-20, 5, -3]])
WEIGHTS = np.array([[0.0, 1, 2, 3], [4, 0, 5, 6], [7, 8, 0, 9], [10, 11, 12, 0]])
LENGTHS = 10.0 * (WEIGHTS + WEIGHTS.T)
FC = np.round((WEIGHTS + WEIGHTS.T) / 50 + np.eye(4), 3)


def lines(table, separator=" ", end="\n") -> bytes:
    return (end.join(separator.join(map(str, row)) for row in table) + end).encode()


def refusal(data: bytes, filename: str, **companions: bytes) -> str:
    with pytest.raises(DataError) as caught:
        read_connectome(data, filename, {k.replace("__", "."): v for k, v in companions.items()})
    return str(caught.value)


def assert_small(brain) -> None:
    assert brain.labels == LABELS
    assert np.array_equal(brain.weights, WEIGHTS)
    assert np.array_equal(brain.tract_lengths, LENGTHS)
    assert np.array_equal(brain.centres, CENTRES)
    assert brain.hemisphere == ("R", "R", "L", "L")


def test_the_same_brain_comes_out_of_the_archive_and_the_json():
    brain = load_connectome("dk84")
    archive = load_connectome(sample_data.path("dk84.tvb"))
    assert archive.labels == brain.labels
    assert archive.hemisphere == brain.hemisphere
    assert np.array_equal(archive.cortical, brain.cortical)
    np.testing.assert_allclose(archive.weights, brain.weights, rtol=1e-4)  # five digits are kept
    np.testing.assert_allclose(archive.tract_lengths, brain.tract_lengths, atol=0.051)
    np.testing.assert_allclose(archive.centres, brain.centres, atol=0.0051)


@pytest.mark.parametrize(
    ("labels", "sides"),
    [
        (("L.HI", "R.HI", "Stem"), "LR-"),
        (("rA1", "lA1", "lobule"), "RL-"),
        (("RM-TCpol_R", "RM-TCpol_L", "RM"), "RL-"),
        (("ctx-lh-cuneus", "Right-Caudate", "ctx-cuneus"), "LR-"),
        (("RA1", "LA1", "LGN"), "RL-"),
        (("A1l", "A1r", "hypothal"), "LR-"),
        (("rVPL", "lPUL.M", "Pons"), "RL-"),
        (("L", "R", "left"), "---"),
    ],
)
def test_a_side_is_read_only_where_a_label_tells_it(labels, sides):
    assert "".join(side or "-" for side in sides_of(labels)) == sides


def layout(**changes) -> bytes:
    fields = {"labels": list(LABELS), "weights": WEIGHTS.tolist()}
    fields |= {"tract_lengths_mm": LENGTHS.tolist(), "centres_mni152": CENTRES.tolist()}
    fields |= changes
    return json.dumps({k: v for k, v in fields.items() if v is not ...}).encode()


def test_the_json_layout_is_read():
    brain = read_connectome(
        layout(
            name="mine",
            cortical=[1, 0, True, False],
            hemisphere=["R", "R", "L", "L"],
            lobe=["Temporal", "Occipital"] * 2,
            names=["one", "two", "three", "four"],
            volumes_mm3=[1, 2, 3, 4.5],
            fc_pearson=FC.tolist(),
            source="A scanner",
            citation="A paper",
            licence="CC0",
            fcd_hist=[1, 2],
        ),
        "upload.json",
    )
    assert_small(brain)
    assert (brain.name, brain.licence, brain.names[1]) == ("mine", "CC0", "two")
    assert brain.cortical.tolist() == [True, False, True, False]
    assert brain.volumes.tolist() == [1, 2, 3, 4.5]
    assert brain.lobe[0] == "Temporal"
    assert np.array_equal(brain.fc_matrix, FC)
    assert brain.source == "A scanner. Cite: A paper"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "must be JSON (got 'Expecting property name enclosed in double quotes"),
        (b"[1]", "must be one JSON object (got a list)."),
        (b"[" * 100_000, "must be JSON (got 'maximum recursion depth exceeded"),
        (b'{"a": ' + b"9" * 5000 + b"}", "must be JSON (got 'Exceeds the limit (4300 digits)"),
        (b"{}", "weights: must be there (got no keys)."),
        (layout(weights=...), "weights: must be there (got labels, tract_lengths_mm"),
        (
            layout(centres_mm=CENTRES.tolist()),
            "must hold one key for centres (got centres_mni152, centres_mm).",
        ),
        (layout(labels=["a", "b"]), "labels: must have 4 entries, one per region (got 2)."),
        (layout(labels=list("aabc")), "labels: must be unique (got 'a' 2 times)."),
        (layout(labels=[1, 2, 3, 4]), "labels: must be a list of text (got a list of 4)."),
        (layout(weights=7), "weights: must be a list of lists of numbers (got 7)."),
        (layout(weights=[[1, 2], [3]]), "weights: every row must have 2 numbers (got 1 in row 2)."),
        (layout(weights=[["0", 1], [1, 0]]), "weights: must hold numbers (got '0' in row 1 column 1)."),
        (layout(weights=[[None, 1], [1, 0]]), "weights: must hold numbers (got null in row 1 column 1)."),
        (layout(weights=[[10**400, 1], [1, 0]]), "weights: must hold numbers below 1e308"),
        (
            layout(tract_lengths_mm=[[float("nan")] * 4] * 4),
            "tract_lengths_mm: must hold finite numbers only (got nan in row 1 column 1",
        ),
        (layout(weights=[]), "weights: must have 2 to 2000 regions (got 0)."),
        (layout(cortical=[1, 1, 1, 3]), "cortical: must hold 0 and 1 only (got 3)."),
        (layout(hemisphere=list("LRLX")), "hemisphere: must be 'L', 'R' or '' (got 'X')."),
        (layout(licence=5), "licence: must be printable text of at most"),
        (
            layout(source="\ud800"),
            "source: must be printable text of at most 2000 characters (got '\\ud800')",
        ),
    ],
)
def test_bad_json_gets_one_sentence_with_its_key(data, said):
    assert refusal(data, "my.json").startswith("my.json: " + said)


def table(separator, corner="", labels=LABELS, values=WEIGHTS) -> bytes:
    rows = [[corner, *labels], *([a, *row] for a, row in zip(labels, values, strict=True))]
    return lines(rows, separator)


CENTRES_CSV = b"label,x,y,z\n" + lines([[a, *xyz] for a, xyz in zip(LABELS, CENTRES, strict=True)], ",")
BESIDE = {"m_centres.csv": CENTRES_CSV, "m_lengths.csv": lines(LENGTHS, ",")}


@pytest.mark.parametrize(
    ("filename", "data"),
    [
        ("m.csv", table(",")),
        ("m.csv", table(";", "region")),
        ("m.tsv", table("\t")),
        ("m.txt", table("  ", "region")),
        ("m.csv", table(",").replace(b"rA1", b'"rA1"')),
        ("m.csv", lines(WEIGHTS, ",")),
        ("m.csv", lines(WEIGHTS, ",", ",\r\n")),
        ("m.csv", lines([LABELS, *WEIGHTS], ",")),
        ("m.csv", lines([[a, *row] for a, row in zip(LABELS, WEIGHTS, strict=True)], ",")),
    ],
)
def test_a_matrix_is_read_with_its_companions(filename, data):
    assert_small(read_connectome(data, filename, BESIDE))


def test_companions_in_another_order_are_put_in_order():
    order = [2, 0, 3, 1]
    turned = tuple(LABELS[k] for k in order)
    centres = lines([[a, *CENTRES[k]] for a, k in zip(turned, order, strict=True)], ",")
    lengths = table(",", labels=turned, values=LENGTHS[np.ix_(order, order)])
    beside = {"m_centres.csv": centres, "m_lengths.csv": lengths}
    assert_small(read_connectome(table(","), "m.csv", beside))


def test_a_matrix_alone_gets_places_and_says_so():
    brain = read_connectome(lines(WEIGHTS, ","), "m.csv")
    assert brain.labels == ("region_1", "region_2", "region_3", "region_4")
    for words in ("regions numbered", "laid on a circle", "distances between the places"):
        assert words in brain.source
    np.testing.assert_allclose(np.linalg.norm(brain.centres, axis=1), 80.0)
    assert brain.tract_lengths[0, 2] == pytest.approx(160.0)


def test_missing_lengths_are_straight_distances_between_the_centres():
    brain = read_connectome(table(","), "m.csv", {"m_centres.csv": CENTRES_CSV})
    assert brain.tract_lengths[0, 1] == pytest.approx(np.sqrt(100 + 100 + 36))
    assert "no tract lengths: straight distances between the centres" in brain.source


def test_the_farthest_centres_make_no_length_that_is_refused():
    corners = [[a, *([s * limits.MAX_COORDINATE] * 3)] for a, s in (("a", -1), ("b", 1))]
    brain = read_connectome(b"0 1\n1 0\n", "m.csv", {"m_centres.csv": lines(corners, ",")})
    assert brain.tract_lengths[0, 1] == pytest.approx(1000 * np.sqrt(3))


def test_labels_may_stand_in_a_file_of_their_own():
    for name in ("m_labels.csv", "m_labels.txt"):
        beside = {name: b"label\r\n" + "\r\n".join(LABELS).encode()}
        assert read_connectome(lines(WEIGHTS, ","), "m.csv", beside).labels == LABELS


@pytest.mark.parametrize(
    ("data", "beside", "said"),
    [
        (b"", {}, "m.csv: must not be empty (got 0 bytes)."),
        (b" \n ", {}, "m.csv: must not be empty (got 3 bytes)."),
        (b"a,b,c\n", {}, "m.csv: must hold rows of numbers (got a row of labels only)."),
        (b"1,2,,4\n", {}, "m.csv: must hold numbers (got '' in row 1 column 3)."),
        (b'0,1\n"' + b"x" * 200_000, {}, "m.csv: must be a table of cells (got field larger"),
        (
            table(",").replace(b",rA1,rV1", b",rV1,rA1"),
            {},
            "m.csv: must name the columns as the rows, in the same order (got ' rV1 rA1 lA1 lV1').",
        ),
        (
            table(","),
            {"m_centres__csv": CENTRES_CSV.replace(b"lV1", b"lV2")},
            "m_centres.csv: must have the labels of the weights (got 'lV1' is not there).",
        ),
        (
            table(","),
            {"m_lengths__csv": lines(-LENGTHS, ",")},
            "m_lengths.csv: must not be negative (got -50 in row 1 column 2 and 11 more).",
        ),
        (table(","), {"m_lengths__csv": b""}, "m_lengths.csv: must not be empty (got 0 bytes)."),
    ],
)
def test_a_bad_matrix_gets_one_sentence_with_its_file(data, beside, said):
    assert refusal(data, "m.csv", **beside).startswith(said)


@pytest.fixture
def relmats(tmp_path) -> Path:
    fc = np.corrcoef(WEIGHTS)
    for measure, matrix in (("BoldCorrelation", fc), ("streamlineCount", WEIGHTS), ("tractLength", LENGTHS)):
        name = f"atlas-X_meas-{measure}_relmat.dense.tsv"
        (tmp_path / name).write_bytes(lines(matrix, "\t"))
    rows = [["matrix_index", "label"], *enumerate(LABELS)]
    (tmp_path / "atlas-X_nodeindices.tsv").write_bytes(lines(rows, "\t"))
    (tmp_path / "dataset_description.json").write_text("{}")
    return tmp_path


def test_a_folder_of_bids_relmats_is_read(relmats):
    brain = load_connectome(relmats)
    assert brain.labels == LABELS
    assert np.array_equal(brain.weights, WEIGHTS)
    assert np.array_equal(brain.tract_lengths, LENGTHS)
    np.testing.assert_allclose(brain.fc_matrix, np.corrcoef(WEIGHTS), rtol=1e-12)
    assert "laid on a circle" in brain.source


def test_a_bad_folder_of_relmats_gets_all_its_sentences(relmats):
    next(relmats.glob("*tractLength*")).write_bytes(b"1\t2\n")
    next(relmats.glob("*nodeindices*")).write_bytes(b"index\tname\n0\ta\n1\ta\n2\tb\n3\tc\n")
    said = check_connectome(relmats)
    assert [s.split(": ", 2)[2] for s in said] == [
        "must be square (got 1 x 2).",
        "must be unique (got 'a' 2 times).",
    ]


def test_check_has_nothing_to_say_of_a_good_file(tmp_path):
    (tmp_path / "m.csv").write_bytes(table(","))
    (tmp_path / "m_centres.csv").write_bytes(CENTRES_CSV)
    (tmp_path / "m_lengths.csv").write_bytes(lines(LENGTHS, ","))
    assert check_connectome(tmp_path / "m.csv") == []
    assert_small(load_connectome("m.csv", tmp_path))


def test_what_is_no_file_is_refused_with_the_shipped_names(tmp_path):
    for odd in ("dk48", "no/such.zip", "\0", "x" * 5000):
        (said,) = check_connectome(odd, tmp_path)
        assert said.startswith("connectome: must be a shipped one or a file (got ")
        assert said.endswith("Valid: dk84, four_regions, mouse-b6.")
    assert "Did you mean 'dk84'?" in check_connectome("dk48")[0]
    (said,) = check_connectome(tmp_path)
    assert "or a folder of BIDS relmat tables or of the files of a TVB zip (got another" in said
    (tmp_path / "scan.mat").write_bytes(b"x")
    (said,) = check_connectome(tmp_path / "scan.mat")
    assert (
        said == "scan.mat: must end in .zip, .json, .csv, .tsv, .txt (got '.mat'). "
        "Write the matrix as CSV, in MATLAB with writematrix."
    )


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    tracemalloc.start()
    said = check_connectome(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said == ["huge.csv: must be at most 20 MB (got 200 MB)."]
    assert peak < 1_000_000
    assert refusal(bytes(limits.MAX_FILE_BYTES + 1), "u.zip").startswith("u.zip: must be at most")


def test_a_hostile_name_is_made_harmless():
    said = refusal(b"", "../../etc/<b>\x1b[31m\n" + "n" * 500 + ".zip")
    assert said.isprintable()
    assert len(said) < 150
    assert "/" not in said
