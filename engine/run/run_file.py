"""The files of a run's folder: their names, what is in them, and whether a folder can take them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from engine.brain.connectome import Connectome, builtin_names, load_connectome
from engine.errors import DataError
from engine.whole_files import hdf5_bytes, require_folder_place

__all__ = [
    "CONNECTOME",
    "NAMES",
    "SONATA_SORTING",
    "TUNING",
    "connectome_from_json",
    "connectome_json",
    "is_shipped",
    "require_run_place",
    "spikes_h5",
]

CONNECTOME = "connectome.json"
TUNING = "tuning.json"
NAMES = ("run.json", "spikes.h5", "rates.csv", CONNECTOME, TUNING)
SONATA_SORTING = {"none": 0, "by_id": 1, "by_time": 2}
_MOST_NOTE = 2000
_TEXTS = ("labels", "names", "hemisphere", "lobe")
_KEY_OF = {
    "cortical": "cortical",
    "centres": "centres_mm",
    "weights": "weights",
    "tract_lengths": "tract_lengths_mm",
    "fc_matrix": "fc_pearson",
    "volumes": "volumes_mm3",
}


def is_shipped(name: str, connectome: Connectome) -> bool:
    """Whether a scenario's ``connectome`` is a shipped one, so that its name is enough."""
    return name in builtin_names() and load_connectome(name).checksum == connectome.checksum


def connectome_json(connectome: Connectome) -> str:
    """A connectome in the layout of the shipped ones, every number as it is."""
    content: dict[str, Any] = {
        key: " ".join(getattr(connectome, key).split())[:_MOST_NOTE] for key in ("name", "source", "licence")
    }
    content |= {field: list(getattr(connectome, field)) for field in _TEXTS}
    for field, key in _KEY_OF.items():
        array = getattr(connectome, field)
        if array is not None:
            content[key] = array.tolist()
    return json.dumps(content, allow_nan=False) + "\n"


def connectome_from_json(text: str, name: str) -> Connectome:
    """What `connectome_json` wrote, number by number; a reader of files would judge and complete.

    Raises
    ------
    DataError
        It is something else; `name` opens the sentence.
    """
    try:
        content = json.loads(text)
        fields: dict[str, Any] = {field: content.get(key) for field, key in _KEY_OF.items()}
        fields |= {field: tuple(content[field]) for field in _TEXTS}
        fields |= {key: str(content[key]) for key in ("name", "source", "licence")}
        return Connectome(**fields)
    except DataError as error:
        raise DataError(f"{name}: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DataError(f"{name}: must be the connectome of the run (got something else).") from None


def spikes_h5(times: np.ndarray, ids: np.ndarray) -> bytes:
    """Spikes as a SONATA file.

    Parameters
    ----------
    times : (n_spikes,) float64 [ms]
        Ascending.
    ids : (n_spikes,) int
    """

    def fill(file: h5py.File) -> None:
        kind = h5py.enum_dtype(SONATA_SORTING, basetype="u1")
        group = file.create_group("spikes/dtb")
        group.attrs.create("sorting", SONATA_SORTING["by_time"], dtype=kind)
        data = group.create_dataset("timestamps", data=times.astype("<f8"))
        data.attrs["units"] = "ms"
        group.create_dataset("node_ids", data=ids.astype("<u8"))

    return hdf5_bytes(fill)


def require_run_place(folder: Path | str, owner: str) -> tuple[str, ...]:
    """Refuse a folder that cannot take a run, and say which files of an older run it holds.

    Parameters
    ----------
    folder : path
        New, or without files of a run's names, or with an older run.
    owner : str
        Opens the sentence, ``"run.out"``.

    Returns
    -------
    tuple of str
        Files of an older run, which a new one takes the place of.

    Raises
    ------
    DataError
        It cannot be written, or holds files of these names that are of no run.
    """
    folder = Path(folder)
    require_folder_place(folder, owner)
    older = _files_of_run(folder)
    strange = [name for name in NAMES if (folder / name).exists() and name not in older]
    if strange:
        raise DataError(
            f"{owner}: must be a folder whose {strange[0]} is of an older run (got "
            f"{folder.absolute()}, where it is something else). Choose another folder."
        )
    return older


def _files_of_run(folder: Path) -> tuple[str, ...]:
    """Files of the run in a folder; none where there is no run."""
    try:
        run = json.loads((folder / "run.json").read_bytes())
        if not isinstance(run["scenario"], dict) or not isinstance(run["spike_hash"], str):
            return ()
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ()
    named = {CONNECTOME: run.get("connectome_file"), TUNING: run.get("tuning_file")}
    own = [name for name in NAMES if named.get(name, name) == name]
    return tuple(name for name in own if (folder / name).exists())
