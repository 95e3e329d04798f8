"""The engine of the Digital Twin Brain explorer: numbers only, no screens.

Start with a :class:`Scenario`, hand it to a :class:`Simulation`, get a :class:`Recording`:

>>> from engine import Simulation, preset
>>> recording = Simulation(preset("two-regions")).run()
>>> recording.mean_rate_hz()  # doctest: +SKIP

A name is loaded when it is first asked for, so that what needs no kernels waits for no compiler.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engine.errors import CapacityError, DataError, EngineError, ParameterError, SimulationError

if TYPE_CHECKING:
    from engine.brain.connectome import Connectome, load_connectome
    from engine.run.capacity import Capacity, capacity_of
    from engine.run.frame import Frame
    from engine.run.recording import Recording
    from engine.run.simulation import Simulation, Stopped
    from engine.run.snapshot import Snapshot, read_snapshot, write_snapshot
    from engine.run.warm import warm
    from engine.scenario.presets import FIRST_PRESET, load_scenario, preset, preset_names
    from engine.scenario.scenario import Scenario, scenario_problems

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
    "Capacity": "engine.run.capacity",
    "Connectome": "engine.brain.connectome",
    "FIRST_PRESET": "engine.scenario.presets",
    "Frame": "engine.run.frame",
    "Recording": "engine.run.recording",
    "Scenario": "engine.scenario.scenario",
    "Simulation": "engine.run.simulation",
    "Snapshot": "engine.run.snapshot",
    "Stopped": "engine.run.simulation",
    "capacity_of": "engine.run.capacity",
    "load_connectome": "engine.brain.connectome",
    "load_scenario": "engine.scenario.presets",
    "preset": "engine.scenario.presets",
    "preset_names": "engine.scenario.presets",
    "read_snapshot": "engine.run.snapshot",
    "scenario_problems": "engine.scenario.scenario",
    "warm": "engine.run.warm",
    "write_snapshot": "engine.run.snapshot",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    value = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
