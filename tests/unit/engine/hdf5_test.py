"""HDF5 files from outside are read by another process, and what it understood arrives here."""

from __future__ import annotations

import threading
import time

import h5py
import numpy as np
import pytest

from engine.hdf5 import LEFT_OUT, copied, reader
from engine.whole_files import hdf5_bytes

NUMBERS = np.arange(12.0).reshape(3, 4)


def one(data, most_bytes=10**6, name="x"):
    """Values and attributes of a dataset in the copy."""
    with copied(data, most_bytes) as file:
        return file[name][()], dict(file[name].attrs)


def test_numbers_texts_and_attributes_arrive():
    def fill(file):
        file.attrs["kind"], file.attrs["format"] = "a run", 3
        file.attrs["names"] = np.array(["é", "b"], dtype=h5py.string_dtype())
        group = file.create_group("a/b")
        group.attrs["rate"] = np.float32(0.5)
        for k, array in enumerate(
            (NUMBERS, np.arange(5, dtype=np.uint16), np.array([True, False]), np.array([b"ab", b"c"]))
        ):
            group[f"{k}"] = array
        group["packed"] = 7
        group.create_dataset("chunks", data=NUMBERS, chunks=(1, 4), compression="gzip", maxshape=(None, 4))
        group["words"] = np.array(["one", "", "drei"], dtype=h5py.string_dtype())
        group["word"] = "all"
        group["empty"] = np.zeros((0, 3))
        group["nothing"] = h5py.Empty("f8")
        file["again"] = group["chunks"]

    with copied(hdf5_bytes(fill), 10**6) as file:
        assert (file.attrs["kind"], file.attrs["format"], *file.attrs["names"]) == ("a run", 3, "é", "b")
        group = file["a/b"]
        assert group.attrs["rate"] == np.float32(0.5)
        np.testing.assert_array_equal(group["0"][()], NUMBERS)
        assert [group[f"{k}"].dtype for k in range(4)] == [np.float64, np.uint16, np.bool_, np.dtype("S2")]
        assert group["packed"][()] == 7
        np.testing.assert_array_equal(file["again"][()], NUMBERS)
        assert list(group["words"].asstr()) == ["one", "", "drei"]
        assert group["word"][()] == b"all"
        assert group["empty"].shape == (0, 3)
        assert group["nothing"].shape is None


def test_what_lies_elsewhere_is_left_out_and_links_are_dropped(tmp_path):
    secret = tmp_path / "secret.h5"
    secret.write_bytes(hdf5_bytes(lambda file: file.create_dataset("x", data=NUMBERS)))
    (tmp_path / "raw").write_bytes(NUMBERS.tobytes())

    def fill(file):
        layout = h5py.VirtualLayout(shape=(3, 4), dtype="f8")
        layout[:] = h5py.VirtualSource(str(secret), "x", shape=(3, 4))
        file.create_virtual_dataset("x", layout)
        file.create_dataset("raw", shape=(12,), dtype="f8", external=[(str(tmp_path / "raw"), 0, 96)])
        file["link"], file["there"] = h5py.SoftLink("/x"), h5py.ExternalLink(str(secret), "x")
        file["points"] = np.array([file.ref], dtype=h5py.ref_dtype)

    with copied(hdf5_bytes(fill), 10**6) as file:
        assert sorted(file) == ["points", "raw", "x"]
        assert not file["x"][()].any()
        assert not file["raw"][()].any()
        assert file["x"].attrs[LEFT_OUT] == file["raw"].attrs[LEFT_OUT] == "a place in another file"
        assert file["points"].attrs[LEFT_OUT] == "values that are neither numbers nor words"


