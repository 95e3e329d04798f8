"""Lines written as short texts: mostly one character a coordinate, which a browser reads again.

A number of an outline takes six characters in JSON, and as an array of its own each line takes a
hundred. Here a coordinate is a whole number of units, of which 4,231 reach across the sheet: what is lost
is a tenth of a pixel where the sheet is as wide as a laptop's screen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bokeh.models import CustomJSTransform

__all__ = ["MOST", "Unwritten", "read_lines", "write_lines"]

_FIRST, _N = 35, 92  # "#" to "~", of which JSON writes only the backslash as two
_FAR = 45  # units of a step that is one character; "#" and two more say where a longer one ends
MOST = _N * (_FAR + 1) - 1
"""Units across a sheet."""

# A page asks again with every message to the marks; outlines that it has read are not read again.
_READ = f"""
const known = (globalThis.dtbLines ??= new WeakMap()).get(xs)
if (known !== undefined && known.unit == unit) return known.lines
const lines = Array.from(xs, (text) => {{
  const line = [], at = (i) => text.charCodeAt(i) - {_FIRST}
  for (let i = 0, last = 0; i < text.length; i++) {{
    last = at(i) ? last + at(i) - {_FAR + 1} : {_N} * at(++i) + at(++i)
    line.push(unit * last)
  }}
  return line
}})
globalThis.dtbLines.set(xs, {{unit, lines}})
return lines
"""


class Unwritten:
    """Reads written lines in the browser: the transform of a glyph's `xs` or `ys`.

    Attributes
    ----------
    transform : bokeh.models.CustomJSTransform
    unit : float
        What a coordinate of one stands for, in units of the sheet.
    """

    def __init__(self) -> None:
        self.unit = 1.0
        self.transform = CustomJSTransform(args={"unit": self.unit}, v_func=_READ)

    def read_in(self, unit: float) -> None:
        """Read what is written in other units from now on."""
        if unit != self.unit:
            self.unit = unit
            self.transform.args = {"unit": unit}


def write_lines(lines: Sequence[np.ndarray], unit: float) -> list[str]:
    """Lines as texts.

    Parameters
    ----------
    lines : sequence of (n_points,) float
        Coordinates between 0 and `MOST` units; what lies outside is moved to the edge.
    unit : float
    """
    written = []
    for line in lines:
        whole = np.clip(np.rint(np.asarray(line, np.float64) / unit), 0, MOST).astype(np.int64)
        step = np.diff(whole, prepend=-MOST)  # the first is always far
        near = np.abs(step) <= _FAR
        codes = np.column_stack([np.where(near, step + _FAR + 1, 0), whole // _N, whole % _N])
        said = np.column_stack([np.ones_like(near), ~near, ~near])
        written.append((codes[said] + _FIRST).astype(np.uint8).tobytes().decode("ascii"))
    return written


def read_lines(texts: Sequence[str], unit: float) -> list[np.ndarray]:
    """What the browser reads.

    Parameters
    ----------
    texts : sequence of str
        Of `write_lines`.
    unit : float

    Returns
    -------
    list of (n_points,) float64
    """
    lines = []
    for text in texts:
        codes, last, line = iter(ord(c) - _FIRST for c in text), 0, []
        for code in codes:
            last = last + code - _FAR - 1 if code else _N * next(codes) + next(codes)
            line.append(unit * last)
        lines.append(np.array(line))
    return lines
