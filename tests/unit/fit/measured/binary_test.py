"""NumPy, MATLAB, NWB, SONATA and BIDS files: told by content, judged before they are read."""

from __future__ import annotations

import contextlib
import io
import pickle
import struct

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from engine.errors import DataError, EngineError
from engine.fit.measured import RegionMatrix, SpikeList, open_measured, read_measured
from engine.fit.measured.limits import MAX_BYTES
from engine.whole_files import hdf5_bytes
from tests.measured_files import (
    LABELS,
    mat_element,
    mat_of,
    npy_of,
    nwb_of,
    signals,
    sonata_of,
    text_of,
    zip_of,
)

VALUES = signals()
FC = np.corrcoef(VALUES, rowvar=False)
REST = {"orientation": "time-rows", "interval_s": 0.72, "unit": "%"}


class Trap:
    """What a pickle of it would run when it is loaded."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('a pickle was run')",))


def refusal(data: bytes, name: str, **answers) -> str:
    with pytest.raises(DataError) as error:
        read_measured(data, name).data(answers)
    said = str(error.value)
    assert "\n" not in said
    assert said.startswith(name)
    return said


def test_an_array_is_told_by_its_content():
    for name in ("x.npy", "x.csv", "x.mat", "x"):
        draft = read_measured(npy_of(VALUES), name)
        assert [question.key for question in draft.questions()] == ["orientation", "interval_s", "unit"]
        np.testing.assert_array_equal(draft.data(REST).values, VALUES)
    fortran = read_measured(npy_of(np.asfortranarray(VALUES, np.float32)), "x.npy").data(REST)
    np.testing.assert_array_equal(fortran.values, VALUES.astype(np.float32))
    assert isinstance(read_measured(npy_of(FC), "x.npy").data(), RegionMatrix)


def test_one_array_of_an_archive_is_chosen():
    data = zip_of({"bold.npy": npy_of(VALUES), "fc.npy": npy_of(FC), "n.npy": npy_of(np.arange(3))})
    (question,) = read_measured(data, "x.npz").questions()
    assert question.choices == (("bold", "40 x 5"), ("fc", "5 x 5"))
    assert isinstance(read_measured(data, "x.npz").data({"part": "fc"}), RegionMatrix)
    assert "Did you mean 'bold'?" in refusal(data, "x.npz", part="bolt")


def test_parts_of_one_name_are_told_apart():
    data = zip_of({"a/bold.npy": npy_of(VALUES), "b/bold.npy": npy_of(FC), "b/bo\nld.npy": npy_of(VALUES)})
    draft = read_measured(data, "x.npz")
    assert [found.part for found in draft.found] == ["a/bold", "b/bold", "b/bo?ld"]
    twice = mat_of(mat_element(6, "bold", VALUES), mat_element(6, "bold", FC))
    draft = read_measured(twice, "x.mat")
    assert [found.part for found in draft.found] == ["bold", "bold (2)"]
    assert isinstance(draft.data({"part": "bold (2)"}), RegionMatrix)


def huge_header() -> bytes:
    head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000), }"
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + b"\0" * 800


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (npy_of(np.array([Trap()], object), True), "must hold plain numbers or text (got dtype object)."),
        (pickle.dumps(Trap()), "must hold plain numbers (got a pickle, which could run code)."),
        (zip_of({"a.npy": npy_of(np.array([Trap()], object), True)}), "(got dtype object)."),
        (npy_of(VALUES * 1j), "must hold plain numbers or text (got dtype complex128)."),
        (npy_of(np.array([["a"]])), "must hold numbers (got text of shape 1 x 1)."),
        (npy_of(VALUES[None]), "must be a table of rows and columns (got 1 x 40 x 5)."),
        (npy_of(VALUES[0]), "must be a table of rows and columns (got 5)."),
        (npy_of(np.zeros((0, 5))), "must be a table of rows and columns (got 0 x 5)."),
        (npy_of(VALUES)[:-8], "must hold as many bytes as its shape says"),
        (huge_header(), "must have at most 10,000,000 numbers (got 1000000 x 1000000)."),
        (zip_of({"a.npy": bytes(70_000_000)}), "must unpack to at most"),
        (zip_of({"xl/workbook.xml": b"<x/>"}), "(got neither). Save the sheet as CSV."),
        (zip_of({"a.txt": b"1 2"}), "must hold NumPy arrays or BIDS relmats (got neither)."),
        (b"PK\x03\x04 nonsense", "must be a zip archive"),
        (b"\x1f\x8b\x08 packed", "must be unpacked first (got a gzip file)."),
        (b"\x89HDF\r\n\x1a\n nonsense", "must be an undamaged HDF5 file"),
        (hdf5_bytes(lambda f: f.create_dataset("x", data=VALUES)), "must be NWB, SONATA or MATLAB 7.3"),
    ],
)
def test_bad_arrays_are_one_sentence(data, sentence):
    assert sentence in refusal(data, "x.npy")


def test_size_is_judged_before_reading(tmp_path):
    path = tmp_path / "nonsense.csv"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(DataError, match=r"nonsense\.csv: must be at most 64 MB \(got 200 MB\)\."):
        open_measured(path)
    with pytest.raises(DataError, match=r"must be at most 64 MB"):
        read_measured(bytes(MAX_BYTES + 1), "x.npy")
    for gone in (tmp_path / "no.csv", tmp_path / "a\0b", tmp_path):
        with pytest.raises(DataError) as error:
            open_measured(gone)
        assert "\n" not in str(error.value)


def saved(variables, **options) -> bytes:
    buffer = io.BytesIO()
    savemat(buffer, variables, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("is_packed", [False, True])
def test_matrices_of_matlab_are_read_and_nothing_else(is_packed):
    others = {"info": {"who": "x"}, "cells": np.array([1, "a"], object), "word": "abc", "one": 3.0}
    data = saved(
        {"bold": VALUES, "counts": (VALUES * 9).astype(np.int16), **others}, do_compression=is_packed
    )
    draft = read_measured(data, "x.mat")
    assert [found.part for found in draft.found] == ["bold", "counts"]
    np.testing.assert_array_equal(draft.data({**REST, "part": "bold"}).values, VALUES)
    assert isinstance(read_measured(mat_of(mat_element(6, "fc", FC)), "x.mat").data(), RegionMatrix)


def matlab73(fill) -> bytes:
    """An HDF5 file with MATLAB's text in the 512 bytes before it."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=512) as file:
        fill(file)
    data = buffer.getvalue()
    return b"MATLAB 7.3 MAT-file".ljust(512) + data[512:]


