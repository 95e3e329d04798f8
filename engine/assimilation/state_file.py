"""The state of an assimilation in a file, from which it goes on to the same bits."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import h5py
import numpy as np

from engine.assimilation.brain_filter import BrainFilter
from engine.errors import DataError
from engine.whole_files import HDF5_FAULTS, hdf5_bytes, write_file

__all__ = ["read_filter_state", "write_filter_state"]

FORMAT = 1
_KIND = "dtb-assimilation"
_MAX_BYTES = 4 * 2**30


def _identity(running: BrainFilter) -> str:
    """What an assimilation is of: scenario, connectome, observations and settings."""
    given, brain = running.observations, running.brain
    digest = hashlib.sha256(brain.scenario.digest().encode())
    digest.update(brain.connectome.checksum.encode())
    digest.update(np.nan_to_num(given.values, nan=1e300).tobytes())
    digest.update(given.driven.tobytes() + given.held_out.tobytes())
    plain = [given.observed, given.tr_ms, given.noise_share, given.is_relative, asdict(running.settings)]
    digest.update(json.dumps(plain, sort_keys=True).encode())
    return digest.hexdigest()


def write_filter_state(path: Path | str, running: BrainFilter) -> Path:
    """Write where an assimilation stands, whole or not at all.

    Raises
    ------
    WriteError
        The file cannot be written.
    """
    state = running.state()

    def fill(file: h5py.File) -> None:
        file.attrs["kind"], file.attrs["format"] = _KIND, FORMAT
        file.attrs["of"] = _identity(running)
        for key, array in state.items():
            file[key] = array

    return write_file(path, hdf5_bytes(fill))


def read_filter_state(path: Path | str, running: BrainFilter) -> None:
    """Put a filter where a file of the same assimilation stands.

    Parameters
    ----------
    path : path
    running : BrainFilter
        Made of the same brain, observations and settings.

    Raises
    ------
    DataError
        It is no such file, damaged, or of another assimilation; the filter is as before then.
    """
    path = Path(path)
    name = path.name
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DataError(f"{name}: must be at most {_MAX_BYTES / 1e9:.0f} GB.")
        with h5py.File(path, "r") as file:
            if file.attrs.get("kind") != _KIND or int(file.attrs["format"]) != FORMAT:
                raise DataError(f"{name}: must be the state of an assimilation (got another HDF5 file).")
            if file.attrs["of"] != _identity(running):
                raise DataError(
                    f"{name}: must be of the same scenario, data and settings "
                    "(got the state of another assimilation)."
                )
            state = {key: _same_form(file[key], array) for key, array in running.state().items()}
    except DataError:
        raise
    except OSError as error:
        reason = error.strerror or "not an HDF5 file, or cut off"
        raise DataError(f"{name}: must be the state of an assimilation ({reason}).") from None
    except HDF5_FAULTS:
        raise DataError(
            f"{name}: must be a whole state of an assimilation (a part is missing or damaged)."
        ) from None
    running.restore(state)


def _same_form(stored: h5py.Dataset, like: np.ndarray) -> np.ndarray:
    if stored.shape != np.shape(like) or stored.dtype != np.asarray(like).dtype:
        raise ValueError("of another form")
    return np.asarray(stored[()])
