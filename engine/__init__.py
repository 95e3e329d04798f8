"""The engine of the Digital Twin Brain explorer: numbers only, no screens.

Start with a :class:`Scenario`, hand it to a :class:`Simulation`, get a :class:`Recording`:

>>> from engine import Simulation, preset
>>> recording = Simulation(preset("two-regions")).run()
>>> recording.mean_rate_hz()  # doctest: +SKIP

A name is loaded when it is first asked for, so that what needs no kernels waits for no compiler.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engine.errors import (
    CapacityError,
    DataError,
    EngineError,
    ParameterError,
    SimulationError,
)

if TYPE_CHECKING:
    from engine.capacity import Capacity, capacity_of
    from engine.connectome import Connectome, load_connectome
    from engine.frame import Frame
    from engine.presets import FIRST_PRESET, load_scenario, preset, preset_names
    from engine.recording import Recording
    from engine.scenario import Scenario, scenario_problems
    from engine.simulation import Simulation, Stopped
    from engine.snapshot import Snapshot, read_snapshot, write_snapshot
    from engine.warming import warm

__all__ = [
    "FIRST_PRESET",
    "Capacity",
    "CapacityError",
    "Connectome",
    "DataError",
    "EngineError",
    "Frame",
    "ParameterError",
    "Recording",
    "Scenario",
    "Simulation",
    "SimulationError",
    "Snapshot",
    "Stopped",
    "capacity_of",
    "load_connectome",
    "load_scenario",
    "preset",
    "preset_names",
    "read_snapshot",
    "scenario_problems",
    "warm",
    "write_snapshot",
]

_MODULE_OF = {
    "Capacity": "engine.capacity",
    "Connectome": "engine.connectome",
    "FIRST_PRESET": "engine.presets",
    "Frame": "engine.frame",
    "Recording": "engine.recording",
    "Scenario": "engine.scenario",
    "Simulation": "engine.simulation",
    "Snapshot": "engine.snapshot",
    "Stopped": "engine.simulation",
    "capacity_of": "engine.capacity",
    "load_connectome": "engine.connectome",
    "load_scenario": "engine.presets",
    "preset": "engine.presets",
    "preset_names": "engine.presets",
    "read_snapshot": "engine.snapshot",
    "scenario_problems": "engine.scenario",
    "warm": "engine.warming",
    "write_snapshot": "engine.snapshot",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    value = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
