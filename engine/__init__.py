"""The engine of the Digital Twin Brain explorer: numbers only, no screens.

Start with a :class:`Scenario`, hand it to a :class:`Simulation`, get a :class:`Recording`:

>>> from engine import Simulation, preset
>>> recording = Simulation(preset("two-regions")).run()
>>> recording.mean_rate_hz()  # doctest: +SKIP
"""

import engine.kernels  # noqa: F401  first, because it drops what older sources have compiled
from engine.capacity import Capacity, capacity_of
from engine.connectome import Connectome, load_connectome
from engine.errors import (
    CapacityError,
    DataError,
    EngineError,
    ParameterError,
    SimulationError,
)
from engine.frame import Frame
from engine.presets import FIRST_PRESET, load_scenario, preset, preset_names
from engine.recording import Recording
from engine.scenario import Scenario, scenario_problems
from engine.simulation import Simulation, Stopped
from engine.snapshot import Snapshot, read_snapshot, write_snapshot
from engine.warm import warm

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
