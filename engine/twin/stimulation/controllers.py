"""Who decides on amplitude and frequency, once in 20 ms: one record each.

As in Fleming, Dunn & Lowery 2020, doi 10.3389/fnins.2020.00166, and their code (ModelDB 262046). Errors are
relative, ``e = (beta - set) / set``, so that their gains need no scaling; the set point is in the units of
this circuit. Currents are theirs where the electrode's amplitude is 2.5 mA, and in proportion to it
elsewhere, but for the one at which a frequency is controlled.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import ParameterError
from engine.registry import Registry
from engine.twin.stimulation.electrode import Electrode

__all__ = [
    "CONTROLLERS",
    "FREQUENCY_SHARE",
    "MAX_SHARE",
    "UPDATE_MS",
    "UPPER_SHARE",
    "Controller",
    "ControllerKind",
    "Pi",
    "Thresholds",
]

UPDATE_MS = 20.0
MAX_SHARE = 3.0 / 2.5
"""The largest amplitude of a controller, over the electrode's."""
FREQUENCY_SHARE = 2.0 / 2.5
"""The amplitude at which a frequency is controlled, over the electrode's. In their code it is 1.5 mA; 2 mA
was chosen here on circuits that are not judged, since 1.5 mA drives too few of these axons."""
MAX_HZ = 250.0
UPPER_SHARE = 1.5261 / 1.0414
"""The upper of two thresholds over the lower, which is the set point; of their code."""

_SOURCE = "Fleming et al. 2020, doi 10.3389/fnins.2020.00166"
_KP_MA, _KP_HZ, _TI_S, _RAMP_S = 0.23, 19.3, 0.2, 0.25


class Controller(ABC):
    """Decides once in `UPDATE_MS`."""

    @abstractmethod
    def update(self, beta: float) -> tuple[float, float]:
        """What to do until the next update.

        Parameters
        ----------
        beta : float
            The biomarker now.

        Returns
        -------
        amplitude_ma, frequency_hz : float
        """


class Constant(Controller):
    """Always the same, whatever is measured."""

    def __init__(self, amplitude_ma: float, frequency_hz: float):
        self._always = amplitude_ma, frequency_hz

    def update(self, beta: float) -> tuple[float, float]:
        """The same as ever."""
        return self._always


class Thresholds(Controller):
    """Up by a step above one threshold, down by one below another, else as it is.

    Parameters
    ----------
    lower, upper : float
        In the biomarker's unit; equal for on-off control.
    max_ma, frequency_hz : float
    """

    def __init__(self, lower: float, upper: float, max_ma: float, frequency_hz: float):
        self._lower, self._upper = lower, upper
        self._max_ma, self._frequency_hz = max_ma, frequency_hz
        self._step_ma = max_ma / math.ceil(_RAMP_S * 1000.0 / UPDATE_MS)
        self._ma = 0.0

    def update(self, beta: float) -> tuple[float, float]:
        """One step, or none."""
        if beta > self._upper:
            self._ma = min(self._ma + self._step_ma, self._max_ma)
        elif beta < self._lower or self._lower == self._upper:
            self._ma = max(self._ma - self._step_ma, 0.0)
        return self._ma, self._frequency_hz


class Pi:
    """A value from a proportional and an integral term, held within bounds.

    ``u = Kp (e + 1 / Ti * integral of e)``; while `u` is out of bounds the integral stands still.

    Parameters
    ----------
    kp : float
        In the unit of the value.
    ti_s : float [s]
    high : float
        Upper bound; the lower one is 0.
    """

    def __init__(self, kp: float, ti_s: float, high: float):
        self._kp, self._ti_s, self._high = kp, ti_s, high
        self._integral = 0.0

    def update(self, error: float) -> float:
        """The value after an error has been seen for `UPDATE_MS`."""
        integral = self._integral + error * UPDATE_MS / 1000.0
        value = self._kp * (error + integral / self._ti_s)
        if 0.0 <= value <= self._high:
            self._integral = integral
        return min(max(value, 0.0), self._high)


class PiAmplitude(Controller):
    """The amplitude from the error, at the electrode's frequency."""

    def __init__(self, set_point: float, kp_ma: float, max_ma: float, frequency_hz: float):
        self._set_point, self._frequency_hz = set_point, frequency_hz
        self._pi = Pi(kp_ma, _TI_S, max_ma)

    def update(self, beta: float) -> tuple[float, float]:
        """The next amplitude."""
        return self._pi.update(beta / self._set_point - 1.0), self._frequency_hz


