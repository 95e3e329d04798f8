"""The road to scale: what a brain of any size asks of any number of devices.

`request` is what is asked, `coefficients` every number the answer rests on, `partition` and
`reach` how a connectome's spikes cross from device to device, `load` the counts, `cost` the
seconds, `published` the points that the answer is held to, and `real_time` what would be needed.

>>> from engine.scale import make_plan, plan_request
>>> make_plan(plan_request(rate_hz=15.0)).slowdown  # doctest: +SKIP
"""

from engine.scale.coefficients import Coefficient
from engine.scale.cost import PARTS, part_phrase
from engine.scale.load import Peers, peers_of
from engine.scale.machine import PUBLISHED, Machine, measure_here
from engine.scale.plan import MEMORY_SIZES_GB, Plan, make_plan
from engine.scale.published import PublishedPoint, calibrate, interval, published_points
from engine.scale.real_time import Remedy, device_curve, rate_curve, remedies
from engine.scale.request import PLAN_PRESETS, PlanRequest, plan_request
from engine.scale.run_wire import traffic_of_run
from engine.scale.study import Curve, Study, study_of

__all__ = [
    "MEMORY_SIZES_GB",
    "PARTS",
    "PLAN_PRESETS",
    "PUBLISHED",
    "Coefficient",
    "Curve",
    "Machine",
    "Peers",
    "Plan",
    "PlanRequest",
    "PublishedPoint",
    "Remedy",
    "Study",
    "calibrate",
    "device_curve",
    "interval",
    "make_plan",
    "measure_here",
    "part_phrase",
    "peers_of",
    "plan_request",
    "published_points",
    "rate_curve",
    "remedies",
    "study_of",
    "traffic_of_run",
]
