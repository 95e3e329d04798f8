"""A finished run, cut onto devices, and the bytes its spikes would have put on the wire."""

from __future__ import annotations

import numpy as np

from engine.backends.wiring import draw_inputs
from engine.errors import CapacityError, ParameterError
from engine.kernels.wiring import KIND_NONE
from engine.run.recording import Recording
from engine.scale.wire import DeviceTraffic, device_traffic

__all__ = ["traffic_of_run"]

_MAX_SYNAPSES = 30_000_000


def traffic_of_run(recording: Recording, n_devices: int) -> DeviceTraffic:
    """Cut a run's neurons, in order, into devices of equally many, and count what passes.

    Its synapses are drawn again from its wiring seed, so they are the very ones it ran with.

    Raises
    ------
    ParameterError
        The run has columns, whose inner synapses are not drawn this way, or there are more
        devices than neurons.
    CapacityError
        It has too many synapses to look at one by one.
    """
    network, scenario = recording.network, recording.scenario
    if scenario.network.recipe != "dtb" or network.is_column.any():
        raise ParameterError(
            "wire: must be a run without columns (got one with). Use the recipe dtb and no network.columns."
        )
    n = network.n_neurons
    if n_devices > n:
        raise ParameterError(f"wire.devices: must be at most {n:,}, one a neuron (got {n_devices}).")
    if recording.n_synapses > _MAX_SYNAPSES:
        raise CapacityError("wire", recording.n_synapses, _MAX_SYNAPSES, "synapses", "Take a smaller run.")
    inputs = draw_inputs(network, scenario.wiring_seed)
    made = inputs.kinds != KIND_NONE
    return device_traffic(
        recording.spike_steps // scenario.n_sub,
        recording.spike_ids,
        inputs.sources[made],
        np.nonzero(made)[0],
        np.arange(n) * n_devices // n,
        n_devices,
        recording.duration_ms,
    )
