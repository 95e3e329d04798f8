"""Compile the kernels that most tests need, once, before several processes each want them.

    python -m tests.kernels

Compiled code is kept, so that it takes a moment where that has been done.
"""

from __future__ import annotations

from engine import Simulation, preset
from engine.run.warm import warm

CARRIED = {"noc.feedback": True, "regions": {"default": "off", "digital": ["L.TH"], "analog": ["L.HI"]}}
LEARNING = {
    "plasticity": [{"source": "L.TH", "target": "L.TH"}],
    "regions": {"default": "off", "digital": ["L.TH"]},
}


def compile_kernels() -> None:
    """Run tiny networks through the kernels of the first visitor, and through those of some tests."""
    warm()
    small = {"duration": 20.0, "transient": 0.0}
    for name, values in (("two-regions", CARRIED), ("two-regions", LEARNING), ("column-in-brain", {})):
        Simulation(preset(name).with_values({**small, **values})).run()


if __name__ == "__main__":
    compile_kernels()
