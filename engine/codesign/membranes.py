"""Membranes of a few neurons, teacher and student, and how the chip would record them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.backends.analog.backend import AnalogBackend
from engine.backends.analog.hardware import VoltageMap
from engine.brain.connectome import Connectome
from engine.errors import ParameterError
from engine.model.neuron_choice import NeuronChoice
from engine.progress import Progress, no_progress
from engine.run.simulation import Simulation
from engine.scenario.scenario import Scenario

__all__ = ["Membranes", "digitised", "record_membranes"]

_LSB_TOP = 255


@dataclass(frozen=True, eq=False)
class Membranes:
    """One sample a millisecond of biology, about as often as the chip's slow converter samples.

    Attributes
    ----------
    region : str
    names : tuple of str
        "E 64" is excitatory neuron 64 of the region.
    time : (n_samples,) float64 [ms]
    teacher, student : (n_neurons, n_samples) float64 [mV]
        The student's as its converter gives them.
    spikes : dict of str to list of (n,) float64 [ms]
        "teacher" and "student": each neuron's.
    v_thresh, v_rest : float [mV]
        What both were asked for.
    """

    region: str
    names: tuple[str, ...]
    time: np.ndarray
    teacher: np.ndarray
    student: np.ndarray
    spikes: dict[str, list[np.ndarray]]
    v_thresh: float
    v_rest: float


def digitised(scenario: Scenario, v: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """What an 8-bit converter says of potentials, as potentials again.

    Parameters
    ----------
    scenario : Scenario
    v : (n_neurons, n_samples) float64 [mV]
    offset : (n_neurons,) float64
        Standard normal number of each neuron's channel.
    """
    a, p = scenario.analog, scenario.network.parameters
    size = a.size("readout")
    if size == 0.0:
        return v
    m = VoltageMap(p.v_rest, p.v_thresh)
    spread = size if a.mode in ("calibrated", "uncalibrated") else 0.0
    lsb = np.round(m.lsb(v) + spread * offset[:, None])
    return m.mv(np.clip(lsb, 0, _LSB_TOP))


def record_membranes(
    scenario: Scenario,
    connectome: Connectome,
    region: str,
    duration_ms: int = 200,
    start_ms: int = 50,
    progress: Progress = no_progress,
) -> Membranes:
    """Run a scenario twice, its analog regions digital and as they are, and record a few neurons.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    region : str
        An analog one; two excitatory and one inhibitory neuron of it are recorded.
    duration_ms, start_ms : int [ms]
        How long, and from when.
    progress : callable
        May raise to give up.

    Raises
    ------
    ParameterError
        The region is not analog.
    """
    backends = scenario.backend_of(connectome.labels)
    if region not in connectome.labels or backends[connectome.labels.index(region)] != "analog":
        raise ParameterError(f"region: must be an analog one (got {region}). Make it analog first.")
    end = start_ms + duration_ms
    student = scenario.with_values({"duration": float(end), "transient": 0.0})
    digital = tuple("digital" if b == "analog" else b for b in backends)
    teacher = student.with_backends(connectome.labels, digital)
    if {student.network.excitatory_neuron, student.network.inhibitory_neuron} != {"lif"}:
        # Circuits are LIF unless chosen; so is their teacher.
        same = tuple(
            NeuronChoice(region=label, population="all", model="lif")
            for label, b in zip(connectome.labels, backends, strict=True)
            if b == "analog"
        )
        teacher = teacher.model_copy(update={"neuron": same + student.neuron})

    def building(number: int) -> Progress:
        return lambda f, what: progress(0.5 * number + 0.15 * f, what)

    found, spikes = {}, {}
    names: tuple[str, ...] = ()
    offset = np.zeros(3)
    for number, (name, s) in enumerate((("teacher", teacher), ("student", student))):
        simulation = Simulation(s, connectome, progress=building(number))
        network = simulation.network
        r = network.labels.index(region)
        n_exc, first = int(network.n_exc[r]), int(network.region_start[r])
        local = np.array([n_exc // 3, 2 * n_exc // 3, n_exc + int(network.n_inh[r]) // 2])
        names = tuple(f"{'E' if i < n_exc else 'I'} {i if i < n_exc else i - n_exc}" for i in local)
        neurons = first + local
        places = [
            (b, inside, np.searchsorted(b.neurons, neurons[inside]))
            for b in simulation.backends
            if (inside := np.isin(neurons, b.neurons)).any()
        ]
        v = np.full((3, duration_ms), np.nan)
        simulation.advance(start_ms)
        for t in range(duration_ms):
            simulation.advance(1)
            for backend, inside, lanes in places:
                v[inside, t] = backend.membrane()[lanes]
            progress(0.5 * number + 0.15 + 0.35 * (t + 1) / duration_ms, f"recording the {name}")
        for backend, inside, lanes in places:
            if isinstance(backend, AnalogBackend):
                offset[inside] = backend.pattern.normal["readout"][lanes]
        found[name] = v
        run = simulation.recording()
        times = (run.spike_steps + 1) * s.dt
        spikes[name] = [times[(run.spike_ids == i) & (times > start_ms)] for i in neurons]
        simulation.close()
    p = scenario.network.parameters
    return Membranes(
        region,
        names,
        start_ms + 1.0 + np.arange(duration_ms),
        found["teacher"],
        digitised(scenario, found["student"], offset),
        spikes,
        p.v_thresh,
        p.v_rest,
    )