def test_matrices_of_matlab_73_are_turned():
    def fill(file):
        file.create_dataset("bold", data=VALUES.T).attrs["MATLAB_class"] = np.bytes_("double")
        file.create_dataset("f", data=np.ones((3, 3))).attrs["MATLAB_class"] = np.bytes_("function_handle")

    np.testing.assert_array_equal(read_measured(matlab73(fill), "x.mat").data(REST).values, VALUES)


@pytest.mark.parametrize("way", ["link", "raw", "virtual"])
def test_nothing_is_read_from_other_files(way, tmp_path):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file.create_dataset("bold", data=VALUES).attrs["MATLAB_class"] = np.bytes_("double")
        file.create_dataset("spikes/a/timestamps", data=[1.0])
        file.create_dataset("spikes/a/node_ids", data=[1])
        file.create_dataset("units/spike_times", data=[1.0])
    (tmp_path / "raw").write_bytes(VALUES.tobytes())

    def fill(file):
        if way == "link":
            for name in ("bold", "spikes", "units"):
                file[name] = h5py.ExternalLink(str(secret), name)
        elif way == "raw":
            place = [(str(tmp_path / "raw"), 0, VALUES.nbytes)]
            file.create_dataset("bold", VALUES.shape, "<f8", external=place)
        else:
            layout = h5py.VirtualLayout(VALUES.shape, "<f8")
            layout[:] = h5py.VirtualSource(str(secret), "bold", VALUES.shape)
            file.create_virtual_dataset("bold", layout)
        if way != "link":
            file["bold"].attrs["MATLAB_class"] = np.bytes_("double")

    said = refusal(matlab73(fill), "x.mat")
    assert (
        "no variable" if way == "link" else "must hold its numbers itself (got a place in another"
    ) in said


