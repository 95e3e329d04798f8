"""Numbers and quantities as people write them: no exponents, a fitting prefix, 'µ' for micro."""

from __future__ import annotations

import math

__all__ = ["counted", "number", "percent_text", "quantity", "span"]

_STEPS = {
    "J": ("fJ", "pJ", "nJ", "µJ", "mJ", "J", "kJ", "MJ", "GJ"),
    "s": ("fs", "ps", "ns", "µs", "ms", "s"),
}
_FAMILY = {name: names for names in _STEPS.values() for name in names}
_MICRO = {"us": "µs", "uJ": "µJ", "uA": "µA", "uV": "µV", "um": "µm", "uC": "µC"}
_FEWEST, _MOST = 1e-6, 1e15  # outside, a number is said by powers of ten


def number(value: float, digits: int = 3) -> str:
    """A number with so many significant digits, thousands apart, never as ``1e+02``.

    Parameters
    ----------
    value : float
        NaN and infinity are said in words.
    digits : int
        Significant digits; whole parts are never cut to zeros below a million.

    Returns
    -------
    str
    """
    if math.isnan(value):
        return "n/a"
    if math.isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if not _FEWEST <= abs(value) < _MOST:
        return f"{value / 10.0**exponent:.{digits - 1}f} × 10^{exponent}"
    rounded = float(f"{value:.{digits - 1}e}") if abs(value) >= 1e6 else value
    exponent = math.floor(math.log10(abs(float(f"{rounded:.{digits - 1}e}"))))
    text = f"{rounded:,.{max(0, digits - 1 - exponent)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def counted(n: int, what: str) -> str:
    """So many of a thing, ``"1 unit"`` or ``"1,200 units"``."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def percent_text(share: float) -> str:
    """A share of 1 in per cent, with as many digits as say something."""
    percent = 100.0 * share
    if 0 < percent < 0.01:
        return "below 0.01 %"
    return f"{number(percent, 2)} %"


def quantity(value: float, unit: str, digits: int = 3) -> str:
    """A number with its unit; energies and times get the prefix that fits them.

    Parameters
    ----------
    value : float
    unit : str
        "" for none; "us" and "uJ" are written with µ.
    digits : int

    Returns
    -------
    str
    """
    value, unit = _fitting(value, _MICRO.get(unit, unit), value, digits)
    return f"{number(value, digits)} {unit}".rstrip()


def span(low: float, high: float, unit: str, digits: int = 2) -> str:
    """Two quantities of one unit: "100 to 140 mJ", "0.9 to 1.4 J"."""
    unit = _MICRO.get(unit, unit)
    low, shown = _fitting(low, unit, high, digits)
    high, _ = _fitting(high, unit, high, digits)
    return f"{number(low, digits)} to {number(high, digits)} {shown}".rstrip()


def _fitting(value: float, unit: str, size: float, digits: int) -> tuple[float, str]:
    """`value` in the unit of the same family in which `size` is from 1 to below 1000."""
    names = _FAMILY.get(unit)
    if names is None or not size or not math.isfinite(size):
        return value, unit
    place = names.index(unit)
    size = float(f"{size:.{digits - 1}e}")
    steps = math.floor(round(math.log10(abs(size)), 9) / 3)
    steps = min(max(steps, -place), len(names) - 1 - place)
    return value * 1000.0**-steps, names[place + steps]
