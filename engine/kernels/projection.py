"""The synapses of one projection that learn, by source and once more by target."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["ProjectionRows"]


class ProjectionRows(NamedTuple):
    """Who is joined to whom; all arrays read. Sources and targets are numbered in the projection.

    By source: `indptr` (n_sources + 1,) int64 into `targets` (n_synapses,) int32. By target:
    `column` (n_targets + 1,) int64 into `by_target` (n_synapses,) int64, numbers of its synapses,
    and `sources` (n_synapses,) int32, theirs. `lanes` (n_targets,) int32, the targets' lanes, and
    `number` (n_lanes,) int32, the targets' numbers, -1 for other lanes.
    """

    indptr: np.ndarray
    targets: np.ndarray
    column: np.ndarray
    by_target: np.ndarray
    sources: np.ndarray
    lanes: np.ndarray
    number: np.ndarray