def test_what_unpacks_to_too_much_is_left_out():
    def fill(file):
        file.create_dataset("x", data=np.zeros((1000, 1000)), chunks=(1000, 1000), compression="gzip")
        file.create_dataset("chunk", shape=(1, 1), maxshape=(None, None), chunks=(4000, 1000), dtype="f8")
        file["small"] = NUMBERS

    data = hdf5_bytes(fill)
    assert len(data) < 50_000
    values, attributes = one(data)
    assert values.shape == (1000, 1000)
    assert attributes[LEFT_OUT] == "too many values"
    assert one(data, name="chunk")[1][LEFT_OUT] == "too many values"
    np.testing.assert_array_equal(one(data, name="small")[0], NUMBERS)
    assert LEFT_OUT not in one(data, 10**8)[1]


def test_texts_and_parts_are_bounded():
    long = hdf5_bytes(lambda file: file.create_dataset("x", data=["a" * 5000] * 2000))
    with pytest.raises(OSError, match="more than 4,000,000 characters"):
        one(long, 10**9)

    def circle(file):
        group = file.create_group("a")
        group["self"] = group

    with pytest.raises(OSError, match="32 levels"):
        one(hdf5_bytes(circle))


@pytest.mark.parametrize("data", [b"", b"\x89HDF\r\n\x1a\n nonsense", b"text"])
def test_no_hdf5_is_an_error_of_the_file(data):
    with pytest.raises(OSError, match=r"\w"):
        one(data)


def test_a_file_that_hangs_or_crashes_ends_the_other_process(monkeypatch):
    whole = hdf5_bytes(lambda file: file.create_dataset("x", data=NUMBERS))
    monkeypatch.setattr(reader, "_READERS", reader._Readers())
    started = reader._START
    monkeypatch.setattr(reader, "_START", "import os, sys; sys.stdin.buffer.read(40); os.abort()")
    with pytest.raises(OSError, match="reading it crashes"):
        one(whole)
    monkeypatch.setattr(reader, "_LIMIT_S", 0.3)
    monkeypatch.setattr(reader, "_START", "import time; time.sleep(100)")
    with pytest.raises(OSError, match="reading it does not end"):
        one(whole)
    monkeypatch.setattr(reader, "_LIMIT_S", 60.0)
    monkeypatch.setattr(reader, "_START", started)
    np.testing.assert_array_equal(one(whole)[0], NUMBERS)


def test_a_reader_that_an_earlier_file_harmed_is_replaced(monkeypatch):
    whole = hdf5_bytes(lambda file: file.create_dataset("x", data=NUMBERS))
    readers = reader._Readers()
    monkeypatch.setattr(reader, "_READERS", readers)
    one(whole)
    (kept,) = readers._kept
    kept._process.kill()
    np.testing.assert_array_equal(one(whole)[0], NUMBERS)
    (other,) = readers._kept
    assert other is not kept
    readers.close()
    assert kept._process.poll() is not None
    assert other._process.poll() is not None


def test_files_are_read_at_the_same_time(monkeypatch):
    readers = reader._Readers()
    monkeypatch.setattr(reader, "_READERS", readers)
    files = [hdf5_bytes(lambda file, k=k: file.create_dataset("x", data=NUMBERS + k)) for k in range(6)]
    found = {}
    threads = [
        threading.Thread(target=lambda k=k: found.update({k: one(files[k])[0]})) for k in range(len(files))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k in range(len(files)):
        np.testing.assert_array_equal(found[k], NUMBERS + k)
    assert len(readers._kept) == 1
    readers.close()


def test_the_other_process_ends_with_its_parent(monkeypatch):
    readers = reader._Readers()
    monkeypatch.setattr(reader, "_READERS", readers)
    whole = hdf5_bytes(lambda file: file.create_dataset("x", data=NUMBERS))
    one(whole)
    (kept,) = readers._kept
    kept._process.stdin.close()  # as the system does when the parent is gone
    end = time.monotonic() + 30
    while kept._process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    assert kept._process.poll() == 0
    np.testing.assert_array_equal(one(whole)[0], NUMBERS)  # by another one
    readers.close()
