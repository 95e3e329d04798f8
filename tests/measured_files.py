"""Small files of measured data, made where they are needed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import h5py
import numpy as np

from engine.whole_files import hdf5_bytes

LABELS = ("L.TH", "L.HI", "L.SFG", "L.PCAL", "R.TH")


def signals(n_samples: int = 40, n_regions: int = 5, seed: int = 1) -> np.ndarray:
    """(n_samples, n_regions) float64."""
    return np.random.default_rng(seed).normal(size=(n_samples, n_regions))


def text_of(values, header=(), beside=None, separator=",") -> bytes:
    """A table of text, with names above and beside it where they are given."""
    rows = [[repr(float(v)) for v in row] for row in np.atleast_2d(values)]
    if beside is not None:
        rows = [[str(name), *row] for name, row in zip(beside, rows, strict=True)]
    lines = [[str(h) for h in header]] * bool(len(header)) + rows
    return "\n".join(separator.join(line) for line in lines).encode()


def npy_of(array, allow_pickle: bool = False) -> bytes:
    """A NumPy array file."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asanyarray(array), allow_pickle=allow_pickle)
    return buffer.getvalue()


def zip_of(members: dict[str, bytes]) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def mat_element(kind: int, name: str, values: np.ndarray, shape=None) -> bytes:
    """One variable of a MATLAB file, of whatever class is claimed."""
    shape = values.shape if shape is None else shape

    def part(code: int, body: bytes) -> bytes:
        return struct.pack("<II", code, len(body)) + body + b"\0" * (-len(body) % 8)

    body = part(6, struct.pack("<II", kind, 0))
    body += part(5, struct.pack(f"<{len(shape)}i", *shape))
    body += part(1, name.encode())
    body += part(9, np.asfortranarray(values, "<f8").tobytes("F"))
    return struct.pack("<II", 14, len(body)) + body


def mat_of(*elements: bytes, is_packed: bool = False) -> bytes:
    """A MATLAB file of version 5 with these variables."""
    header = b"MATLAB 5.0 MAT-file, of a test".ljust(124) + b"\x00\x01IM"
    if is_packed:
        packed = [zlib.compress(element) for element in elements]
        elements = tuple(struct.pack("<II", 15, len(body)) + body for body in packed)
    return header + b"".join(elements)


def nwb_of(**changes) -> bytes:
    """An NWB file: two regions' units, a BOLD signal; a change of None leaves a part out."""
    parts = {
        "rate": 1 / 0.72,
        "values": signals(30, 4),
        "unit": "percent",
        "scale": (1.0, 0.0),
        "timestamps": None,
        "times": [0.1, 0.4, 0.2, 0.9],
        "ends": [2, 3, 4],
        "windows": [[0.0, 1.0]] * 3,
        "electrodes": None,
        "regions": ["L.TH", "L.TH", "L.HI"],
        **changes,
    }

    def fill(file: h5py.File) -> None:
        file.attrs["nwb_version"] = "2.7.0"
        if parts["values"] is not None:
            bold = file.create_group("acquisition/BOLD")
            data = bold.create_dataset("data", data=parts["values"])
            data.attrs["unit"] = parts["unit"]
            data.attrs["conversion"], data.attrs["offset"] = parts["scale"]
            if parts["timestamps"] is not None:
                bold.create_dataset("timestamps", data=parts["timestamps"])
            else:
                bold.create_dataset("starting_time", data=0.0).attrs["rate"] = parts["rate"]
        if parts["times"] is not None:
            units = file.create_group("units")
            units.create_dataset("spike_times", data=np.array(parts["times"], float))
            units.create_dataset("spike_times_index", data=np.array(parts["ends"]))
            units.create_dataset("id", data=np.arange(len(parts["ends"])) + 10)
            if parts["regions"] is not None:
                units.create_dataset("region", data=np.array(parts["regions"], dtype=object))
            if parts["electrodes"] is not None:
                places = file.create_group("general/extracellular_ephys/electrodes")
                places.create_dataset("location", data=np.array(["L.TH", "unknown", "L.HI"], dtype=object))
                units.create_dataset("electrodes", data=np.array(parts["electrodes"]))
                units.create_dataset("electrodes_index", data=np.array([1, 2, 4]))
            if parts["windows"] is not None:
                units.create_dataset("obs_intervals", data=np.array(parts["windows"], float))
                units.create_dataset("obs_intervals_index", data=np.arange(1, len(parts["windows"]) + 1))

    return hdf5_bytes(fill)


def sonata_of(populations: dict[str, tuple[list, list]], unit: str | None = "ms") -> bytes:
    """A SONATA file of spikes: population to times and units."""

    def fill(file: h5py.File) -> None:
        for name, (times, ids) in populations.items():
            group = file.create_group(f"spikes/{name}")
            data = group.create_dataset("timestamps", data=np.array(times, float))
            if unit is not None:
                data.attrs["units"] = unit
            group.create_dataset("node_ids", data=np.array(ids, np.uint64))

    return hdf5_bytes(fill)
