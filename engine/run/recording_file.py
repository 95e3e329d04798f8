"""Recordings in files: a run that has ended, or goes on, as bytes from which it is shown the same.

A file is HDF5 behind a block of 512 bytes with its format and the sha256 of what follows, which is
looked at before HDF5 is. It holds one stretch of a run: a run that has ended is one, one that goes
on is several. What follows from the scenario is not in it, nor what was worked out from spikes.
Reading one never runs code from it. HDF5 itself can hang on what was made to harm it: read only what
this program has written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

import h5py
import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from engine.brain.connectome import Connectome, builtin_names, load_connectome
from engine.brain.network import Network
from engine.brain.readers.notes import Note
from engine.errors import DataError
from engine.hdf5 import copied
from engine.noc.fabric import Fabric
from engine.run.large_arrays import large_zeros
from engine.run.recording import Recording
from engine.run.run_file import connectome_from_json, connectome_json
from engine.run.spike_log import SpikeLog
from engine.run.stretch import Stretch
from engine.scenario.reference import Reference
from engine.scenario.scenario import Scenario
from engine.scenario.tuning_file import keep_tuning, load_tuning, read_tuning, tuning_json
from engine.stored_results import STORED, Whatever, first_refusal, strict_json
from engine.whole_files import HDF5_FAULTS, hdf5_bytes

__all__ = ["FORMAT", "read_recording", "recording_bytes"]

FORMAT = 1
_BLOCK = 512
_MARK = f"dtb-recording {FORMAT} sha256:"
_NAME = "recording"
_TOTALS = ("link_packets", "injected", "delivered")
_SLICE = 1 << 18  # what is copied at a time, so that other threads come in between
_COUNTED_MS = 10_000  # as much is counted at a time

_Count = Annotated[int, Field(ge=0, lt=2**63)]


@dataclass(frozen=True)
class _Brain:
    """A connectome that is not shipped, beside its numbers, and as it was named."""

    __pydantic_config__ = STORED

    numbers: str
    name: str
    source: str
    licence: str
    n_self_loops: _Count
    notes: list[dict[str, str]]


@dataclass(frozen=True)
class _Plain:
    """What is no array."""

    __pydantic_config__ = STORED

    scenario: dict[str, Any]
    connectome_sha256: str
    brain: _Brain | None
    tuning: str
    sizes: list[list[_Count]]
    first_ms: _Count
    until_ms: _Count
    n_events: _Count
    n_synapses: _Count
    crossings: dict[str, _Count]
    reports: dict[str, dict[str, Whatever]]
    missing_inputs: dict[str, _Count]
    live_changes: list[dict[str, float]]
    build_s: float
    wall_s: float
    peak_memory_mb: float
    versions: dict[str, str]
    traffic_from_ms: _Count
    noc: dict[str, _Count]


_FORM = TypeAdapter(_Plain)


def recording_bytes(run: Recording | Stretch) -> bytes:
    """A run, or a stretch of one, as the content of a file.

    Parameters
    ----------
    run : Recording or Stretch

    Raises
    ------
    DataError
        It was fitted to own data, which are not in it, or has numbers that are not finite.
    """
    stretch = Stretch.whole(run) if isinstance(run, Recording) else run
    part, n_sub = stretch.part, stretch.part.scenario.n_sub
    if part.measured is not None:
        raise DataError("recording: must be without measured data to be kept in a file (got some).")
    try:
        plain = json.dumps(asdict(_plain(stretch)), allow_nan=False)
    except ValueError:
        raise DataError("recording: must have finite numbers to be kept in a file (got others).") from None
    steps = part.spike_steps - stretch.first_ms * n_sub

    def fill(file: h5py.File) -> None:
        _put(file, "plain", np.frombuffer(plain.encode(), np.uint8))
        _put(file, "spike_steps", steps, np.min_scalar_type(len(part.counts) * n_sub))
        _put(file, "spike_ids", part.spike_ids, np.min_scalar_type(part.network.n_neurons))
        for name in _TOTALS:
            _put(file, name, getattr(part, name))
        if not stretch.first_ms:
            for name, array in part.fabric.placed().items():
                _put(file, f"fabric/{name}", array)

    content = hdf5_bytes(fill)
    mark = _MARK + hashlib.sha256(content).hexdigest() + "\n"
    return mark.encode().ljust(_BLOCK, b"\0") + content


def _plain(stretch: Stretch) -> _Plain:
    run, brain, tuning = stretch.part, None, ""
    if not stretch.first_ms:
        connectome = run.connectome
        if run.connectome_file:
            brain = _Brain(
                connectome_json(connectome),
                connectome.name,
                connectome.source,
                connectome.licence,
                connectome.n_self_loops,
                [note._asdict() for note in connectome.notes],
            )
        if run.tuning_file:
            tuning = tuning_json(load_tuning(run.scenario.network.tuning))
    return _Plain(
        scenario=run.scenario.model_dump(mode="json"),
        connectome_sha256=run.connectome.checksum,
        brain=brain,
        tuning=tuning,
        sizes=run.network.sizes.tolist(),
        first_ms=stretch.first_ms,
        until_ms=stretch.until_ms,
        n_events=run.n_events,
        n_synapses=run.n_synapses,
        crossings=dict(run.crossings),
        reports={name: dict(report) for name, report in run.reports.items()},
        missing_inputs=dict(run.missing_inputs),
        live_changes=[dict(change) for change in run.live_changes],
        build_s=run.build_s,
        wall_s=run.wall_s,
        peak_memory_mb=run.peak_memory_mb,
        versions=dict(run.versions),
        traffic_from_ms=run.traffic_from_ms,
        noc=dict(run.noc),
    )


def _put(file: h5py.File, name: str, array: np.ndarray, dtype: Any = None) -> None:
    dtype = array.dtype if dtype is None else dtype
    data = file.create_dataset(name, array.shape, dtype)
    for first in range(0, len(array), _SLICE):
        data[first : first + _SLICE] = array[first : first + _SLICE].astype(dtype)


def read_recording(contents: Sequence[bytes]) -> Recording:
    """A run from the contents of its files.

    Parameters
    ----------
    contents : sequence of bytes
        One, or the stretches of a run in their order from its beginning.

    Raises
    ------
    EngineError
        They are of no run, of another format, damaged, or not of one run; or the run was made by a
        version whose scenarios or networks are others.
    """
    if not contents:
        raise DataError(f"{_NAME}: must have at least one stretch (got none).")
    parts = [_read(content) for content in contents]
    first, last = parts[0].plain, parts[-1].plain
    for before, after in zip([None, *parts], parts, strict=False):
        begins = 0 if before is None else before.plain.until_ms
        if after.plain.first_ms != begins or after.plain.scenario != first.scenario:
            raise DataError(f"{_NAME}: must have the stretches of one run in their order (got others).")
    scenario = Scenario.from_dict(first.scenario, _NAME)
    tuning = None
    if first.tuning:  # held until the network has found it
        tuning = read_tuning(first.tuning.encode(), Reference.of(scenario.network.tuning).name)
        keep_tuning(tuning)
    connectome = _connectome(first, scenario)
    network = Network.of(scenario, connectome)
    del tuning
    if network.sizes.tolist() != first.sizes:
        raise DataError(
            f"{_NAME}: must have the neurons that its scenario makes (got those of another version)."
        )
    fabric = Fabric.restored(scenario, network, parts[0].fabric)
    totals = parts[-1].totals
    shapes = {"link_packets": (len(fabric.topology.links),), "injected": (fabric.topology.n_tiles,)}
    for key, array in totals.items():
        if array.shape != shapes.get(key, shapes["injected"]):
            raise DataError(f"{_NAME}: {key}: must be of the links and tiles there are (got others).")
    steps, ids = _spikes(parts, scenario, network)
    return Recording(
        scenario=scenario,
        connectome=connectome,
        network=network,
        fabric=fabric,
        spike_steps=steps,
        spike_ids=ids,
        counts=_counts(steps, ids, scenario, network, last.until_ms),
        n_events=last.n_events,
        n_synapses=last.n_synapses,
        link_packets=totals["link_packets"],
        injected=totals["injected"],
        delivered=totals["delivered"],
        crossings=last.crossings,
        reports=last.reports,
        missing_inputs=last.missing_inputs,
        live_changes=tuple(last.live_changes),
        build_s=last.build_s,
        wall_s=last.wall_s,
        peak_memory_mb=last.peak_memory_mb,
        versions=last.versions,
        traffic_from_ms=last.traffic_from_ms,
        noc=last.noc,
    )


@dataclass(frozen=True)
class _Part:
    """The content of a file."""

    plain: _Plain
    spike_steps: np.ndarray
    spike_ids: np.ndarray
    totals: dict[str, np.ndarray]
    fabric: dict[str, np.ndarray]


def _read(content: bytes) -> _Part:
    mark = content[:_BLOCK].rstrip(b"\0").decode("ascii", "replace")
    if not mark.startswith("dtb-recording "):
        raise DataError(f"{_NAME}: must be a kept run (got something else).")
    if not mark.startswith(_MARK):
        raise DataError(f"{_NAME}: must have format {FORMAT} (got '{mark[:20]}'). Another version wrote it.")
    if mark != _MARK + hashlib.sha256(memoryview(content)[_BLOCK:]).hexdigest() + "\n":
        raise DataError(f"{_NAME}: must match its checksum (it has been changed or damaged).")
    try:
        with copied(content) as file:
            plain = _read_plain(_array(file, "plain", 1).astype(np.uint8).tobytes())
            fabric = {}
            if not plain.first_ms:
                for name, kind in _FABRIC.items():
                    fabric[name] = _array(file, f"fabric/{name}", 2 if name == "long_links" else 1, kind)
            totals = {name: _array(file, name, 1, np.int64) for name in _TOTALS}
            steps, ids = _array(file, "spike_steps", 1, np.int64), _array(file, "spike_ids", 1, np.int32)
            return _Part(plain, steps, ids, totals, fabric)
    except DataError:
        raise
    except HDF5_FAULTS:
        raise DataError(f"{_NAME}: must be a whole run (a part is missing).") from None


_FABRIC = {
    "tile_of_region": np.int32,
    "hemispheres": np.int64,
    "dest_indptr": np.int64,
    "dest_tiles": np.int32,
    "long_links": np.int32,
}


def _read_plain(data: bytes) -> _Plain:
    strict_json(data, _NAME)
    try:
        return _FORM.validate_json(data)
    except ValidationError as error:
        raise first_refusal(error, _NAME) from None


def _array(file: h5py.File, name: str, n_axes: int, dtype: Any = np.uint8) -> np.ndarray:
    """An array of whole numbers, as one of the type asked for."""
    data = file[name]
    if data.dtype.kind not in "iu" or data.ndim != n_axes or data.nbytes > file.id.get_filesize():
        raise DataError(f"{_NAME}: {name}: must be whole numbers in {n_axes} axes (got others).")
    out = np.empty(data.shape, dtype)
    for first in range(0, len(out), _SLICE):
        out[first : first + _SLICE] = data[first : first + _SLICE]
    return out


def _connectome(plain: _Plain, scenario: Scenario) -> Connectome:
    if plain.brain is None:
        name = Reference.of(scenario.connectome).name
        if name not in builtin_names():
            raise DataError(f"{_NAME}: connectome: must be shipped or in the file (got neither).")
        connectome = load_connectome(name)
    else:
        brain = plain.brain
        connectome = replace(
            connectome_from_json(brain.numbers, _NAME),
            name=brain.name,
            source=brain.source,
            licence=brain.licence,
            n_self_loops=brain.n_self_loops,
            notes=tuple(Note(**note) for note in brain.notes),
        )
    if connectome.checksum != plain.connectome_sha256:
        raise DataError(f"{_NAME}: connectome: must be the one of the run (their checksums differ).")
    return connectome


def _spikes(parts: Sequence[_Part], scenario: Scenario, network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Membrane steps and neurons of all spikes, as `Recording` has them."""
    log = SpikeLog()
    for part in parts:
        plain, steps, ids = part.plain, part.spike_steps, part.spike_ids
        n_steps = (plain.until_ms - plain.first_ms) * scenario.n_sub
        if steps.shape != ids.shape or (
            steps.size
            and not (
                int(steps.min()) >= 0
                and int(steps.max()) < n_steps
                and int(ids.min()) >= 0
                and int(ids.max()) < network.n_neurons
            )
        ):
            raise DataError(f"{_NAME}: spikes: must be of the run's neurons and time (got others).")
        log.append(steps + plain.first_ms * scenario.n_sub, ids)
    return log.joined()


def _counts(
    steps: np.ndarray, ids: np.ndarray, scenario: Scenario, network: Network, n_ms: int
) -> np.ndarray:
    """(n_ms, n_populations) uint16, spikes of each population in each ms."""
    if n_ms > scenario.n_exchanges:
        raise DataError(f"{_NAME}: until_ms: must be at most {scenario.n_exchanges} (got {n_ms}).")
    n, population_of = network.n_populations, network.population_of
    counts = large_zeros((n_ms, n), np.uint16)
    for first in range(0, n_ms, _COUNTED_MS):
        last = min(n_ms, first + _COUNTED_MS)
        low, high = np.searchsorted(steps, (first * scenario.n_sub, last * scenario.n_sub))
        places = (steps[low:high] // scenario.n_sub - first) * n + population_of[ids[low:high]]
        counts[first:last] = np.bincount(places, minlength=(last - first) * n).reshape(last - first, n)
    return counts