BOMB = mat_of(mat_element(6, "bold", np.zeros((1, 11_000_000))), is_packed=True)
CUT = mat_of(mat_element(6, "bold", VALUES))[:-40]
CLAIM = mat_of(mat_element(6, "bold", VALUES, shape=(40_000, 50_000)))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (mat_of(mat_element(3, "trap", VALUES)), "must hold a matrix of numbers (got trap, an object)."),
        (mat_of(mat_element(16, "trap", VALUES)), "(got trap, a function)."),
        (mat_of(mat_element(17, "trap", VALUES)), "(got a variable, an opaque object)."),
        (mat_of(mat_element(1, "c", VALUES)), "(got c, a cell array)."),
        (mat_of(), "must hold a matrix of numbers (got no variable)."),
        (BOMB, "must unpack to at most"),
        (CUT, "must be a whole MATLAB file"),
        (CLAIM, "must have at most 10,000,000 numbers (got 40000 x 50000)."),
        (mat_of(mat_element(6, "bold", VALUES, shape=(50, 40))), "must be undamaged"),
        (saved({"z": VALUES * 1j}), "(got z, complex numbers)."),
        (matlab73(lambda f: f.create_dataset("x", data=VALUES)), "must hold a matrix of numbers"),
    ],
    ids=range(11),
)
def test_bad_matlab_is_one_sentence(data, sentence):
    assert sentence in refusal(data, "x.mat")


def test_units_of_nwb_are_spikes():
    found = read_measured(nwb_of(), "x.nwb").data({"part": "units"})
    assert isinstance(found, SpikeList)
    assert (found.units, found.regions) == (("10", "11", "12"), ("L.TH", "L.TH", "L.HI"))
    assert found.times.tolist() == [100.0, 200.0, 400.0, 900.0]
    assert found.ids.tolist() == [0, 1, 0, 2]
    assert found.duration_ms == 1000.0


def test_units_lie_where_their_electrodes_do():
    data = nwb_of(regions=None, electrodes=[2, 1, 0, 0], values=None)
    assert read_measured(data, "x.nwb").data().regions == ("L.HI", "", "L.TH")
    between = nwb_of(regions=None, electrodes=[2, 1, 0, 2], values=None)
    assert read_measured(between, "x.nwb").data().regions == ("L.HI", "", "")
    assert read_measured(nwb_of(regions=None, values=None), "x.nwb").data().regions == ("", "", "")


def test_units_without_one_window_are_asked_how_long():
    for windows in (None, [[0, 1], [0, 1], [0, 2]]):
        draft = read_measured(nwb_of(windows=windows, values=None), "x.nwb")
        assert [question.key for question in draft.questions()] == ["duration_s"]
    late = read_measured(nwb_of(windows=[[0.1, 1.1]] * 3, values=None), "x.nwb").data()
    assert (late.times[0], late.duration_ms) == (0.0, 1000.0)


def test_signals_of_nwb_say_rate_and_unit():
    found = read_measured(nwb_of(times=None), "x.nwb").data()
    assert (found.interval_s, found.unit, found.signal) == (0.72, "percent", "bold")
    assert found.values.shape == (30, 4)
    assert found.origin.stood["orientation"] == "time-rows"
    scaled = read_measured(nwb_of(times=None, scale=(0.5, 3.0)), "x.nwb").data()
    np.testing.assert_allclose(scaled.values, found.values * 0.5 + 3.0, rtol=1e-12)
    timed = read_measured(nwb_of(times=None, timestamps=np.arange(30) / 8, unit="unknown"), "x.nwb")
    assert [question.key for question in timed.questions()] == ["unit"]
    assert timed.data({"unit": "%"}).interval_s == 0.125


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"times": None, "rate": 0.0}, "sampling rate must be above 0 Hz (got 0)."),
        ({"times": None, "scale": (np.nan, 0.0)}, "conversion must be a finite number (got nan, 0)."),
        ({"times": None, "rate": np.nan}, "sampling rate must be above 0 Hz (got nan)."),
        ({"times": None, "rate": 1e9}, "must be sampled every 1e-05 to 600 s (got 1e-09 s)."),
        (
            {"times": None, "timestamps": np.arange(30)[::-1]},
            "times must run forward (got 29 followed by 28).",
        ),
        ({"times": None, "timestamps": np.arange(9)}, "must have a time for each sample (got 9 times for 30"),
        ({"times": None, "values": np.zeros((3, 3, 3))}, "must be samples by channels (got 3 dimensions)."),
        (
            {"values": None, "ends": [2, 1, 4]},
            "must divide the values among units (got 3 ends for 4 values).",
        ),
        ({"values": None, "regions": ["a"]}, "must name a region for each unit (got 1 of 3)."),
        ({"values": None, "regions": None, "electrodes": [2, 1, 0, 3]}, "must name one of 3 electrodes for"),
        ({"values": None, "windows": [[2, 1]] * 3}, "must run forward (got 2 to 1 s)."),
        ({"values": None, "times": None}, "must hold units with spike times, or signals over time"),
    ],
)
def test_bad_nwb_is_one_sentence(changes, sentence):
    assert sentence in refusal(nwb_of(**changes), "x.nwb")


