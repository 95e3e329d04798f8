"""The state of a tuning in a file, from which it goes on to the same bits."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from engine.errors import DataError
from engine.hdf5 import copied
from engine.tuning.tuner import FCTuner
from engine.whole_files import HDF5_FAULTS, hdf5_bytes, write_file

__all__ = ["read_tuner_state", "restore_tuner", "tuner_bytes", "write_tuner_state"]

FORMAT = 1
_KIND = "dtb-fit"
_MAX_BYTES = 4 * 2**30
_PLAIN = ("n_intervals", "unstable_steps", "curve")
_ARRAYS = ("onto_excitatory", "onto_inhibitory", "inhibition", "bias")
_ESTIMATES = ("rates", "bold")


def _identity(tuner: FCTuner) -> str:
    """What a tuning is of: scenario, connectome, target, pairs and rule."""
    digest = hashlib.sha256(tuner.scenario.digest().encode())
    digest.update(tuner.brain.connectome.checksum.encode())
    digest.update(np.nan_to_num(tuner.target, nan=2.0).tobytes() + tuner.fitted.tobytes())
    digest.update(json.dumps(asdict(tuner.rule), sort_keys=True).encode())
    return digest.hexdigest()


def write_tuner_state(path: Path | str, tuner: FCTuner) -> Path:
    """Write where a tuning stands, whole or not at all.

    Raises
    ------
    WriteError
        The file cannot be written.
    """
    return write_file(path, tuner_bytes(tuner))


def tuner_bytes(tuner: FCTuner) -> bytes:
    """The content of that file."""
    state = tuner.kept_state

    def fill(file: h5py.File) -> None:
        file.attrs["kind"], file.attrs["format"] = _KIND, FORMAT
        file.attrs["of"] = _identity(tuner)
        file.attrs["plain"] = json.dumps({key: state[key] for key in _PLAIN})
        file.attrs["time"] = state["brain"]["time"]
        for key in _ARRAYS:
            file[f"tuning/{key}"] = state[key]
        for name in _ESTIMATES:
            for key, array in state[name].items():
                file[f"{name}/{key}"] = array
        for k, arrays in enumerate(state["brain"]["backends"]):
            file.create_group(f"backends/{k}")
            for name, array in arrays.items():
                file[f"backends/{k}/{name}"] = array

    return hdf5_bytes(fill)


def read_tuner_state(path: Path | str, tuner: FCTuner) -> None:
    """Put a tuner where a file of the same tuning stands.

    Parameters
    ----------
    path : path
    tuner : FCTuner
        Made of the same scenario, connectome, target, pairs and rule.

    Raises
    ------
    DataError
        It is no such file, damaged, or of another tuning; the tuner is as before then.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= _MAX_BYTES else b""
    except OSError as error:
        raise DataError(f"{path.name}: must be the state of a fit ({error.strerror}).") from None
    if size > _MAX_BYTES:
        raise DataError(f"{path.name}: must be at most {_MAX_BYTES / 1e9:.0f} GB.")
    _restore(data, path.name, tuner)


def restore_tuner(data: bytes, filename: str, tuner: FCTuner) -> None:
    """Put a tuner where the content of a file of the same tuning stands.

    Parameters
    ----------
    data : bytes
    filename : str
        Opens the sentence of a refusal.
    tuner : FCTuner
        As of :func:`read_tuner_state`.

    Raises
    ------
    DataError
        As of :func:`read_tuner_state`.
    """
    _restore(data, Path(filename).name, tuner)


def _restore(data: bytes, name: str, tuner: FCTuner) -> None:
    try:
        with copied(data) as file:
            state = _read(file, name, tuner)
    except DataError:
        raise
    except OSError as error:
        reason = error.strerror or "not an HDF5 file, or cut off"
        raise DataError(f"{name}: must be the state of a fit ({reason}).") from None
    except HDF5_FAULTS:
        raise DataError(f"{name}: must be a whole state of a fit (a part is missing or damaged).") from None
    tuner.restore(state)


def _read(file: h5py.File, name: str, tuner: FCTuner) -> dict[str, Any]:
    if file.attrs.get("kind") != _KIND or int(file.attrs["format"]) != FORMAT:
        raise DataError(f"{name}: must be the state of a fit (got another HDF5 file).")
    if file.attrs["of"] != _identity(tuner):
        raise DataError(
            f"{name}: must be of the same scenario, target and rule (got the state of another fit)."
        )
    plain = json.loads(file.attrs["plain"])
    now = tuner.state()
    backends = []
    for k, arrays in enumerate(now["brain"]["backends"]):
        group = file[f"backends/{k}"]
        backends.append({key: _same_shape(group[key], array) for key, array in arrays.items()})
    return {
        **{key: plain[key] for key in _PLAIN},
        **{key: _same_shape(file[f"tuning/{key}"], now[key]) for key in _ARRAYS},
        **{
            name: {key: _same_shape(file[f"{name}/{key}"], array) for key, array in now[name].items()}
            for name in _ESTIMATES
        },
        "brain": {"time": int(file.attrs["time"]), "backends": backends},
    }


def _same_shape(stored: h5py.Dataset, like: np.ndarray) -> np.ndarray:
    if stored.shape != np.shape(like) or stored.dtype != np.asarray(like).dtype:
        raise ValueError("of another form")
    return stored[()]
