"""What units send to whom, as packets that are copied on their way: what a placement is judged by.

Synapses are the wrong measure: however many synapses a spike has in a region, it reaches that
region's tile as one packet, and shares links with the copies to other tiles.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from engine.errors import ParameterError

__all__ = ["Demand", "demand_of"]


@dataclass(frozen=True, eq=False)
class Demand:
    """Multicast senders among units; arrays are read only.

    Attributes
    ----------
    n_units : int
    unit_of : (n_senders,) int32
        The unit each sender sits in.
    packets : (n_senders,) float64
        What each sends; any common scale.
    indptr : (n_senders + 1,) int64
        Where each sender's targets start in `targets`.
    targets : (n_targets,) int32
        The units that receive every packet of a sender.
    """

    n_units: int
    unit_of: np.ndarray
    packets: np.ndarray
    indptr: np.ndarray
    targets: np.ndarray

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @property
    def n_senders(self) -> int:
        """Number of senders."""
        return len(self.packets)

    def traffic(self) -> np.ndarray:
        """(n_units, n_units) float64, packets from column to row, each pair by itself."""
        sender = np.repeat(np.arange(self.n_senders), np.diff(self.indptr))
        out = np.zeros((self.n_units, self.n_units))
        np.add.at(out, (self.targets, self.unit_of[sender]), self.packets[sender])
        np.fill_diagonal(out, 0.0)
        return out

    def grouped(self, group_of: np.ndarray, n_groups: int) -> Demand:
        """The same packets among groups of units.

        Parameters
        ----------
        group_of : (n_units,) int64
        n_groups : int
        """
        sender = np.repeat(np.arange(self.n_senders), np.diff(self.indptr))
        reached = np.unique(sender * n_groups + group_of[self.targets])
        counts = np.bincount(reached // n_groups, minlength=self.n_senders)
        return Demand(
            n_groups,
            group_of[self.unit_of].astype(np.int32),
            self.packets.copy(),
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            (reached % n_groups).astype(np.int32),
        )


def demand_of(unit_of: np.ndarray, packets: np.ndarray, reach: np.ndarray, most: int | None = None) -> Demand:
    """Collect the senders that send at all.

    Parameters
    ----------
    unit_of : (n_senders,) int32
    packets : (n_senders,) float64
        What each sends; any common scale.
    reach : (n_senders, n_units) bool
        Which units receive it.
    most : int, optional
        Keep about so many senders, evenly picked, which then stand for all.

    Returns
    -------
    Demand

    Raises
    ------
    ParameterError
        The arrays do not belong together.
    """
    reach = np.asarray(reach, bool)
    if reach.ndim != 2 or not len(unit_of) == len(packets) == len(reach):
        raise ParameterError(
            "demand_of.reach: must have one row per sender "
            f"(got {reach.shape} for {len(unit_of)} units and {len(packets)} packets)."
        )
    sends = np.flatnonzero(reach.any(axis=1) & (np.asarray(packets) > 0))
    scale = 1.0
    if most is not None and len(sends) > most:
        kept = sends[:: -(-len(sends) // most)]
        scale, sends = len(sends) / len(kept), kept
    sender, targets = np.nonzero(reach[sends])
    return Demand(
        reach.shape[1],
        np.asarray(unit_of)[sends].astype(np.int32),
        np.asarray(packets, np.float64)[sends] * scale,
        np.searchsorted(sender, np.arange(len(sends) + 1)).astype(np.int64),
        targets.astype(np.int32),
    )
