"""One circuit under one treatment: settle, measure every 20 ms, decide, stimulate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import cheby1, sosfilt, welch

from engine.codesign.workers import unchecked
from engine.twin.stimulation.anatomy import POPULATIONS, population_index
from engine.twin.stimulation.biomarker import BAND_HZ, BetaMarker
from engine.twin.stimulation.circuit import FIELD_MS, BetaCircuit
from engine.twin.stimulation.controllers import UPDATE_MS, Controller
from engine.twin.stimulation.electrode import Electrode
from engine.twin.stimulation.patients import Patient
from engine.twin.stimulation.pulses import PulseClock
from engine.twin.stimulation.recruitment import as_of_60_us

__all__ = ["ONSET_S", "SETTLE_S", "Course", "treat"]

SETTLE_S = 2.0
"""Before a treatment begins."""
ONSET_S = 1.0
"""At the beginning of a treatment, left out of its effect."""


@dataclass(frozen=True, eq=False)
class Course:
    """What happened under a treatment; times run from its beginning, so that before it they are negative.

    Attributes
    ----------
    electrode : Electrode
    update_s, beta, amplitude_ma, frequency_hz : (n_updates,) float64
        [s], [mV], [mA], [Hz]: at each update, and what was done from then on.
    pulse_s, pulse_ma : (n_pulses,) float64
        [s], [mA]; those of no current are among them.
    field : (n_samples,) float64 [mV]
        Every `FIELD_MS` from -`SETTLE_S`.
    spike_s : (n_spikes,) float64 [s]
    spike_neuron : (n_spikes,) int64
    is_driven : (n_spikes,) bool
        Whether a pulse drove it along an axon.
    """

    electrode: Electrode
    update_s: NDArray[np.float64]
    beta: NDArray[np.float64]
    amplitude_ma: NDArray[np.float64]
    frequency_hz: NDArray[np.float64]
    pulse_s: NDArray[np.float64]
    pulse_ma: NDArray[np.float64]
    field: NDArray[np.float64]
    spike_s: NDArray[np.float64]
    spike_neuron: NDArray[np.int64]
    is_driven: NDArray[np.bool_]

    @property
    def seconds(self) -> float:
        """How long it was treated [s]."""
        return len(self.field) * FIELD_MS / 1000.0 - SETTLE_S

    @property
    def mean_beta(self) -> float:
        """Mean of the biomarker after the onset [mV]."""
        return float(self.beta[self.update_s >= ONSET_S].mean())

    @property
    def charge_uc(self) -> float:
        """Charge of all first phases [uC]."""
        return float(sum(self.electrode.charge_uc(a) for a in self.pulse_ma))

    @property
    def energy_uj(self) -> float:
        """Energy of all pulses at the assumed impedance [uJ]."""
        return float(sum(self.electrode.energy_uj(a) for a in self.pulse_ma))

    @property
    def power_uw(self) -> float:
        """Mean power while it was treated [uW]."""
        return self.energy_uj / self.seconds

    def rates_hz(self) -> dict[str, float]:
        """Mean rate of each population's somata after the onset [Hz]; a spike driven on an axon is none."""
        counted = (self.spike_s >= ONSET_S) & ~self.is_driven
        counts = np.bincount(self.spike_neuron[counted], minlength=sum(p.n for p in POPULATIONS))
        return {
            p.name: float(counts[population_index(p.name)].mean()) / (self.seconds - ONSET_S)
            for p in POPULATIONS
        }

    def driven_hz(self) -> float:
        """Mean rate after the onset at which pulses drove the target's axons [Hz]."""
        n = POPULATIONS[self.electrode.target].n
        return float(((self.spike_s >= ONSET_S) & self.is_driven).sum()) / n / (self.seconds - ONSET_S)

    def peak_hz(self) -> float:
        """Frequency from 8 to 45 Hz at which the field has most power after the onset [Hz]."""
        samples = self.field[round((SETTLE_S + ONSET_S) * 1000.0 / FIELD_MS) :]
        hz, power = welch(samples - samples.mean(), 1000.0 / FIELD_MS, nperseg=min(1000, samples.size))
        inside = (hz >= 8.0) & (hz <= 45.0)
        return float(hz[inside][power[inside].argmax()])

    def rate_beta(self, population: str) -> float:
        """Average rectified value of a population's rate in the beta band after the onset [Hz]."""
        where = population_index(population)
        mine = (self.spike_neuron >= where.start) & (self.spike_neuron < where.stop) & ~self.is_driven
        samples = np.floor((self.spike_s[mine] + SETTLE_S) * 1000.0 / FIELD_MS + 1e-6).astype(np.int64)
        rate = np.bincount(samples, minlength=len(self.field)) / POPULATIONS[population].n * 1000.0 / FIELD_MS
        sos = cheby1(4, 0.5, BAND_HZ, "bandpass", fs=1000.0 / FIELD_MS, output="sos")
        inside = sosfilt(sos, rate - rate.mean())
        return float(np.abs(inside[round((SETTLE_S + ONSET_S) * 1000.0 / FIELD_MS) :]).mean())