def test_populations_of_sonata_are_regions():
    data = sonata_of({"L.TH": ([1.0, 3.0], [4, 9]), "L.HI": ([2.0], [4])})
    draft = read_measured(data, "x.h5")
    assert [question.key for question in draft.questions()] == ["duration_s"]
    found = draft.data({"duration_s": 0.01})
    assert dict(zip(found.units, found.regions, strict=True)) == {
        "L.HI:4": "L.HI",
        "L.TH:4": "L.TH",
        "L.TH:9": "L.TH",
    }
    assert [found.units[k] for k in found.ids] == ["L.TH:4", "L.HI:4", "L.TH:9"]
    silent = read_measured(sonata_of({"a": ([1.0], [1])}, unit=None), "x.h5")
    assert [question.key for question in silent.questions()] == ["time_unit", "duration_s"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            sonata_of({"a": ([1.0, 2.0], [1])}),
            "must have one unit for each spike time (got 2 times and 1 units).",
        ),
        (
            sonata_of({"a": ([1.0], [1])}, unit="fortnight"),
            "times must be in one known unit (got 'fortnight').",
        ),
        (hdf5_bytes(lambda f: f.create_group("spikes/a")), "must hold spikes: timestamps and node_ids"),
    ],
)
def test_bad_sonata_is_one_sentence(data, sentence):
    assert sentence in refusal(data, "x.h5", duration_s=1)


RELMAT = "atlas-X_meas-PearsonCorrelation_relmat.dense.tsv"
NODES = "atlas-X_nodeindices.tsv"
NODE_ROWS = "\n".join(["matrix_index\tlabel", *(f"{k}\t{name}" for k, name in enumerate(LABELS))]).encode()


def test_a_relmat_has_its_names_beside_it(tmp_path):
    table = text_of(FC - np.eye(5), separator="\t")
    (tmp_path / RELMAT).write_bytes(table)
    (tmp_path / NODES).write_bytes(NODE_ROWS)
    (tmp_path / "other.tsv").write_bytes(b"nothing of it")
    for path in (tmp_path, tmp_path / RELMAT):
        found = open_measured(path).data()
        assert (type(found), found.labels) == (RegionMatrix, LABELS)
        np.testing.assert_allclose(found.values, FC, atol=1e-12)
    (tmp_path / "mine.csv").write_bytes(text_of(FC))
    (tmp_path / "mine.json").write_bytes(b"")
    assert open_measured(tmp_path / "mine.csv").data().n_regions == 5, "an empty description is none"
    packed = read_measured(zip_of({f"a/{RELMAT}": table, f"a/{NODES}": NODE_ROWS}), "x.zip").data()
    assert packed.labels == LABELS


def test_a_relmat_of_something_else_is_refused():
    name = "atlas-X_meas-streamlineCount_relmat.dense.tsv"
    assert "must hold correlations (got atlas-X_meas-streamlineCount" in refusal(
        text_of(FC, separator="\t"), name
    )
    few = {NODES: NODE_ROWS.rsplit(b"\n", 1)[0]}
    with pytest.raises(DataError, match=r"must name every row of the matrix \(got 4 of 5\)"):
        read_measured(text_of(FC, separator="\t"), RELMAT, few)


SEEDS = [
    npy_of(VALUES),
    zip_of({"a.npy": npy_of(FC)}),
    saved({"bold": VALUES}, do_compression=True),
    mat_of(mat_element(6, "bold", VALUES)),
    nwb_of(),
    sonata_of({"a": ([1.0], [1])}),
    text_of(VALUES, LABELS),
    b"t_ms,id\n1,2\n3,4\n",
]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_whatever_comes_in_is_data_or_one_sentence(seed, drawn):
    damaged = bytearray(seed)
    for _ in range(drawn.draw(st.integers(0, 6))):
        damaged[drawn.draw(st.integers(0, min(len(seed), 4000) - 1))] = drawn.draw(st.integers(0, 255))
    with contextlib.suppress(EngineError):
        draft = read_measured(bytes(damaged[: drawn.draw(st.integers(0, len(seed)))]), "x")
        answers = {question.key: "s" for question in draft.questions() if question.key == "time_unit"}
        said = {"orientation": "time-rows", "interval_s": 1.0, "unit": "%", "duration_s": 9.0}
        if len(draft.found) > 1:
            said["part"] = draft.found[0].part
        draft.data({**said, **answers})
