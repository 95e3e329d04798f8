"""Files to try the readers with: signals made by a model, and the functional connectivity of a connectome."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.errors import DataError
from engine.fit.forward.bold import TR_MS, Bold

__all__ = ["SIMULATED_BOLD", "connectome_fc_file", "simulated_bold_file"]

SIMULATED_BOLD = "simulated_bold_example.csv"
"""Name of the file of signals that a model has made."""

_STEP_MS = 20
_TAU_MS = 500.0
_MEAN_HZ, _SD_HZ = 5.0, 1.5
_COUPLING = 0.95
_WARM_VOLUMES = 30
_AT_ONCE = 10  # volumes


def simulated_bold_file(connectome: Connectome, n_volumes: int = 400, seed: int = 1) -> tuple[str, bytes]:
    """BOLD that nobody has measured: linear noise on the wiring, seen through the Balloon-Windkessel model.

    Rates of regions leak, are driven by noise, and spread by ``log(1 + weight)`` over its largest
    eigenvalue; see `engine.fit.functional_connectivity.linear_noise_fc`.

    Parameters
    ----------
    connectome : Connectome
    n_volumes : int
        Samples, one every `TR_MS`.
    seed : int
        Of the noise.

    Returns
    -------
    name : str
        Says that it is simulated.
    data : bytes
        CSV: a column of times in seconds, then one a region under its label [%]. The unit is no part
        of the file, so that its reader asks for it.
    """
    volumes = _bold(np.log1p(connectome.weights), n_volumes, np.random.default_rng(seed))
    lines = [",".join(("time_s", *map(_quoted, connectome.labels)))]
    for k, row in enumerate(volumes):
        lines.append(",".join((f"{k * TR_MS / 1000:.3f}", *(f"{value:.5f}" for value in row))))
    return SIMULATED_BOLD, "\n".join(lines).encode()


def connectome_fc_file(connectome: Connectome) -> tuple[str, bytes]:
    """The measured functional connectivity that comes with a connectome, as a file.

    Returns
    -------
    name : str
    data : bytes
        CSV with the labels above and beside, ones on the diagonal.

    Raises
    ------
    DataError
        It has none.
    """
    if connectome.fc_matrix is None:
        raise DataError(f"{connectome.name}: must have measured functional connectivity (got none).")
    values = np.array(connectome.fc_matrix)
    np.fill_diagonal(values, 1.0)
    names = [_quoted(label) for label in connectome.labels]
    lines = [",".join(("region", *names))]
    for name, row in zip(names, values, strict=True):
        lines.append(",".join((name, *(f"{value:.6g}" for value in row))))
    return f"{connectome.name}_measured_fc.csv", "\n".join(lines).encode()


def _bold(matrix: NDArray[np.float64], n_volumes: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(n_volumes, n_regions) float64 [%], after the signal has settled."""
    n = len(matrix)
    largest = float(np.abs(np.linalg.eigvals(matrix)).max())
    spread = _COUPLING * matrix / largest if largest > 0 else np.zeros((n, n))
    share = _STEP_MS / _TAU_MS
    step = np.eye(n) + share * (spread - np.eye(n))
    stream, state, volumes = Bold("friston2003", n), np.zeros(n), []
    n_steps = round(_AT_ONCE * TR_MS / _STEP_MS)
    for _ in range(0, n_volumes + _WARM_VOLUMES, _AT_ONCE):
        course = np.empty((n_steps, n))
        for k, noise in enumerate(rng.normal(size=(n_steps, n))):
            state = step @ state + np.sqrt(2 * share) * noise
            course[k] = state
        rates = np.clip(_MEAN_HZ + _SD_HZ * course, 0.0, 4 * _MEAN_HZ)
        volumes.append(stream.advance(np.repeat(rates, _STEP_MS, axis=0)))
    return stream.balloon.percent * np.concatenate(volumes)[_WARM_VOLUMES : _WARM_VOLUMES + n_volumes]


def _quoted(label: str) -> str:
    return '"' + label.replace('"', '""') + '"' if any(c in label for c in ',;"\t') else label
