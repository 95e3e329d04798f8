"""Every variant of the TVB archive is read, and every bad one, bombs too, gets its sentence."""

from __future__ import annotations

import bz2
import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from engine.brain.connectome import check_connectome, load_connectome, read_connectome
from engine.brain.readers.tvb_zip import Archive, roles_of
from engine.errors import DataError

LABELS = ("rA1", "rV1", "lA1", "lV1")
CENTRES = np.array([[10.0, -5, 3], [20, 5, -3], [-10, -5, 3], [-20, 5, -3]])
WEIGHTS = np.array([[0.0, 1, 2, 3], [4, 0, 5, 6], [7, 8, 0, 9], [10, 11, 12, 0]])
LENGTHS = 10.0 * (WEIGHTS + WEIGHTS.T)


def lines(table, separator=" ", end="\n") -> bytes:
    return (end.join(separator.join(map(str, row)) for row in table) + end).encode()


def parts(**changes) -> dict[str, bytes]:
    """The members of a small TVB archive; None leaves one out, a new name adds one."""
    members = {
        "weights.txt": lines(WEIGHTS),
        "tract_lengths.txt": lines(LENGTHS),
        "centres.txt": lines([[a, *xyz] for a, xyz in zip(LABELS, CENTRES, strict=True)]),
    }
    members |= {name.replace("__", "."): data for name, data in changes.items()}
    return {name: data for name, data in members.items() if data is not None}


