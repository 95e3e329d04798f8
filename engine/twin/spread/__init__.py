"""Whom a seizure reaches and when: latencies of regions, and a region that nobody recorded.

For research and teaching, not for clinical use.
"""

from engine.twin.spread.attack import Attack, attacks_of
from engine.twin.spread.prediction import (
    Prediction,
    by_rule,
    by_twin,
    latencies_seen,
    rule_of,
    without_structure,
)

__all__ = [
    "Attack",
    "Prediction",
    "attacks_of",
    "by_rule",
    "by_twin",
    "latencies_seen",
    "rule_of",
    "without_structure",
]
