"""The state of an assimilation, or of an offline fit, in a file, from which it goes on to the same bits."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import h5py
import numpy as np

from engine.assimilation.brain_filter import BrainFilter
from engine.assimilation.offline import OfflineFit
from engine.errors import DataError
from engine.hdf5 import copied
from engine.whole_files import HDF5_FAULTS, hdf5_bytes, write_file

__all__ = ["Kept", "read_state", "restore_state", "state_bytes", "write_state"]

Kept = BrainFilter | OfflineFit
"""What can be kept and go on."""

FORMAT = 1
_MAX_BYTES = 4 * 2**30


def _kind(running: Kept) -> tuple[str, str]:
    """What a file says that it is, and the same in words."""
    if isinstance(running, OfflineFit):
        return "dtb-offline-fit", "an offline fit"
    return "dtb-assimilation", "an assimilation"


def _identity(running: Kept) -> str:
    """What it is of: scenario, connectome, observations and settings."""
    given, brain = running.observations, running.brain
    digest = hashlib.sha256(brain.scenario.digest().encode())
    digest.update(brain.connectome.checksum.encode())
    digest.update(np.nan_to_num(given.values, nan=1e300).tobytes())
    digest.update(given.driven.tobytes() + given.held_out.tobytes())
    plain = [given.observed, given.tr_ms, given.noise_share, given.is_relative, asdict(running.settings)]
    digest.update(json.dumps(plain, sort_keys=True).encode())
    return digest.hexdigest()


def write_state(path: Path | str, running: Kept) -> Path:
    """Write where it stands, whole or not at all.

    Raises
    ------
    WriteError
        The file cannot be written.
    """
    return write_file(path, state_bytes(running))


def state_bytes(running: Kept) -> bytes:
    """The content of that file."""
    state = running.state()

    def fill(file: h5py.File) -> None:
        file.attrs["kind"], file.attrs["format"] = _kind(running)[0], FORMAT
        file.attrs["of"] = _identity(running)
        for key, array in state.items():
            file[key] = array

    return hdf5_bytes(fill)


def read_state(path: Path | str, running: Kept) -> None:
    """Put an assimilation where a file of the same one stands.

    Parameters
    ----------
    path : path
    running : BrainFilter or OfflineFit
        Made of the same brain, observations and settings.

    Raises
    ------
    DataError
        It is no such file, damaged, or of another one; all is as before then.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= _MAX_BYTES else b""
    except OSError as error:
        raise DataError(
            f"{path.name}: must be the state of {_kind(running)[1]} ({error.strerror})."
        ) from None
    if size > _MAX_BYTES:
        raise DataError(f"{path.name}: must be at most {_MAX_BYTES / 1e9:.0f} GB.")
    _restore(data, path.name, running)


def restore_state(data: bytes, filename: str, running: Kept) -> None:
    """Put an assimilation where the content of a file of the same one stands.

    Parameters
    ----------
    data : bytes
    filename : str
        Opens the sentence of a refusal.
    running : BrainFilter or OfflineFit
        As of :func:`read_state`.

    Raises
    ------
    DataError
        As of :func:`read_state`.
    """
    _restore(data, Path(filename).name, running)


def _restore(data: bytes, name: str, running: Kept) -> None:
    kind, words = _kind(running)
    try:
        with copied(data) as file:
            if file.attrs.get("kind") != kind or int(file.attrs["format"]) != FORMAT:
                raise DataError(f"{name}: must be the state of {words} (got another HDF5 file).")
            if file.attrs["of"] != _identity(running):
                raise DataError(
                    f"{name}: must be of the same scenario, data and settings (got the state of another one)."
                )
            growing = 1 if isinstance(running, OfflineFit) else 0
            state = {key: _same_form(file[key], array, growing) for key, array in running.state().items()}
    except DataError:
        raise
    except OSError as error:
        reason = error.strerror or "not an HDF5 file, or cut off"
        raise DataError(f"{name}: must be the state of {words} ({reason}).") from None
    except HDF5_FAULTS:
        raise DataError(f"{name}: must be a whole state of {words} (a part is missing or damaged).") from None
    running.restore(state)


def _same_form(stored: h5py.Dataset, like: np.ndarray, growing: int) -> np.ndarray:
    """An array of the form of another, its first axes left aside where they grow."""
    if stored.shape[growing:] != np.shape(like)[growing:] or stored.dtype != np.asarray(like).dtype:
        raise ValueError("of another form")
    return np.asarray(stored[()])
