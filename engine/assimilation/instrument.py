"""What is seen of members once a TR: BOLD, or rates; and what is hidden behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from engine.assimilation.members import BIN_MS
from engine.errors import ParameterError
from engine.fit.forward.bold import Bold

__all__ = ["OBSERVED", "Instrument", "Observed"]

Observed = Literal["bold", "rate"]
OBSERVED: tuple[Observed, ...] = get_args(Observed)

N_HIDDEN = 4
"""Of BOLD: the signal X and the logarithms of flow, volume and deoxyhaemoglobin."""

_BALLOON = "friston2003"
_STEADY_MS = 30_000  # of constant input, after which the balloon has come to rest
_MOST_LOG = 1.0  # farthest that the filter may take flow, volume or oxygen from rest, as a logarithm


class Instrument:
    """Observes every region of every member.

    Parameters
    ----------
    observed : str
        One of `OBSERVED`: BOLD [%] of the balloon of Friston et al. 2003, or excitatory rates [Hz].
    n_members, n_regions : int
    tr_ms : int [ms]
        Time between two observations.

    Raises
    ------
    ParameterError
        The name is unknown, or the time is no whole number of bins.
    """

    def __init__(self, observed: str, n_members: int, n_regions: int, tr_ms: int):
        if observed not in OBSERVED:
            raise ParameterError(f"observed: must be one of {', '.join(OBSERVED)} (got '{observed}').")
        if tr_ms < BIN_MS or tr_ms % BIN_MS:
            raise ParameterError(
                f"tr: must be a whole number of {BIN_MS} ms, at least one (got {tr_ms:g} ms)."
            )
        self.observed, self.tr_ms = observed, tr_ms
        self._shape = (n_members, n_regions)
        self._bold: Bold | None = None
        if observed == "bold":
            n = n_members * n_regions
            self._bold = Bold(_BALLOON, n, dt=float(BIN_MS), tr=float(tr_ms), input_dt=float(BIN_MS))

    @property
    def n_hidden(self) -> int:
        """Hidden numbers of a region."""
        return 0 if self._bold is None else N_HIDDEN

    def settle(self, rates_hz: NDArray[np.float64]) -> NDArray[np.float64]:
        """Come to where steady rates lead.

        Parameters
        ----------
        rates_hz : (n_members, n_regions) float64 [Hz]

        Returns
        -------
        (n_members, n_regions) float64
            What is seen there.
        """
        if self._bold is None:
            return rates_hz
        rows = np.broadcast_to(rates_hz, (self.tr_ms // BIN_MS, *self._shape))
        for _ in range(-(-_STEADY_MS // self.tr_ms)):
            seen = self.observe(rows)
        return seen

    def observe(self, rates_hz: NDArray[np.float64]) -> NDArray[np.float64]:
        """Observe the end of one TR.

        Parameters
        ----------
        rates_hz : (n_bins, n_members, n_regions) float64 [Hz]
            Of that TR.

        Returns
        -------
        (n_members, n_regions) float64
            [%] of BOLD, [Hz] of rates.
        """
        if self._bold is None:
            return rates_hz.mean(axis=0)
        seen = self._bold.advance(rates_hz.reshape(len(rates_hz), -1))
        return seen[-1].reshape(self._shape) * self._bold.balloon.percent

    @property
    def hidden(self) -> NDArray[np.float64]:
        """(n_members, n_regions, n_hidden) float64, what can be filtered besides parameters."""
        if self._bold is None:
            return np.empty((*self._shape, 0))
        balloon = self._bold.state()["balloon"].copy()
        balloon[1:] = np.log(balloon[1:])
        return balloon.reshape(N_HIDDEN, *self._shape).transpose(1, 2, 0)

    def set_hidden(self, hidden: NDArray[np.float64]) -> None:
        """Go on from other hidden numbers.

        Parameters
        ----------
        hidden : (n_members, n_regions, n_hidden) float64
        """
        if self._bold is None:
            return
        balloon = hidden.transpose(2, 0, 1).reshape(N_HIDDEN, -1).copy()
        balloon[1:] = np.exp(np.clip(balloon[1:], -_MOST_LOG, _MOST_LOG))
        self._bold.restore({**self._bold.state(), "balloon": balloon})

    def state(self) -> dict[str, NDArray]:
        """Copies of all that changes."""
        return {} if self._bold is None else self._bold.state()

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Go back to a :meth:`state`."""
        if self._bold is not None:
            self._bold.restore(state)
