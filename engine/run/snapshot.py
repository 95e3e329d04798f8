"""Snapshots in files: a run at one moment, from which it or a variant of it goes on exactly.

A file is HDF5: attributes name the format, the engine, the connectome and the scenario; the arrays
below ``state`` are all that changes during a run; a checksum over all of it is kept beside. Reading
one never runs code from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from engine.backends.contract import Backend, LiveParameters
from engine.brain.connectome import Connectome
from engine.errors import DataError, EngineError
from engine.hdf5 import copied
from engine.run.provenance import versions
from engine.scenario.scenario import Scenario
from engine.whole_files import HDF5_FAULTS, hdf5_bytes, write_file

__all__ = ["FORMAT", "Snapshot", "read_snapshot", "require_fit", "write_snapshot"]

FORMAT = 3
_KIND = "dtb-snapshot"
_MAX_BYTES = 64 * 2**30
_ARRAYS = ("counts", "link_packets", "injected", "delivered")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A run at one moment.

    Attributes
    ----------
    scenario : Scenario
        Of the run it was taken from.
    connectome_checksum : str
    state : dict
        For :meth:`Simulation.restore`.
    """

    scenario: Scenario
    connectome_checksum: str
    state: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<Snapshot of '{self.scenario.title}' at {self.time_ms:,} ms>"

    @property
    def time_ms(self) -> int:
        """Biological time it was taken at [ms]."""
        return int(self.state["time"])


def require_fit(
    snapshot: Snapshot, scenario: Scenario, connectome: Connectome, backends: Sequence[Backend]
) -> None:
    """Refuse a snapshot from which a scenario cannot go on.

    Raises
    ------
    DataError
        It is of another network, of another time step, or from after the end.
    """
    saved = snapshot.state
    if snapshot.connectome_checksum != connectome.checksum:
        raise DataError("snapshot: must be of the same connectome. Open that one first.")
    if snapshot.time_ms >= scenario.n_exchanges:
        raise DataError(
            f"snapshot: must be taken before the run ends (taken at {snapshot.time_ms} ms, the "
            f"run ends at {scenario.n_exchanges} ms). Give a longer duration."
        )
    if snapshot.scenario.dt != scenario.dt:
        raise DataError(f"dt: must be {snapshot.scenario.dt:g} ms as in the snapshot (got {scenario.dt:g}).")
    same = saved["names"] == [b.name for b in backends] and all(
        {k: v.shape for k, v in b.state().items() if not k.startswith("flight")}
        == {k: v.shape for k, v in state.items() if not k.startswith("flight")}
        for b, state in zip(backends, saved["backends"], strict=True)
    )
    before = snapshot.scenario.backend_of(connectome.labels)
    if not same or before != scenario.backend_of(connectome.labels):
        raise DataError(
            "snapshot: must have the same neurons on the same backends, the same plastic "
            "projections and the same longest delay as the scenario that goes on from it."
        )


def write_snapshot(path: Path | str, snapshot: Snapshot) -> Path:
    """Write a snapshot; an existing file is replaced only once the new one is whole.

    Raises
    ------
    WriteError
        The file cannot be written.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise DataError(f"{path.name}: must go into a folder that exists (got {path.parent}).")
    state = snapshot.state
    plain = {
        "time": state["time"],
        "n_events": state["n_events"],
        "traffic_from": state["traffic_from"],
        "crossings": state["crossings"],
        "live": asdict(state["live"]),
        "live_changes": state["live_changes"],
        "names": state["names"],
    }

    def fill(file: h5py.File) -> None:
        file.attrs["kind"] = _KIND
        file.attrs["format"] = FORMAT
        file.attrs["scenario"] = json.dumps(snapshot.scenario.model_dump(mode="json"))
        file.attrs["connectome_sha256"] = snapshot.connectome_checksum
        file.attrs["versions"] = json.dumps(versions())
        file.attrs["plain"] = json.dumps(plain)
        for name, array in _arrays(state):
            file.create_dataset(f"state/{name}", data=array)
        file.flush()
        file.attrs["sha256"] = _checksum(file)

    return write_file(path, hdf5_bytes(fill))


def read_snapshot(path: Path | str) -> Snapshot:
    """Read a snapshot and check it.

    Raises
    ------
    DataError
        It is not a snapshot, of another format, cut off or changed.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DataError(f"{path.name}: must be at most {_MAX_BYTES / 1e9:.0f} GB.")
        with copied(path.read_bytes()) as file:
            return _read(file, path.name)
    except DataError:
        raise
    except OSError as error:
        reason = error.strerror or "not an HDF5 file, or cut off"
        raise DataError(f"{path.name}: must be a snapshot ({reason}).") from None
    except HDF5_FAULTS:
        raise DataError(f"{path.name}: must be a whole snapshot (a part is missing).") from None


def _read(file: h5py.File, name: str) -> Snapshot:
    if file.attrs.get("kind") != _KIND:
        raise DataError(f"{name}: must be a snapshot (got another HDF5 file).")
    if int(file.attrs["format"]) != FORMAT:
        raise DataError(
            f"{name}: must have format {FORMAT} (got {int(file.attrs['format'])}). It was written "
            "by another version."
        )
    if _checksum(file) != file.attrs["sha256"]:
        raise DataError(f"{name}: must match its checksum (it has been changed or damaged).")
    try:
        scenario = Scenario.from_dict(json.loads(file.attrs["scenario"]))
    except EngineError as error:
        raise DataError(f"{name}: {error}") from None
    plain = json.loads(file.attrs["plain"])
    group = file["state"]
    keys = ("time", "n_events", "traffic_from", "crossings", "names")
    state: dict[str, Any] = {key: plain[key] for key in keys}
    state["live"] = LiveParameters(**plain["live"])
    state["live_changes"] = plain["live_changes"]
    for key in _ARRAYS:
        state[key] = group[key][()]
    if "settling" in group:
        state["settling"] = group["settling"][()]
    state["noc"] = {key: group[f"noc/{key}"][()] for key in group["noc"]}
    state["log"] = (group["log/steps"][()], group["log/ids"][()])
    state["backends"] = [
        {key: group[f"{backend}/{key}"][()] for key in group[backend]} for backend in plain["names"]
    ]
    return Snapshot(scenario, str(file.attrs["connectome_sha256"]), state)


def _arrays(state: Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray]]:
    for name in _ARRAYS:
        yield name, state[name]
    if "settling" in state:
        yield "settling", state["settling"]
    for name, array in state["noc"].items():
        yield f"noc/{name}", array
    yield "log/steps", state["log"][0]
    yield "log/ids", state["log"][1]
    for backend, arrays in zip(state["names"], state["backends"], strict=True):
        for name, array in arrays.items():
            yield f"{backend}/{name}", array


def _checksum(file: h5py.File) -> str:
    """sha256 over attributes and arrays, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(file.attrs):
        if name != "sha256":
            digest.update(f"{name}={file.attrs[name]}\n".encode())
    found: list[str] = []
    file.visit(found.append)
    names = sorted(name for name in found if isinstance(file[name], h5py.Dataset))
    # Arrays are written as they are; one that says it is larger than its file is not ours.
    if sum(file[name].nbytes for name in names) > file.id.get_filesize():
        raise ValueError("larger than the file")
    for name in names:
        array = np.ascontiguousarray(file[name][()])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
