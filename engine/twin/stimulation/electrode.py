"""The electrode: what it does, what that costs, and what is refused because it may harm tissue.

Bounds of the charge of one phase, Q [uC], and of its density D = Q / area [uC/cm2]: Shannon's line
``log10(D) = k - log10(Q)`` (Shannon 1992, doi 10.1109/10.126616, who puts k between 1.5, cautious, and 1.85,
below which no damage had been seen) and 30 uC/cm2, the limit that makers of such electrodes give. What the
second phase does not take back is direct current, of which 0.1 uA is the most (Huang et al. 1999, IEEE Trans
Biomed Eng 46:461, for another implant; an assumed bound here).
"""

from __future__ import annotations

import math
from typing import Literal

from pydantic import ValidationError, model_validator

from engine.errors import ParameterError, nearest_hint
from engine.model.quantity import Declared, choice, quantity, rule_broken

__all__ = ["MAX_DENSITY_UC_CM2", "MAX_DIRECT_UA", "Electrode", "electrode"]

MAX_DENSITY_UC_CM2 = 30.0
MAX_DIRECT_UA = 0.1

_FLEMING = "Fleming et al. 2020, doi 10.3389/fnins.2020.00166"


class Electrode(Declared):
    """An electrode and what it is told to do; made and checked by `electrode`.

    A pulse is a cathodic phase of `amplitude_ma` and `width_us`, and a weaker, longer phase that takes its
    charge back.
    """

    target: Literal["stn", "gpi"] = choice(
        "stn",
        "Whose axons the pulses drive; the nucleus is a labelled synthetic region.",
        options={"stn": "subthalamic nucleus", "gpi": "internal pallidum"},
    )
    amplitude_ma: float = quantity(
        2.5, "mA", "Current of the first phase.", low=0.0, high=25.0, step=0.1, source=_FLEMING
    )
    frequency_hz: float = quantity(130.0, "Hz", "Pulses each second.", low=1.0, high=250.0, source=_FLEMING)
    width_us: float = quantity(
        60.0, "us", "Length of the first phase.", low=20.0, high=500.0, source=_FLEMING
    )
    recharge: float = quantity(
        1.0, "", "Share of its charge that the second phase takes back.", low=0.0, high=2.0, step=0.01
    )
    recharge_us: float = quantity(
        600.0, "us", "Length of the second phase.", low=20.0, high=5000.0, source="assumed: ten times weaker"
    )
    area_cm2: float = quantity(
        0.06,
        "cm2",
        "Surface of the contact.",
        low=1e-4,
        high=1.0,
        source="assumed: a cylinder 1.27 mm across and 1.5 mm long",
    )
    impedance_ohm: float = quantity(
        1000.0, "Ohm", "Of electrode and tissue.", low=100.0, high=10_000.0, source="assumed"
    )
    shannon_k: float = quantity(
        1.5,
        "",
        "k of Shannon's line; the smaller, the more careful.",
        low=0.5,
        high=1.85,
        source="Shannon 1992",
    )
    start_s: float = quantity(0.0, "s", "When it is switched on, in the treated time.", low=0.0, high=3600.0)
    stop_s: float = quantity(3600.0, "s", "When it is switched off.", low=0.0, high=3600.0)
    ramp_s: float = quantity(
        0.25, "s", "In which the current rises to its full value.", low=0.0, high=60.0, source=_FLEMING
    )
    on_s: float = quantity(0.0, "s", "Of a cycle, switched on; 0 is always.", low=0.0, high=3600.0)
    off_s: float = quantity(0.0, "s", "Of a cycle, switched off.", low=0.0, high=3600.0)

    @model_validator(mode="after")
    def _within_bounds(self) -> Electrode:
        for sentence in (self._too_strong(), self._out_of_balance(), self._contradiction()):
            if sentence:
                raise ValueError(sentence)
        return self

    @property
    def pulse_uc(self) -> float:
        """Charge of the first phase of one pulse [uC]."""
        return self.amplitude_ma * self.width_us / 1000.0

    @property
    def density_uc_cm2(self) -> float:
        """Charge density of the first phase [uC/cm2]."""
        return self.pulse_uc / self.area_cm2

    @property
    def direct_ua(self) -> float:
        """Direct current that the two phases leave [uA]."""
        return self.pulse_uc * abs(1.0 - self.recharge) * self.frequency_hz

    @property
    def max_amplitude_ma(self) -> float:
        """The largest current that is within both bounds of charge [mA]."""
        most_uc = min(math.sqrt(self.area_cm2 * 10.0**self.shannon_k), MAX_DENSITY_UC_CM2 * self.area_cm2)
        return most_uc * 1000.0 / self.width_us

    def charge_uc(self, amplitude_ma: float) -> float:
        """Charge of the first phase of a pulse of another current [uC]."""
        return amplitude_ma * self.width_us / 1000.0

    def energy_uj(self, amplitude_ma: float) -> float:
        """What a pulse of some current takes in both phases at the assumed impedance [uJ]."""
        back_ma = amplitude_ma * self.width_us * self.recharge / self.recharge_us
        squares = amplitude_ma**2 * self.width_us + back_ma**2 * self.recharge_us
        return squares * self.impedance_ohm * 1e-6

    def gate(self, s: float) -> float:
        """Share of its current that the schedule lets through at a time since treatment began [1]."""
        if not self.start_s <= s < self.stop_s:
            return 0.0
        since = s - self.start_s
        if self.on_s > 0.0 and self.off_s > 0.0:
            since %= self.on_s + self.off_s
            if since >= self.on_s:
                return 0.0
        return min(1.0, since / self.ramp_s) if self.ramp_s > 0.0 else 1.0

    def _too_strong(self) -> str:
        if self.amplitude_ma <= self.max_amplitude_ma:
            return ""
        is_shannon = self.area_cm2 * 10.0**self.shannon_k <= (MAX_DENSITY_UC_CM2 * self.area_cm2) ** 2
        limit = (
            f"Shannon's limit log10(D) + log10(Q) = {self.shannon_k:g}"
            if is_shannon
            else f"the charge density of {MAX_DENSITY_UC_CM2:g} uC/cm2"
        )
        most_ma = math.floor(self.max_amplitude_ma * 100 + 1e-9) / 100
        return (
            f"Electrode.amplitude_ma: must be at most {most_ma:g} mA, where {self.width_us:g} us on "
            f"{self.area_cm2:g} cm2 reach {limit} (got {self.amplitude_ma:g}). "
            "Lower it, shorten the pulse or take a larger contact."
        )

    def _out_of_balance(self) -> str:
        if self.direct_ua <= MAX_DIRECT_UA:
            return ""
        return (
            f"Electrode.recharge: must leave at most {MAX_DIRECT_UA:g} uA of direct current "
            f"(got {self.recharge:g}, which leaves {self.direct_ua:.3g} uA). Use 1 for balanced pulses."
        )

    def _contradiction(self) -> str:
        if self.width_us + self.recharge_us > 1e6 / self.frequency_hz:
            return (
                f"Electrode.recharge_us: must end before the next pulse, {1e6 / self.frequency_hz:.0f} us "
                f"after "
                f"the last (got {self.width_us:g} us and {self.recharge_us:g} us). Shorten it or lower the "
                "frequency."
            )
        if self.stop_s <= self.start_s:
            return (
                f"Electrode.stop_s: must be after start_s = {self.start_s:g} s (got {self.stop_s:g}). "
                "Move one of them."
            )
        if (self.on_s > 0.0) != (self.off_s > 0.0):
            return (
                f"Electrode.off_s: must be above 0 s where on_s is, and 0 where it is not "
                f"(got on_s {self.on_s:g} and off_s {self.off_s:g}). Give both, or none."
            )
        longest = self.on_s if self.on_s > 0.0 else self.stop_s - self.start_s
        if self.ramp_s > longest:
            return (
                f"Electrode.ramp_s: must be within the {longest:g} s for which it is on (got "
                f"{self.ramp_s:g}). "
                "Shorten the ramp."
            )
        return ""


def electrode(**values: object) -> Electrode:
    """An electrode, checked.

    Parameters
    ----------
    **values
        Of the fields of `Electrode`; the rest are its defaults.

    Raises
    ------
    ParameterError
        A name is unknown, a value is out of bounds, the charge of a pulse may harm tissue, or parts of the
        schedule contradict each other; one sentence that names the limit.
    """
    for name in values:
        if name not in Electrode.model_fields:
            raise ParameterError(
                f"Electrode: unknown name '{name}'. " + nearest_hint(name, Electrode.model_fields)
            )
    try:
        return Electrode(**values)
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:
            raise ParameterError(str(first["ctx"]["error"])) from None
        raise ParameterError(f"Electrode.{first['loc'][0]}: {rule_broken(first)}.") from None