def treat(
    patient: Patient,
    seed: int,
    electrode: Electrode,
    controller: Controller,
    seconds: float,
    *,
    pulse_s: ArrayLike | None = None,
    check: Callable[[], None] = unchecked,
) -> Course:
    """Treat a patient's circuit.

    Parameters
    ----------
    patient : Patient
    seed : int
        Of the background noise.
    electrode : Electrode
    controller : Controller
        A new one; it is asked every 20 ms.
    seconds : float [s]
    pulse_s : (n_pulses,) float64 [s], optional
        When pulses come, where they do not come at the controller's frequency.
    check : callable
        Called at every update; may raise to end the work.
    """
    circuit, marker, clock = BetaCircuit(patient, seed, electrode.target), BetaMarker(FIELD_MS), PulseClock()
    begin = SETTLE_S * 1000.0
    given = None if pulse_s is None else begin + 1000.0 * np.asarray(pulse_s, np.float64)
    stretches, rows, pulses, currents = [], [], [], []
    for k in range(-round(begin / UPDATE_MS), round(seconds * 1000.0 / UPDATE_MS)):
        check()
        times, amplitude, frequency = np.empty(0), 0.0, 0.0
        now = begin + k * UPDATE_MS
        beta = marker.value
        if k >= 0:
            wanted, frequency = controller.update(beta)
            amplitude = wanted * electrode.gate(k * UPDATE_MS / 1000.0)
            if given is None:
                times = clock.advance(now, UPDATE_MS, frequency)
            else:
                times = given[(given >= now) & (given < now + UPDATE_MS)]
        strength = as_of_60_us(amplitude, electrode.width_us)
        stretch = circuit.advance(UPDATE_MS, times, np.full(times.size, strength))
        marker.advance(stretch.field)
        stretches.append(stretch)
        rows.append((k * UPDATE_MS / 1000.0, beta, amplitude, frequency))
        pulses.append(times)
        currents.append(np.full(times.size, amplitude))
    update_s, beta_at, amplitude_at, frequency_at = np.array(rows).T
    return Course(
        electrode=electrode,
        update_s=update_s,
        beta=beta_at,
        amplitude_ma=amplitude_at,
        frequency_hz=frequency_at,
        pulse_s=(np.concatenate(pulses) - begin) / 1000.0,
        pulse_ma=np.concatenate(currents),
        field=np.concatenate([s.field for s in stretches]),
        spike_s=np.concatenate([s.spike_ms for s in stretches]) / 1000.0 - SETTLE_S,
        spike_neuron=np.concatenate([s.spike_neuron for s in stretches]),
        is_driven=np.concatenate([s.is_driven for s in stretches]),
    )
