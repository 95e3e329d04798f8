"""Files appear whole or not at all, and what was there stays."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import h5py
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DataError, WriteError
from engine.whole_files import hdf5_bytes, require_file_place, require_folder_place, write_file, write_files


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if not p.is_dir()}


def full_disk(monkeypatch, at: int = 1) -> None:
    """Let the disk be full in the middle of the n-th write."""
    whole, done = Path.write_bytes, []

    def write_bytes(self: Path, data: bytes) -> int:
        done.append(self)
        if len(done) < at:
            return whole(self, data)
        whole(self, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_bytes)


def test_a_file_is_utf_8_and_folders_above_it_are_made(tmp_path):
    path = write_file(tmp_path / "a" / "b.txt", "Ψ → 1\n")
    assert path.read_bytes() == "Ψ → 1\n".encode()
    assert tree(tmp_path) == {"a/b.txt": path.read_bytes()}


def test_a_new_file_has_the_mode_of_the_umask_and_an_old_one_keeps_its_own(tmp_path):
    before = os.umask(0o027)
    try:
        path = write_file(tmp_path / "x", "1")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)
    write_file(path, "2")
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_link_is_followed_and_a_device_is_written_to(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x").write_text("old")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real" / "x")
    write_file(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "real" / "x").read_text() == "new"
    write_file(os.devnull, "gone")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    require_file_place(os.devnull, "out")


def test_a_full_disk_leaves_a_file_as_it_was(tmp_path, monkeypatch):
    path = write_file(tmp_path / "x", "precious")
    full_disk(monkeypatch)
    with pytest.raises(WriteError, match=r"/x: cannot be written \(No space left on device\)\.$"):
        write_file(path, "other")
    with pytest.raises(WriteError):
        write_file(tmp_path / "new" / "deep" / "y", "other")
    assert tree(tmp_path) == {"x": b"precious"}
    assert [p.name for p in tmp_path.iterdir()] == ["x"]  # no folder that was made for it either


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("is_there", [False, True])
def test_a_full_disk_leaves_several_files_as_they_were(at, is_there, tmp_path, monkeypatch):
    folder, contents = tmp_path / "r", {"a": "new a", "b": b"new b", "c": "new c"}
    if is_there:
        write_files(folder, {"a": "old a", "b": "old b", "d": "old d"})
    before = tree(tmp_path)
    full_disk(monkeypatch, at)
    with pytest.raises(WriteError, match="/r: cannot be written"):
        write_files(folder, contents, ("a", "b", "d"))
    assert tree(tmp_path) == before
    assert folder.exists() == is_there


@given(at=st.integers(1, 8), is_interrupt=st.booleans())
def test_an_exchange_that_is_broken_off_is_undone(at, is_interrupt, tmp_path_factory):
    folder = tmp_path_factory.mktemp("r")
    write_files(folder, {"a": "old a", "b": "old b", "d": "old d", "mine": "mine"})
    before, whole, done = tree(folder), Path.rename, []

    def rename(self: Path, target: Path) -> Path:
        done.append(self)
        if len(done) == at:
            raise KeyboardInterrupt if is_interrupt else OSError(errno.EIO, "Input/output error")
        return whole(self, target)

    new = {"a": "new a", "b": "new b", "c": "new c"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        try:
            write_files(folder, new, ("a", "b", "d"))
        except (WriteError, KeyboardInterrupt):
            assert tree(folder) == before
        else:
            assert at > 6  # three go, three come
            assert tree(folder) == {"a": b"new a", "b": b"new b", "c": b"new c", "mine": b"mine"}


def test_hdf5_is_whole_bytes(tmp_path):
    data = hdf5_bytes(lambda file: file.create_dataset("x", data=[1, 2, 3]))
    with h5py.File(write_file(tmp_path / "x.h5", data)) as file:
        assert file["x"][:].tolist() == [1, 2, 3]


def test_a_place_is_refused_before_the_work_and_trying_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match=r"out: must be a folder \(got the file /.*/file\)\."):
        require_folder_place(tmp_path / "file", "out")
    with pytest.raises(DataError, match=r"out: must be a file \(got the folder /"):
        require_file_place(tmp_path, "out")
    for require in (require_file_place, require_folder_place):
        with pytest.raises(DataError, match=r"must be a place that can be written \(got /.*/x"):
            require(tmp_path / "file" / "x", "out")
        require(tmp_path / "new" / "deep" / "x", "out")
        with pytest.raises(DataError, match=r"^out: must be a name \(got -"):
            require("-", "out")
    assert tree(tmp_path) == {"file": b"x"}
    assert not (tmp_path / "new").exists()
