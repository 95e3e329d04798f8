"""Scales, axes and lines of pictures that are drawn without a plotting library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.amounts import number
from engine.markup.parts import Mark

__all__ = ["Scale", "bars", "frame", "line", "polygon"]

_STEPS = (1.0, 2.0, 5.0, 10.0)
_ROOM = 4.0  # between a tick and its number


@dataclass(frozen=True)
class Scale:
    """Numbers along one side of a picture.

    Attributes
    ----------
    low, high : float
        Ends of the axis; above 0 where it is logarithmic.
    start, stop : float [px]
        Where they lie.
    is_log : bool
    """

    low: float
    high: float
    start: float
    stop: float
    is_log: bool = False

    def __call__(self, values: ArrayLike) -> NDArray[np.float64]:
        """Where values lie; those outside lie at the nearer end.

        Parameters
        ----------
        values : (n,) float64

        Returns
        -------
        (n,) float64 [px]
        """
        at = np.clip(np.asarray(values, np.float64), self.low, self.high)
        low, high = self.low, self.high
        if self.is_log:
            at, low, high = np.log10(at), math.log10(low), math.log10(high)
        return self.start + (at - low) / ((high - low) or 1.0) * (self.stop - self.start)

    def ticks(self, n: int = 5) -> list[float]:
        """About n round numbers on it."""
        if self.is_log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            found = [m * 10.0**k for k in range(first, last + 1) for m in (1.0, 2.0, 5.0)]
            inside = [v for v in found if self.low <= v <= self.high]
            tens = [v for v in inside if round(math.log10(v), 9).is_integer()]
            return inside if len(inside) <= n + 1 or len(tens) < 2 else tens
        wide = (self.high - self.low) / max(1, n)
        unit = 10.0 ** math.floor(math.log10(wide)) if wide > 0 else 1.0
        step = next(unit * m for m in _STEPS if unit * m >= wide * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        return [step * k for k in range(first, math.floor(self.high / step + 1e-9) + 1)]


def frame(x: Scale, y: Scale, x_label: str, y_label: str, n_ticks: tuple[int, int] = (6, 4)) -> list[Mark]:
    """Lines across a picture at round numbers, the numbers, and what they are of."""
    lines, marks = [], []
    left, right, bottom, top = x.start, x.stop, y.start, y.stop
    for value, at in zip(y.ticks(n_ticks[1]), y(y.ticks(n_ticks[1])), strict=True):
        lines.append(f"M{left:.1f} {at:.1f}H{right:.1f}")
        marks.append(_number(value, left - 6.0, at + 3.5, "end"))
    for value, at in zip(x.ticks(n_ticks[0]), x(x.ticks(n_ticks[0])), strict=True):
        lines.append(f"M{at:.1f} {bottom:.1f}v{_ROOM:g}")
        marks.append(_number(value, at, bottom + 16.0, "middle"))
    marks.append(Mark("name", text=x_label, x=right, y=bottom + 31.0, anchor="end"))
    marks.append(Mark("name", text=y_label, x=0.0, y=top - 9.0))
    return [Mark("grid", "".join(lines)), *marks]


def _number(value: float, x: float, y: float, anchor: str) -> Mark:
    return Mark("tick", text=number(value, 6), x=x, y=y, anchor=anchor)


def line(xs: Sequence[float] | NDArray[np.float64], ys: Sequence[float] | NDArray[np.float64]) -> str:
    """The path of a line through points.

    Parameters
    ----------
    xs, ys : (n,) float64 [px]
    """
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True)) if len(xs) else ""


def polygon(xs: Sequence[float] | NDArray[np.float64], ys: Sequence[float] | NDArray[np.float64]) -> str:
    """The path of a closed line through points.

    Parameters
    ----------
    xs, ys : (n,) float64 [px]
    """
    return line(xs, ys) + "Z" if len(xs) else ""


def bars(lefts: NDArray[np.float64], tops: NDArray[np.float64], width: float, bottom: float) -> str:
    """The path of bars that stand on a line.

    Parameters
    ----------
    lefts, tops : (n,) float64 [px]
    width, bottom : float [px]
    """
    return "".join(
        f"M{x:.1f} {bottom:.1f}V{y:.1f}h{width:.1f}V{bottom:.1f}Z"
        for x, y in zip(lefts, tops, strict=True)
        if y < bottom
    )
