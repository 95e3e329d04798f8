"""The neurons of one backend as blocks of state, with their inboxes and stimuli."""

from __future__ import annotations

import numpy as np

from engine.backends.drive import Drive
from engine.brain.network import Network
from engine.kernels import block
from engine.kernels.block import WIDTH, Neurons, Scratch
from engine.kernels.exchange import Arrived, Inboxes
from engine.kernels.random import PURPOSE_INITIAL
from engine.scenario.scenario import Scenario

__all__ = ["Lanes", "scratch_of"]


class Lanes:
    """State, inboxes and stimuli of the neurons of one backend, laid out in blocks.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    neurons : (n_lanes,) int32
        The network's numbers of the lanes' neurons, ascending.
    n_rows : int
        Rows of a block.
    n_slots : int
        Slots of the long-range ring: the longest delay plus one.
    """

    def __init__(self, scenario: Scenario, network: Network, neurons: np.ndarray, n_rows: int, n_slots: int):
        p = scenario.network.parameters
        n_blocks = -(-neurons.size // WIDTH)
        n_padded = n_blocks * WIDTH
        self.n = neurons.size
        self.n_blocks = n_blocks
        self.n_rows = n_rows
        self.state = np.zeros(n_blocks * n_rows * WIDTH, np.float32)
        self.local_e = np.zeros(n_padded, np.int32)
        self.local_i = np.zeros(n_padded, np.int32)
        self.ring = np.zeros((n_slots, n_padded), np.int32)
        self.inboxes = Inboxes(self.local_e, self.local_i, self.ring)
        self.address = np.zeros(n_padded, np.uint32)
        self.address[: self.n] = network.address[neurons]
        self.address[self.n :] = np.uint32(0xFFFFFFFF)
        self.names = Neurons(self.address, self.n)
        self.external: np.ndarray | None = None  # of stimuli alone, where row I_EXT holds more
        self.drive = Drive(scenario.stimulus, network, neurons, scenario.seed)
        key = np.array([scenario.seed, PURPOSE_INITIAL], np.uint64)
        first = np.random.Generator(np.random.Philox(key=key)).standard_normal(network.n_neurons, np.float32)[
            neurons
        ]
        self.set_row(block.I_BG, (p.ou_mean + p.ou_std * first).astype(np.float32))

    def arriving(self, time: int) -> np.ndarray:
        """(n_padded,) int32, the long-range weight that arrives at exchange step `time`."""
        return self.ring[time % len(self.ring)]

    def part(self, time: int, first: int, last: int) -> tuple[np.ndarray, Arrived]:
        """Blocks `first` to `last`: state, and what arrives at step `time`.

        Returns
        -------
        state : (n_part * n_rows * WIDTH,) float32
            Of so many blocks; a view.
        arrived : Arrived
        """
        size, lanes = self.n_rows * WIDTH, slice(first * WIDTH, last * WIDTH)
        return (
            self.state[first * size : last * size],
            Arrived(self.local_e[lanes], self.local_i[lanes], self.arriving(time)[lanes]),
        )

    def row(self, number: int) -> np.ndarray:
        """(n_lanes,) float32 copy of one row of the state."""
        return self.state.reshape(self.n_blocks, self.n_rows, WIDTH)[:, number].ravel()[: self.n]

    def set_row(self, number: int, values: np.ndarray) -> None:
        """Write (n_lanes,) values into one row of the state; padding repeats the last value."""
        padded = np.empty(self.n_blocks * WIDTH, np.float32)
        padded[: self.n] = values
        padded[self.n :] = values[-1] if self.n else 0.0
        self.state.reshape(self.n_blocks, self.n_rows, WIDTH)[:, number] = padded.reshape(
            self.n_blocks, WIDTH
        )

    def set_external(self, currents: np.ndarray) -> None:
        """Write (n_lanes,) currents of stimuli [pA]."""
        if self.external is None:
            self.set_row(block.I_EXT, currents)
        else:
            self.external[: self.n] = currents

    def changing(self) -> dict[str, np.ndarray]:
        """Copies of all that changes."""
        return {
            "state": self.state.copy(),
            "local_e": self.local_e.copy(),
            "local_i": self.local_i.copy(),
            "ring": self.ring.copy(),
        }

    def restore(self, saved: dict[str, np.ndarray]) -> None:
        """Go back to :meth:`changing`."""
        for name in ("state", "local_e", "local_i", "ring"):
            getattr(self, name)[:] = saved[name]
        self.drive.forget()


def scratch_of(n_lanes: int, n_sub: int) -> Scratch:
    """Arrays one thread writes while it advances `n_lanes` lanes by `n_sub` sub-steps."""
    return Scratch(
        words=np.empty(4 * WIDTH, np.uint32),
        noise=np.empty(-(-n_sub // 4) * 4 * WIDTH, np.float32),
        ids=np.empty(n_lanes, np.int32),
        subs=np.empty(n_lanes, np.int32),
    )
