"""What the adaptive twin costs: synapses that change, a twin that learns, forecasts, futures, scorecards.

With `n_noise_driven`, also how often forecasts of patients without a warning are called better than chance.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from statistics import median

import numpy as np

from dtb_app.benchmarks import Row
from dtb_app.benchmarks.plastic import event_rows
from engine.backends.digital.backend import DigitalBackend
from engine.brain.connectome import load_connectome
from engine.brain.network import Network
from engine.progress import Progress, no_progress
from engine.run.simulation import Simulation
from engine.scenario.presets import preset
from engine.tuning.running_brain import RunningBrain
from engine.twin.forecast.forecasters import FORECASTERS
from engine.twin.forecast.part import RULE, false_positives
from engine.twin.patients import SITES, PatientBrain, group_of
from engine.twin.patients.brain import FOCI, group_person
from engine.twin.record import ClinicRecord
from engine.twin.trial import TWINS, Trial, run_trial

__all__ = ["SEED", "bench_twin"]

SEED = 2
"""Of patients; nothing was chosen on it."""
_EPILEPSY = "temporal-lobe-epilepsy"
_LEARNS = 0.05
_N_FUTURES = 10
_CARD_S = 600.0


def bench_twin(
    neurons_per_region: int = 240,
    event_neurons: int = 4000,
    repeats: int = 7,
    with_cards: bool = False,
    n_noise_driven: int = 0,
    progress: Progress = no_progress,
) -> list[Row]:
    """Events, a whole twin, a forecast, futures; if asked, scorecards and noise-driven patients.

    Parameters
    ----------
    neurons_per_region : int
        Of the twin of 84 regions.
    event_neurons : int
        Of each of two regions whose synaptic events are timed.
    repeats : int
    with_cards : bool
        Whether every preset's scorecard is made and timed.
    n_noise_driven : int
        Noise-driven patients on whom false positives are counted; none with 0.
    progress : callable
        Told while scorecards are made and patients live.
    """
    rows = [
        *event_rows("twin", event_neurons, 2 * repeats),
        _learning_twin(neurons_per_region, repeats),
        *_forecasters(),
        *_futures(neurons_per_region),
    ]
    if with_cards:
        rows += [_card(name, progress) for name in TWINS.names]
    if n_noise_driven:
        rows += _noise_driven(n_noise_driven, progress)
    return rows


def _learning_twin(neurons_per_region: int, repeats: int) -> Row:
    """A resting twin in which synapses inside some regions learn, over the same twin in which none do."""
    values = {"regions.analog": [], "network.neurons_per_region": neurons_per_region, "duration": 60_000.0}
    twin = preset("resting-twin").with_values(values)
    labels = Network.of(twin, load_connectome(twin.connectome)).labels
    static = Simulation(twin)
    inside = 0.0
    for n_learn in range(1, len(labels)):
        rules = [{"source": one, "target": one, "population": "all"} for one in labels[:n_learn]]
        if n_learn == 1:
            inside = _share_that_learns(Simulation(twin.with_values({"plasticity": rules})))
        if inside * n_learn >= _LEARNS:
            break
    learning = Simulation(twin.with_values({"plasticity": rules}))
    share = _share_that_learns(learning)
    walls: list[list[float]] = [[], []]
    for turn in range(repeats + 1):
        for simulation, window in zip((static, learning), walls, strict=True):
            before = simulation.frame().wall_s
            wall = simulation.advance(100).wall_s - before
            if turn:
                window.append(wall)
    plain, learns = (median(window) for window in walls)
    return Row(
        "twin",
        f"{static.network.n_neurons:,} neurons, {share:.1%} of synapses learn, over static",
        learns / plain,
        "x",
        2.0,
        f"pairs, inside {len(rules)} of {len(labels)} regions; "
        f"{10 * learns:.2f} against {10 * plain:.2f} s/s",
    )


def _share_that_learns(simulation: Simulation) -> float:
    (backend,) = simulation.backends
    assert isinstance(backend, DigitalBackend)
    return sum(one.n_synapses for one in backend.projections) / simulation.n_synapses


def _forecasters(n_samples: int = 600) -> list[Row]:
    """A step of each forecaster that hears a signal; what it says does not matter."""
    random, rows = np.random.default_rng(1), []

    def record(name: str) -> ClinicRecord:
        onsets = tuple(np.arange(60.0, n_samples - 30.0, 90.0))
        observed = np.exp(1.0 + 0.3 * random.normal(size=(n_samples, len(SITES))))
        return ClinicRecord(name, 1.0, observed, onsets, tuple(np.array(onsets) + 2.0))

    heard, futures = record("patient"), [record(f"future {k}") for k in range(6)]
    for kind in FORECASTERS:
        if kind.role != "forecast":
            continue
        forecaster = kind.make(RULE)
        forecaster.train([record("another")], futures)
        forecaster.begin(heard)
        inside, spent = heard.is_seizure, []
        for sample, is_seizure in zip(heard.observed, inside, strict=True):
            before = time.perf_counter()
            forecaster.step(sample, bool(is_seizure), 0.0)
            spent.append(1e3 * (time.perf_counter() - before))
        note = f"median of {n_samples} samples of {len(SITES)} sites"
        rows.append(
            Row("twin", f"forecast of a sample, {kind.label.lower()}", median(spent), "ms", 1.0, note)
        )
    return rows


def _futures(neurons_per_region: int) -> list[Row]:
    """What a moment to live on from takes in memory, over the connectivity that futures share."""
    whole = preset(_EPILEPSY)
    connectome = load_connectome(whole.connectome)
    group = group_of(whole, connectome)
    network = Network.of(group.scenario, connectome)
    patient = PatientBrain(group.scenario, connectome, group_person(group.tuning, network, FOCI[0], 1))
    values = {"regions.analog": [], "network.neurons_per_region": neurons_per_region}
    twin = RunningBrain(preset("resting-twin").with_values(values), connectome)
    return [_shared("the twin of a patient", patient.running), _shared("the resting twin", twin)]


def _shared(name: str, brain: RunningBrain) -> Row:
    tables = [
        vars(backend.table).values() for backend in brain.backends if isinstance(backend, DigitalBackend)
    ]
    connectivity = sum(array.nbytes for table in tables for array in table if isinstance(array, np.ndarray))
    brain.state()
    tracemalloc.start()
    futures = [brain.state() for _ in range(_N_FUTURES)]
    each = tracemalloc.get_traced_memory()[0] / len(futures)
    tracemalloc.stop()
    return Row(
        "twin",
        f"each of {_N_FUTURES} futures of {name}, over a connectivity",
        each / connectivity,
        "x",
        1.0,
        f"{brain.network.n_neurons:,} neurons: {connectivity / 1e6:.2f} MB of connectivity once for all, "
        f"{each / 1e6:.2f} MB a future",
    )


def _card(name: str, progress: Progress) -> Row:
    before = time.perf_counter()
    card = run_trial(name, seed=SEED, workers=os.cpu_count() or 1, progress=progress)
    spent = time.perf_counter() - before
    what = f"scorecard of {name}, {card['patients']} patients"
    return Row("twin", what, spent, "s", _CARD_S, f"{os.cpu_count()} workers, seed {SEED}")


def _noise_driven(n: int, progress: Progress) -> list[Row]:
    scenario = preset(_EPILEPSY)
    connectome = load_connectome(scenario.connectome)
    trial = Trial(_EPILEPSY, scenario, connectome, n, SEED, os.cpu_count() or 1, progress)
    return [
        Row(
            "twin",
            f"noise-driven called better, {FORECASTERS[name].label.lower()}",
            float(found["n_better"]),
            "of " + str(found["n_patients"]),
            float(found["most"]),
            f"{n - found['n_patients']} of {n} patients had too few seizures; {found['level']:.0%} are to be "
            "expected, the target is the 99 % point of the binomial",
        )
        for name, found in false_positives(trial).items()
    ]
