"""Short traces of one patient, thinned for pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.twin.stimulation.anatomy import POPULATIONS, population_index
from engine.twin.stimulation.controllers import CONTROLLERS
from engine.twin.stimulation.treatment import Course

__all__ = ["RASTER_S", "course_trace", "example_of", "pulse_shape", "raster_of"]

RASTER_S = 0.5
"""Of spikes before the treatment and under it."""
_EVERY = 3  # updates
_SHOWN = ("stn", "gpe", "gpi")
_NEURONS = 20
_STRETCH_S = 0.3


def _list(values: NDArray[Any], digits: int) -> list[float]:
    """Numbers as plain ones, rounded.

    Parameters
    ----------
    values : (n,) float64
    digits : int
    """
    return [round(float(v), digits) for v in values]


def course_trace(course: Course, every: int = _EVERY) -> dict[str, Any]:
    """Biomarker, amplitude and frequency over time, each an average of some updates."""
    n = len(course.update_s) // every * every

    def thinned(values: NDArray[np.float64], digits: int) -> list[float]:
        return _list(values[:n].reshape(-1, every).mean(axis=1), digits)

    return {
        "s": thinned(course.update_s, 3),
        "beta_mv": thinned(course.beta, 3),
        "amplitude_ma": thinned(course.amplitude_ma, 3),
        "frequency_hz": thinned(course.frequency_hz, 1),
    }


def raster_of(course: Course, begin_s: float, end_s: float) -> dict[str, Any]:
    """Spikes of some neurons of the loop; those that pulses drove are marked."""
    rows: dict[str, Any] = {"begin_s": begin_s, "end_s": end_s, "populations": []}
    times, neurons, driven, first = [], [], [], 0
    for name in _SHOWN:
        where = population_index(name)
        mine = (course.spike_neuron >= where.start) & (course.spike_neuron < where.start + _NEURONS)
        mine &= (course.spike_s >= begin_s) & (course.spike_s < end_s)
        times += _list(course.spike_s[mine], 4)
        neurons += [int(i) for i in course.spike_neuron[mine] - where.start + first]
        driven += [int(d) for d in course.is_driven[mine]]
        rows["populations"].append(
            {"name": name, "label": POPULATIONS[name].label, "first": first, "n": _NEURONS}
        )
        first += _NEURONS
    return rows | {"s": times, "neuron": neurons, "is_driven": driven}


def pulse_shape(course: Course) -> dict[str, Any]:
    """One pulse as current over time: corners of its two phases."""
    e = course.electrode
    back = e.amplitude_ma * e.width_us * e.recharge / e.recharge_us
    return {
        "us": [0.0, 0.0, e.width_us, e.width_us, e.width_us + e.recharge_us, e.width_us + e.recharge_us],
        "ma": [0.0, -e.amplitude_ma, -e.amplitude_ma, back, back, 0.0],
    }


def _stretch(course: Course, begin_s: float) -> dict[str, Any]:
    inside = (course.pulse_s >= begin_s) & (course.pulse_s < begin_s + _STRETCH_S)
    return {
        "begin_s": begin_s,
        "end_s": begin_s + _STRETCH_S,
        "s": _list(course.pulse_s[inside], 5),
        "ma": _list(course.pulse_ma[inside], 3),
    }


def example_of(courses: Mapping[str, Course], set_point: float) -> dict[str, Any]:
    """Traces of one patient under several treatments.

    Parameters
    ----------
    courses : mapping of str to Course
        By the name of the condition, ``untreated`` and ``open_loop`` among them.
    set_point : float [mV]
    """
    shown = ("untreated", "healthy", "sham", "random_timing", "wrong_frequency", *CONTROLLERS.names)
    late = courses["open_loop"].seconds - RASTER_S
    return {
        "sentence": "The first patient.",
        "set_point_mv": round(set_point, 4),
        "traces": {name: course_trace(courses[name]) for name in shown if name in courses},
        "pulses": {
            name: _stretch(courses[name], 5.0)
            for name in ("random_timing", *CONTROLLERS.names)
            if name in courses
        },
        "pulse": pulse_shape(courses["open_loop"]),
        "raster": {
            "before": raster_of(courses["open_loop"], -RASTER_S, 0.0),
            "on": raster_of(courses["open_loop"], late, late + RASTER_S),
        },
    }
