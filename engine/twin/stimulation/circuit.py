"""The beta circuit of one patient as it runs, in stretches of any length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.twin.stimulation.anatomy import POPULATIONS, PROJECTIONS, population_index
from engine.twin.stimulation.circuit_kernel import (
    E_LEAK,
    NOISE_STEPS,
    CircuitNumbers,
    CircuitState,
    circuit_advance,
)
from engine.twin.stimulation.patients import Patient
from engine.twin.stimulation.recruitment import thresholds_ma

__all__ = ["DT", "FIELD_MS", "BetaCircuit", "Stretch"]

DT = 0.2
FIELD_MS = DT * NOISE_STEPS
MEASURED = "stn"
"""Whose synaptic currents make the field."""
PULSED = ("stn", "gpi")
"""Whose axons pulses can drive; their synapses tire."""
# Assumed, as all strengths are: chosen on circuits that are not judged; times in ms.
TAU_EXC = 4.5
TAU_INH = 10.0
TAU_NOISE = 5.0
TAU_TIDE = 500.0
T_REFRAC = 2.0
DELAY_SPREAD = 1.5
RELEASE_PROBABILITY = 0.2
TAU_REC = 160.0
AXON_REFRACTORY = 3.0
COLLISION = 5.0
ANTIDROMIC = 0.45

_MOST_HZ = 400.0


@dataclass(frozen=True, eq=False)
class Stretch:
    """What a circuit did in a stretch of time.

    Attributes
    ----------
    spike_ms : (n_spikes,) float64 [ms]
    spike_neuron : (n_spikes,) int64
    is_driven : (n_spikes,) bool
        Whether a pulse drove it.
    field : (n_samples,) float64 [mV]
        Every `FIELD_MS`.
    """

    spike_ms: NDArray[np.float64]
    spike_neuron: NDArray[np.int64]
    is_driven: NDArray[np.bool_]
    field: NDArray[np.float64]


def _numbers(patient: Patient, pulsed: str) -> CircuitNumbers:
    n = sum(p.n for p in POPULATIONS)
    loss = patient.dopamine_loss
    drive, noise, tide, tau = np.zeros((4, n))
    inhibitory = np.zeros(n, np.bool_)
    for population in POPULATIONS:
        where = population_index(population.name)
        drive[where] = population.drive + loss * population.loss
        noise[where], tide[where], tau[where] = population.noise, population.tide, population.tau_m
        inhibitory[where] = population.inhibitory
    random = np.random.default_rng([patient.seed, 2])
    drive += 0.5 * random.standard_normal(n)
    sources, targets, weights, delays = [], [], [], []
    for k, projection in enumerate(PROJECTIONS):
        random = np.random.default_rng([patient.seed, 3, k])
        pre, post = population_index(projection.pre), population_index(projection.post)
        size = projection.weight * (1.0 + loss * projection.loss) * patient.weights[projection.name]
        n_post, k_in = post.stop - post.start, projection.n_inputs
        chance = random.random((n_post, pre.stop - pre.start))
        if pre == post:
            np.fill_diagonal(chance, 2.0)  # none onto itself
        chosen = np.argpartition(chance, k_in, axis=1)[:, :k_in] + pre.start
        sources.append(chosen.ravel())
        targets.append(np.repeat(np.arange(post.start, post.stop), k_in))
        weights.append(np.full(n_post * k_in, size / k_in))
        late = projection.delay * patient.delay + DELAY_SPREAD * random.uniform(-1, 1, n_post * k_in)
        delays.append(np.maximum(1, np.round(late / DT)))
    source = np.concatenate(sources)
    order = np.argsort(source, kind="stable")
    use, recovery = np.zeros(n), np.ones(n)
    measured, driven = population_index(MEASURED), population_index(pulsed)
    for name in PULSED:
        where = population_index(name)
        use[where], recovery[where] = RELEASE_PROBABILITY, TAU_REC / DT
    threshold = np.full(n, np.inf)
    threshold[driven] = thresholds_ma(driven.stop - driven.start, np.random.default_rng([patient.seed, 5]))
    return CircuitNumbers(
        drive=drive,
        noise=noise,
        tide=tide,
        per_tau=DT / tau,
        keep_e=np.full(n, np.exp(-DT / TAU_EXC)),
        keep_i=np.full(n, np.exp(-DT / TAU_INH)),
        use=use,
        recovery=recovery,
        threshold_ma=threshold,
        refractory=np.full(n, round(T_REFRAC / DT)),
        inhibitory=inhibitory,
        first=np.searchsorted(source[order], np.arange(n + 1)).astype(np.int64),
        target=np.concatenate(targets)[order].astype(np.int32),
        delay=np.concatenate(delays)[order].astype(np.int32),
        weight=np.concatenate(weights)[order],
        field=np.array([measured.start, measured.stop]),
        pulsed=np.array([driven.start, driven.stop]),
        keep_noise=float(np.exp(-DT * NOISE_STEPS / TAU_NOISE)),
        keep_tide=float(np.exp(-DT * NOISE_STEPS / TAU_TIDE)),
        axon_refractory=round(AXON_REFRACTORY / DT),
        collision=round(COLLISION / DT),
        antidromic=ANTIDROMIC,
    )


class BetaCircuit:
    """The circuit of one patient.

    Parameters
    ----------
    patient : Patient
    seed : int
        Of the background noise.
    pulsed : str
        The population whose axons pulses drive.
    """

    def __init__(self, patient: Patient, seed: int, pulsed: str = MEASURED):
        self.numbers = _numbers(patient, pulsed)
        self.seed = seed
        n = self.numbers.drive.size
        self.n = n
        n_slots = int(self.numbers.delay.max()) + 1
        random = np.random.default_rng([seed, 4])
        self._state = CircuitState(
            v=E_LEAK + 10.0 * random.random(n),
            g_e=np.zeros(n),
            g_i=np.zeros(n),
            background=random.standard_normal(n),
            tide=random.standard_normal(1),
            resources=np.ones(n),
            rest=np.zeros(n, np.int64),
            released=np.full(n, -(10**9)),
            driven=np.full(n, -(10**9)),
            arriving_e=np.zeros((n_slots, n)),
            arriving_i=np.zeros((n_slots, n)),
        )
        self._step = 0

    @property
    def now(self) -> float:
        """How far it is [ms]."""
        return self._step * DT

    def advance(self, ms: float, pulse_ms: ArrayLike = (), pulse_ma: ArrayLike = ()) -> Stretch:
        """Go on.

        Parameters
        ----------
        ms : float [ms]
            A multiple of `FIELD_MS`.
        pulse_ms : (n_pulses,) float64 [ms]
            Ascending, from the circuit's beginning; those before now are past.
        pulse_ma : (n_pulses,) float64 [mA]
            As pulses of 60 us would have to be.
        """
        n_steps = round(ms / FIELD_MS) * NOISE_STEPS
        room = round(self.n * _MOST_HZ * n_steps * DT / 1000.0) + self.n * 4
        steps, neurons = np.empty(room, np.int64), np.empty(room, np.int64)
        field = np.empty(n_steps // NOISE_STEPS)
        found = circuit_advance(
            self.numbers,
            self._state,
            self._step,
            n_steps,
            self.seed,
            np.floor(np.asarray(pulse_ms, np.float64) / DT + 1e-6).astype(np.int64),
            np.asarray(pulse_ma, np.float64),
            steps,
            neurons,
            field,
        )
        assert found >= 0, "more spikes than neurons can fire"
        self._step += n_steps
        steps, neurons = steps[:found], neurons[:found]
        driven = neurons < 0
        return Stretch(
            np.asarray(steps * DT, np.float64), np.where(driven, -1 - neurons, neurons), driven, field
        )