class PiFrequency(Controller):
    """The frequency from the error, at a fixed amplitude."""

    def __init__(self, set_point: float, amplitude_ma: float):
        self._set_point, self._amplitude_ma = set_point, amplitude_ma
        self._pi = Pi(_KP_HZ, _TI_S, MAX_HZ)

    def update(self, beta: float) -> tuple[float, float]:
        """The next frequency."""
        return self._amplitude_ma, self._pi.update(beta / self._set_point - 1.0)


@dataclass(frozen=True)
class ControllerKind:
    """One way to control.

    Attributes
    ----------
    name, label, sentence, source : str
    is_closed : bool
        Whether it looks at the biomarker.
    build : callable
        Of a set point and an electrode.
    max_hz : float [Hz]
        The largest frequency it may ask for; 0 where it keeps to the electrode's.
    """

    name: str
    label: str
    sentence: str
    source: str
    is_closed: bool
    build: Callable[[float, Electrode], Controller]
    max_hz: float = 0.0

    def make(self, set_point: float, electrode: Electrode) -> Controller:
        """A new controller.

        Raises
        ------
        ParameterError
            The set point is not above 0, or the controller may ask for more current than the electrode may
            carry, or for pulses that follow each other too soon.
        """
        if self.is_closed and not (set_point > 0 and math.isfinite(set_point)):
            raise ParameterError(
                f"{self.name}.set_point: must be above 0 mV, since errors are relative to it (got "
                f"{set_point:g})."
            )
        most = MAX_SHARE * electrode.amplitude_ma
        if self.is_closed and most > electrode.max_amplitude_ma:
            raise ParameterError(
                f"Electrode.amplitude_ma: must be at most {electrode.max_amplitude_ma / MAX_SHARE:.3g} mA "
                f"for "
                f"{self.label}, which may raise it to {MAX_SHARE:g} times and stay within the bounds of "
                f"charge "
                f"(got {electrode.amplitude_ma:g}). Lower it or shorten the pulse."
            )
        if self.max_hz and electrode.width_us + electrode.recharge_us > 1e6 / self.max_hz:
            raise ParameterError(
                f"Electrode.recharge_us: must end before the next pulse, which {self.label} may ask for "
                f"{1e6 / self.max_hz:.0f} us after the last (got {electrode.width_us:g} us and "
                f"{electrode.recharge_us:g} us). Shorten it."
            )
        return self.build(set_point, electrode)


CONTROLLERS: Registry[ControllerKind] = Registry(
    "controller",
    (
        ControllerKind(
            "open_loop",
            "Open loop",
            "always the electrode's amplitude and frequency",
            _SOURCE,
            False,
            lambda _, e: Constant(e.amplitude_ma, e.frequency_hz),
        ),
        ControllerKind(
            "on_off",
            "On-off",
            "amplitude up while beta is above the set point, down while it is below, from nothing to most "
            "in 0.25 s",
            _SOURCE,
            True,
            lambda s, e: Thresholds(s, s, MAX_SHARE * e.amplitude_ma, e.frequency_hz),
        ),
        ControllerKind(
            "dual_threshold",
            "Dual threshold",
            "amplitude up above an upper threshold, down below the set point, as it is between them",
            _SOURCE,
            True,
            lambda s, e: Thresholds(s, UPPER_SHARE * s, MAX_SHARE * e.amplitude_ma, e.frequency_hz),
        ),
        ControllerKind(
            "pi_amplitude",
            "PI of amplitude",
            "amplitude proportional to the error and to its integral: Kp 0.23 mA, Ti 0.2 s",
            _SOURCE,
            True,
            lambda s, e: PiAmplitude(
                s, _KP_MA * e.amplitude_ma / 2.5, MAX_SHARE * e.amplitude_ma, e.frequency_hz
            ),
        ),
        ControllerKind(
            "pi_frequency",
            "PI of frequency",
            "frequency proportional to the error and to its integral: Kp 19.3 Hz, Ti 0.2 s, 0.8 of the "
            "amplitude",
            _SOURCE,
            True,
            lambda s, e: PiFrequency(s, FREQUENCY_SHARE * e.amplitude_ma),
            MAX_HZ,
        ),
    ),
)
"""All of them by name."""