def zipped(members: dict[str, bytes], method=zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def npy(array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


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


TABBED = lines([["", a, *xyz, "None"] for a, xyz in zip(LABELS, CENTRES, strict=True)], "\t ", "\r")
VARIANTS = {
    "plain": parts(),
    "in a folder whose name is a token": {f"my_weights/x/{k}": v for k, v in parts().items()},
    "American": parts(centres__txt=None, centers__txt=parts()["centres.txt"]),
    "tabs, CR, leading blanks, fifth column": parts(centres__txt=TABBED),
    "CR LF and leading blanks": parts(weights__txt=lines(WEIGHTS, "   ", "\r\n  ")),
    "commas": parts(weights__txt=lines(WEIGHTS, ", ")),
    "comments": parts(weights__txt=b"# from a scanner\n" + lines(WEIGHTS)),
    "byte order mark": parts(centres__txt=b"\xef\xbb\xbf" + parts()["centres.txt"]),
    "bz2": {k + ".bz2": bz2.compress(v) for k, v in parts().items()},
    "bz2 in two streams": parts(
        weights__txt=None, w_weights__bz2=bz2.compress(lines(WEIGHTS[:2])) + bz2.compress(lines(WEIGHTS[2:]))
    ),
    "npy": parts(
        weights__txt=None,
        tract_lengths__txt=None,
        centres__txt=None,
        weights__npy=npy(np.asfortranarray(WEIGHTS.astype(">i4"))),
        tract_lengths__npy=npy(LENGTHS.astype(np.float32)),
        centres__npy=npy(np.array([[a, *map(str, xyz)] for a, xyz in zip(LABELS, CENTRES, strict=True)])),
    ),
    "short tokens": {
        "tract.txt": lines(LENGTHS),
        "my_weight.txt": lines(WEIGHTS),
        "centre.txt": parts()["centres.txt"],
        "area.txt": lines([[1.0]] * 4),
        "hemisphere.txt": b"1\n1\n0\n0\n",
    },
    "a Mac's and a note beside it": {
        "__MACOSX/._weights.txt": b"\0\1\2",
        "._weights.txt": b"\0",
        "info_weights_unit.md": b"weights",
        "info.txt": b"weights_unit = au",
    }
    | parts(),
    "orientations and areas": {"average_orientations.txt": b"never read", "areas.txt": b"never read"}
    | parts(),
    "stored lengths first": dict(reversed(parts().items())),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_of_the_tvb_archive_is_read(variant):
    assert_small(read_connectome(zipped(VARIANTS[variant]), "small.zip"))


def test_the_archive_says_what_is_cortex_and_which_side_is_right():
    members = parts(cortical__txt=b"1 \n0 \n1 \n0", hemispheres__txt=b"0\n0\n1\n1\n")
    brain = read_connectome(zipped(members), "small.zip")
    assert brain.cortical.tolist() == [True, False, True, False]
    assert brain.hemisphere == ("L", "L", "R", "R")
    assert brain.source == "small.zip (TVB connectivity archive)"


def test_what_the_archive_does_not_say_is_said_in_the_source():
    source = read_connectome(zipped(parts()), "small.zip").source
    assert "hemispheres taken from the labels" in source
    assert "every region taken as cortex" in source


def test_lengths_and_weights_are_never_taken_for_each_other():
    roles, rivals = roles_of(["tract_lengths_for_weights.txt", "weights_by_tract_lengths.txt"])
    assert roles["tract_lengths"] == "tract_lengths_for_weights.txt"
    assert roles["weights"] == "weights_by_tract_lengths.txt"
    assert not rivals
    assert roles_of(["a/tract_lengths.txt", "a/weights.txt"])[0] == {
        "tract_lengths": "a/tract_lengths.txt",
        "weights": "a/weights.txt",
    }
    only = {"tract_lengths": "weights/tract_lengths.txt"}
    assert roles_of(["weights/tract_lengths.txt"]) == (only, {})
    assert roles_of(["old_weights.txt", "weights.txt"])[0]["weights"] == "weights.txt"


@pytest.mark.parametrize(
    "names", [("weights_a.txt", "weights_b.txt"), ("one/weights.txt", "two/weights.txt")]
)
def test_two_members_for_one_part_are_refused_by_name(names):
    members = parts(weights__txt=None) | dict.fromkeys(names, lines(WEIGHTS))
    said = refusal(zipped(members), "my.zip")
    assert said == f"my.zip: must hold one member for weights (got {', '.join(names)})."


BAD_MEMBERS = [
    ({"weights__txt": lines(np.ones((76, 75)))}, "weights.txt: must be square (got 76 x 75)."),
    (
        {"weights__txt": lines(WEIGHTS - 1)},
        "weights.txt: must not be negative (got -1 in row 1 column 1 and 3 more).",
    ),
    ({"weights__txt": b"0 1\nx 0\n"}, "weights.txt: must hold numbers (got 'x' in row 2 column 1)."),
    ({"weights__txt": b"0 1\n1\n"}, "weights.txt: every row must have 2 numbers (got 1 in row 2)."),
    ({"weights__txt": b""}, "weights.txt: must not be empty (got 0 bytes)."),
    ({"weights__txt": b"# none\n"}, "weights.txt: must hold rows of numbers (got none)."),
    ({"weights__txt": b"7\n"}, "weights.txt: must have 2 to 2000 regions (got 1)."),
    ({"weights__txt": b"0\n" * 2001}, "weights.txt: must have at most 2000 rows and columns (got more)."),
    (
        {"weights__txt": b"1 " * 200_000},
        "weights.txt: must have at most 256128 characters in a line (got 400000).",
    ),
    (
        {"weights__txt": b"1\0\2\3"},
        "weights.txt: must be text (got binary data \"b'1\\\\x00\\\\x02\\\\x03'\").",
    ),
    (
        {"tract_lengths__txt": lines(LENGTHS + np.inf)},
        "tract_lengths.txt: must hold finite numbers only (got inf in row 1 column 1 and 15 more).",
    ),
    ({"tract_lengths__txt": lines(LENGTHS[:3])}, "tract_lengths.txt: must be square (got 3 x 4)."),
    (
        {"centres__txt": lines([[a, 1, 2, 3] for a in "abc"])},
        "centres.txt: must be 4 x 3, one row per region of weights (got 3 x 3).",
    ),
    (
        {"centres__txt": lines([[a, 1, 2, 3] for a in "abca"])},
        "centres.txt: must be unique (got 'a' 2 times).",
    ),
    (
        {"centres__txt": lines(CENTRES[:, :2])},
        "centres.txt: must have the columns label x y z (got 2 columns in row 1).",
    ),
    (
        {"weights__txt": lines(0 * WEIGHTS)},
        "weights.txt: must hold a weight above 0 between two regions (got zeros only).",
    ),
    (
        {"centres__txt": lines([[a, 1, "two", 3] for a in "abcd"])},
        "centres.txt: must hold numbers (got 'two' in row 1 column 3).",
    ),
    ({"cortical__txt": b"1 2 1 0"}, "cortical.txt: must hold 0 and 1 only (got 2)."),
    ({"cortical__txt": b"1 0 1"}, "cortical.txt: must be 4, one row per region of weights (got 3)."),
    ({"hemispheres__txt": b"1\n1\n0\n"}, "hemispheres.txt: must have 4 entries, one per region (got 3)."),
    (
        {"weights__txt": None, "weights__bz2": b"no such thing"},
        "weights.bz2: must be bz2 data (got 'Invalid data stream').",
    ),
    (
        {"weights__txt": None, "weights__bz2": bz2.compress(lines(WEIGHTS))[:-9]},
        "weights.bz2: must be whole bz2 data (got a cut-off end).",
    ),
    (
        {"weights__txt": None, "weights__npy": npy(np.array([{}], dtype=object))},
        "weights.npy: must hold plain numbers or text (got dtype object).",
    ),
    (
        {"weights__txt": None, "weights__npy": npy(WEIGHTS)[:-8]},
        "weights.npy: must hold as many bytes as its shape says (got 120 bytes for shape '(4, 4)').",
    ),
    (
        {"weights__txt": None, "weights__npy": npy(np.zeros((2, 2, 2)))},
        "weights.npy: must be a table of numbers (got 3 dimension(s) of float64).",
    ),
    (
        {"weights__txt": None, "weights__npy": b"NUMPY"},
        "weights.npy: must be a NumPy array file (got 'EOF: reading magic string, expected 8 b…').",
    ),
]


@pytest.mark.parametrize(("changes", "said"), BAD_MEMBERS)
def test_a_bad_member_gets_one_sentence_with_its_name(changes, said):
    assert refusal(zipped(parts(**changes)), "my.zip") == "my.zip: " + said


def test_a_header_that_claims_a_huge_array_allocates_nothing():
    head = npy(WEIGHTS).replace(b"(4, 4), ", b"(4, 999999999999), ".ljust(8))
    tracemalloc.start()
    refusal(zipped(parts(weights__txt=None, weights__npy=head)), "my.zip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def _peak_and_refusal(data: bytes, filename: str) -> tuple[int, str]:
    tracemalloc.start()
    said = refusal(data, filename)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, said


def _with_false_size(archive: bytes, member: bytes, size: int) -> bytes:
    """Write another unpacked size into the two headers of a member."""
    data = bytearray(archive)
    for signature, offset, name in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        at = data.find(signature)
        while data[at + name : at + name + len(member)] != member:
            at = data.find(signature, at + 1)
        data[at + offset : at + offset + 4] = struct.pack("<I", size)
    return bytes(data)


@pytest.fixture(scope="module")
def zeros_bz2() -> bytes:
    """A hundred streams of 2 MB of zeros each, in a few kilobytes."""
    return bz2.compress(b"0 " * 1_000_000) * 100


def test_a_zip_bomb_is_refused_by_what_its_header_says():
    peak, said = _peak_and_refusal(zipped(parts(weights__txt=b"0" * 70_000_000)), "bomb.zip")
    assert said == "bomb.zip: must unpack to at most 64 MB (got 70 MB or more)."
    assert peak < 2_000_000


def test_a_zip_bomb_that_lies_in_its_header_is_cut_off_there():
    bomb = zipped(parts(weights__txt=b"0" * 70_000_000))
    peak, said = _peak_and_refusal(_with_false_size(bomb, b"weights.txt", 500_000), "bomb.zip")
    assert said.startswith("bomb.zip: weights.txt: must be undamaged (got ")
    assert peak < 2_000_000


def test_a_bz2_bomb_inside_a_zip_is_refused_while_it_unpacks(zeros_bz2):
    bomb = zipped(parts(weights__txt=None, weights__bz2=zeros_bz2))
    assert len(bomb) < 10_000
    peak, said = _peak_and_refusal(bomb, "bomb.zip")
    assert said.startswith("bomb.zip: must unpack to at most 200 times its size (got ")
    assert peak < 4_000_000


def test_unpacking_is_counted_whatever_the_header_says():
    bomb = _with_false_size(zipped(parts(weights__txt=b"0" * 70_000_000)), b"weights.txt", 9)
    archive = Archive(bomb, "bomb.zip")
    archive.members["weights.txt"].file_size = 70_000_000  # as if the header were not looked at
    with pytest.raises(DataError, match="must unpack to at most 200 times its size"):
        archive.read("weights.txt")
    assert archive.n_unpacked < 20_000_000


def test_members_share_one_allowance(zeros_bz2):
    member = zeros_bz2[: len(zeros_bz2) // 5]
    noise = np.random.default_rng(3).bytes(500_000)  # makes the archive too large for a bomb
    archive = Archive(zipped({"a.bz2": member, "b.bz2": member, "noise": noise}), "bomb.zip")
    assert len(archive.read("a.bz2")) == 40_000_000
    with pytest.raises(DataError, match=r"must unpack to at most 64 MB \(got 64"):
        archive.read("b.bz2")


def test_endless_empty_bz2_streams_count_too():
    hollow = bz2.compress(b"") * 300_000
    bomb = zipped(parts(weights__txt=None, weights__bz2=hollow))
    assert "must unpack to at most 200 times its size" in refusal(bomb, "bomb.zip")


def test_the_archive_itself_is_checked():
    many = {f"note{k}.txt": b"" for k in range(65)}
    assert refusal(zipped(many), "a.zip") == "a.zip: must have at most 64 members (got 65)."
    assert refusal(zipped({}), "a.zip") == "a.zip: weights: must be there (got an empty archive)."
    assert refusal(b"PK\x03\x04" + b"x" * 99, "a.zip").startswith("a.zip: must be a zip archive")
    said = refusal(zipped(parts(), zipfile.ZIP_LZMA), "a.zip")
    assert said == "a.zip: weights.txt: must be stored or deflated (got method 14)."
    locked = bytearray(zipped(parts()))
    locked[locked.find(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(locked), "a.zip") == "a.zip: weights.txt: must not be encrypted."
    nameless = zipped(parts(note=b"")).replace(b"note", b"\0ote")
    assert_small(read_connectome(nameless, "small.zip"))
    torn = bytearray(zipped(parts(), zipfile.ZIP_STORED))
    torn[torn.find(b"0.0 1.0")] ^= 1
    assert refusal(bytes(torn), "a.zip").startswith("a.zip: weights.txt: must be undamaged (got ")


def test_check_names_everything_that_is_wrong(tmp_path):
    members = parts(
        weights__txt=lines(WEIGHTS - 1),
        tract_lengths__txt=lines(LENGTHS[:3, :3]),
        centres__txt=lines([[a, 1, np.nan, 3] for a in "aabc"]),
        cortical__txt=b"1 1 1 5",
        hemispheres__txt=b"middle",
    )
    path = tmp_path / "my.zip"
    path.write_bytes(zipped(members))
    said = check_connectome("my.zip", tmp_path)
    assert [s.removeprefix("my.zip: ").split(":")[0] for s in said] == [
        "cortical.txt",
        "hemispheres.txt",
        "weights.txt",
        "tract_lengths.txt",
        "centres.txt",
        "centres.txt",
    ]
    with pytest.raises(DataError) as caught:
        load_connectome(path)
    assert str(caught.value) == said[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tract_lengths__txt": None}, "no tract lengths: straight distances"),
        ({"tract_lengths__txt": b" \n"}, "tract_lengths.txt is empty, taken for missing"),
        ({"tract_lengths__txt": lines(0 * LENGTHS)}, "all tract lengths are 0, taken for missing"),
        ({"centres__txt": None}, "no centres: regions laid on a circle"),
        ({"centres__txt": lines([[a, 0, 0, 0] for a in LABELS])}, "all centres are the same"),
        ({"weights__txt": lines(np.triu(WEIGHTS))}, "the other one mirrored"),
        ({"hemispheres__txt": b"0\n0\n0\n0\n"}, "all regions are marked as one hemisphere"),
    ],
)
def test_what_an_archive_lacks_or_leaves_open_is_said(changes, words):
    brain = read_connectome(zipped(parts(**changes)), "small.zip")
    assert any(words in note.said for note in brain.notes)
    assert np.ptp(brain.centres, axis=0).any()
    assert brain.tract_lengths[0, 1] > 0


def test_labels_may_have_blanks_and_sides_may_be_true_or_false():
    names = ("Right A", "Right V", "Left A", "Left V")
    centres = lines([[a, *xyz] for a, xyz in zip(names, CENTRES, strict=True)], "\t")
    sides = b"True\nTrue\nFalse\nFalse\n"
    members = parts(centres__txt=centres, hemispheres__txt=sides)
    brain = read_connectome(zipped(members), "small.zip")
    assert brain.labels == names
    assert brain.hemisphere == ("R", "R", "L", "L")
    blanks = lines([[a, *xyz] for a, xyz in zip(names, CENTRES, strict=True)])
    assert read_connectome(zipped(parts(centres__txt=blanks)), "small.zip").labels == names


def test_an_archive_of_bids_matrices_is_read_as_such():
    stem = "sub-1/dwi/sub-1_atlas-X_meas-{}_relmat.dense.tsv"
    members = {stem.format("streamlineCount"): lines(WEIGHTS, "\t")}
    members |= {stem.format("tractLength"): lines(LENGTHS, "\t")}
    brain = read_connectome(zipped(members), "bids.zip")
    assert np.array_equal(brain.weights, WEIGHTS)
    assert np.array_equal(brain.tract_lengths, LENGTHS)
    members[stem.format("siftCount")] = lines(WEIGHTS, "\t")
    assert "must hold one matrix of weights" in refusal(zipped(members), "bids.zip")
