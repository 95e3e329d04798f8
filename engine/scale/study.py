"""A plan with its surroundings: other rates, other devices, and what would reach real time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.brain.connectome import Connectome, load_connectome
from engine.progress import Progress, no_progress
from engine.scale.cost import Cost
from engine.scale.plan import Plan, make_plan
from engine.scale.published import PublishedPoint, interval, published_points
from engine.scale.real_time import Remedy, device_curve, rate_curve, remedies
from engine.scale.request import PlanRequest

__all__ = ["Curve", "Study", "study_of"]

_N_RATES = 15
_MIN_TOP_HZ = 36.0


@dataclass(frozen=True, eq=False)
class Curve:
    """Slowdown along something; arrays are (n,) float64.

    Attributes
    ----------
    x, slowdown, low, high : array
        `low` and `high` hold nine draws in ten.
    """

    x: np.ndarray
    slowdown: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, costs: list[Cost]) -> Curve:
        """From costs of all draws.

        Parameters
        ----------
        x : (n_points,) float64
        costs : list of Cost
            One a point.
        """
        draws = [np.ravel(c.slowdown) for c in costs]
        bounds = np.array([interval(d) for d in draws])
        return cls(np.asarray(x, float), np.array([d[0] for d in draws]), *bounds.T)


@dataclass(frozen=True, eq=False)
class Study:
    """A plan and its surroundings.

    Attributes
    ----------
    plan : Plan
    by_rate, by_devices : Curve
        The same plan at other rates [Hz], and on other numbers of devices.
    published_by_rate : Curve
        The published run at these rates.
    points : tuple of PublishedPoint
    answers : tuple of Remedy
    """

    plan: Plan
    by_rate: Curve
    by_devices: Curve
    published_by_rate: Curve
    points: tuple[PublishedPoint, ...]
    answers: tuple[Remedy, ...]

    @property
    def is_published_run(self) -> bool:
        """Whether the plan is the published run, at any rate."""
        asked = self.plan.request.model_copy(update={"rate_hz": PlanRequest().rate_hz})
        same = asked.model_copy(update={"device_memory_gb": PlanRequest().device_memory_gb})
        given = any(c.source == "given" for c in self.plan.coefficients)
        return same == PlanRequest() and self.plan.machine.name == "published" and not given


def study_of(plan: Plan, progress: Progress = no_progress, connectome: Connectome | None = None) -> Study:
    """Work out the surroundings of a plan; takes about a second."""
    connectome = connectome or load_connectome("dk84")
    rates = np.linspace(0.0, max(_MIN_TOP_HZ, 1.3 * plan.request.rate_hz), _N_RATES)
    progress(0.1, "other rates")
    by_rate = Curve.of(rates, rate_curve(plan, rates, connectome))
    progress(0.3, "the published run")
    published = make_plan(PlanRequest(), connectome=connectome)
    published_by_rate = Curve.of(rates, rate_curve(published, rates, connectome))
    progress(0.5, "other numbers of devices")
    counts, costs = device_curve(plan, connectome)
    progress(0.9, "what would reach real time")
    return Study(
        plan=plan,
        by_rate=by_rate,
        by_devices=Curve.of(counts, costs),
        published_by_rate=published_by_rate,
        points=published_points(),
        answers=remedies(plan, connectome, (counts, costs)),
    )
