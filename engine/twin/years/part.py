"""The years of a trial: when brains that slowly lose inhibition no longer hold, and whether rates would tell.

Every patient is drawn around the group, settles, and is then brought along the same twenty years again and
again from the same moment, with the same noise: with nothing lost, with inhibition lost in the temporal
lobe, with as much lost in as many regions elsewhere, and with homeostasis.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.codesign.workers import Check, run_all
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning
from engine.twin.adaptation.part import group_of
from engine.twin.adaptation.patient import HiddenPatient, Spread
from engine.twin.patients.brain import AROUND, REST
from engine.twin.patients.life import SITES
from engine.twin.trial.interval import mean_interval
from engine.twin.trial.part import Trial
from engine.twin.years.brain import RESERVE, AgeingBrain
from engine.twin.years.epochs import ADAPT_S, EPOCH_S, HEALTHY_EPOCHS, Epoch, Health, healthy_epochs, lived
from engine.twin.years.holding import Held, alarm_at, held
from engine.twin.years.look_ahead import clocks, look_ahead
from engine.twin.years.schedule import Schedule, check_schedules

__all__ = [
    "LOSS",
    "REGIONS",
    "SETTLE_STEPS",
    "WATCHES",
    "WAYS",
    "YEARS",
    "Way",
    "healthy_brain",
    "measured_fc",
    "series",
    "years",
]

YEARS = 20.0
"""That are represented [years]."""
REGIONS = (*AROUND, *REST)
"""Where inhibition is lost: the left temporal lobe with the insula."""
LOSS = 0.7
"""Share of inhibition that is gone by the end; assumed, so that the whole way is seen."""
SETTLE_STEPS = 40
"""Of two seconds each, in which a patient's own homeostasis settles before anything is lost."""
WATCHES = ("sites", "elsewhere", "all")
"""Whose rates may warn: four sites in the temporal lobe, four where nothing is lost, all regions."""


@dataclass(frozen=True)
class Way:
    """One of the ways in which a patient lives through the years.

    Attributes
    ----------
    name, label : str
    where : str
        Of the loss: "nowhere", "temporal" or "elsewhere".
    homeostasis : bool
    """

    name: str
    label: str
    where: str
    homeostasis: bool


WAYS = (
    Way("schedule", "Temporal loss", "temporal", False),
    Way("schedule_homeostasis", "Temporal loss, homeostasis", "temporal", True),
    Way("elsewhere", "As much loss elsewhere", "elsewhere", False),
    Way("none", "Nothing lost", "nowhere", False),
    Way("none_homeostasis", "Nothing lost, homeostasis", "nowhere", True),
)


@dataclass(frozen=True, eq=False)
class _Lived:
    """One patient.

    Attributes
    ----------
    lives : dict of str to list of Epoch
        By the name of the way.
    health : Health
    elsewhere : tuple of str
    watched : dict of str to (n_sites,) int64
    labels : tuple of str
    biology_s, core_s : float [s]
        All that was lived, healthy epochs and settling included, and what a core took for it.
    """

    lives: dict[str, list[Epoch]]
    health: Health
    elsewhere: tuple[str, ...]
    watched: dict[str, NDArray[np.int64]]
    labels: tuple[str, ...]
    biology_s: float
    core_s: float


def measured_fc(connectome: Connectome, labels: Sequence[str]) -> NDArray[np.float64] | None:
    """Measured functional connectivity of some regions, (n_regions, n_regions) [1]; None where there is none.

    Parameters
    ----------
    connectome : Connectome
    labels : sequence of str
    """
    if connectome.fc_matrix is None:
        return None
    index = [connectome.labels.index(label) for label in labels]
    return np.asarray(connectome.fc_matrix[np.ix_(index, index)], np.float64)


def healthy_brain(
    scenario: Scenario,
    connectome: Connectome,
    tuning: Tuning,
    seed: int,
    wiring: int,
    target_hz: NDArray[np.float64],
    check: Check,
) -> AgeingBrain:
    """A brain whose regions have found the rates that they hold.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    tuning : Tuning
    seed, wiring : int
    target_hz : (n_regions,) float64 [Hz]
    check : callable
    """
    brain = AgeingBrain(scenario, connectome, tuning, seed, wiring)
    for _ in range(SETTLE_STEPS):
        check()
        brain.settle(target_hz)
    return brain


def years(trial: Trial) -> dict[str, Any]:
    """Bring the patients of a trial along the years.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    dict
        ``years`` of a scorecard, as plain values.

    Raises
    ------
    EngineError
        A brain cannot be run.
    """
    begun = time.monotonic()
    done: list[int] = []
    times = np.arange(0.0, YEARS + 0.5)
    seconds = SETTLE_STEPS + (HEALTHY_EPOCHS + len(WAYS) * times.size) * (ADAPT_S + EPOCH_S)

    def told(fraction: float, what: str) -> None:
        trial.progress(min(1.0, len(done) / (seconds * trial.patients)), what)

    jobs = [(f"patient {k + 1}", _work(trial, k, times, done)) for k in range(trial.patients)]
    found = run_all(jobs, trial.workers, told)
    return _report(trial, found, times, time.monotonic() - begun)


def _work(trial: Trial, k: int, times: NDArray[np.float64], seconds: list[int]) -> Callable[[Check], _Lived]:
    """One patient; adds an entry to `seconds` for every stretch that was lived."""
    seeds = [int(s) for s in np.random.SeedSequence((trial.seed, 7, k)).generate_state(3) % 2**30]

    def done(asked: Check) -> _Lived:
        def check() -> None:
            asked()
            seconds.append(k)

        core_begun = time.thread_time()
        rng, of_places = np.random.default_rng(seeds[0]), np.random.default_rng(seeds[2])
        sides = trial.scenario.backend_of(trial.connectome.labels)
        labels = tuple(
            label for label, side in zip(trial.connectome.labels, sides, strict=True) if side != "off"
        )
        group = group_of(trial.scenario).of_regions(labels)
        patient = HiddenPatient.drawn(group, trial.connectome, Spread(drift=0.0), rng)
        tuning = patient.tuning_at(0.0, group.local_inhibition)
        others = [label for label in labels if label not in REGIONS]
        elsewhere = tuple(str(label) for label in of_places.choice(others, len(REGIONS), replace=False))
        spared = [label for label in others if label not in elsewhere]
        sites: dict[str, Sequence[str]] = {
            "sites": SITES,
            "elsewhere": tuple(str(x) for x in of_places.choice(spared, len(SITES), replace=False)),
            "all": labels,
        }
        watched = {name: np.array([labels.index(x) for x in some]) for name, some in sites.items()}
        target = patient.first_hz
        brain = healthy_brain(
            trial.scenario, trial.connectome, tuning, seeds[1], patient.wiring_seed, target, check
        )
        try:
            health = healthy_epochs(brain, check, HEALTHY_EPOCHS)
            state = brain.state()
            lives = {}
            for way in WAYS:
                brain.restore(state)
                schedules = schedules_of(way, elsewhere)
                check_schedules(schedules, labels, YEARS)
                holds = health.rates_hz.mean(axis=0) if way.homeostasis else None
                is_shown = k == 0 and way.name == WAYS[0].name
                lives[way.name] = lived(
                    brain,
                    schedules,
                    times,
                    health,
                    measured_fc(trial.connectome, labels),
                    holds,
                    check,
                    (lambda epoch: trial.show("years.epoch", _shown(epoch))) if is_shown else _told_nobody,
                )
        finally:
            brain.close()
        biology = 2.0 * SETTLE_STEPS + HEALTHY_EPOCHS * (ADAPT_S + EPOCH_S)
        biology += sum(life[-1].biology_s for life in lives.values())
        core_s = time.thread_time() - core_begun
        return _Lived(lives, health, elsewhere, watched, labels, biology, core_s)

    return done


def _told_nobody(epoch: Epoch) -> None:
    """Tell nobody of an epoch."""


def _shown(epoch: Epoch) -> dict[str, Any]:
    return {"year": epoch.year, "rates_hz": [_plain(x, 1) for x in epoch.rates_hz], "r": _plain(epoch.r)}


def schedules_of(way: Way, elsewhere: tuple[str, ...]) -> tuple[Schedule, ...]:
    """What is lost along a way.

    Parameters
    ----------
    way : Way
    elsewhere : tuple of str
        Regions that lose inhibition instead of the temporal lobe.
    """
    if way.where == "nowhere":
        return ()
    regions = REGIONS if way.where == "temporal" else elsewhere
    return (Schedule("inhibition", LOSS, 0.0, YEARS, regions),)


# ---- the report ------------------------------------------------------------------------------------


def series(life: Sequence[Epoch]) -> dict[str, list[float | None]]:
    """A life as columns of plain numbers, one entry an epoch.

    Parameters
    ----------
    life : sequence of Epoch
    """
    names = ("year", "r", "r_measured", "balance", "synchrony", "ictal", "compensation", "core_s")
    columns = {name: [_plain(getattr(epoch, name)) for epoch in life] for name in names}
    columns["rate_hz"] = [_plain(epoch.rates_hz.mean(), 2) for epoch in life]
    columns["biology_s"] = [_plain(epoch.biology_s, 0) for epoch in life]
    return columns


def _report(trial: Trial, found: list[_Lived], times: NDArray[np.float64], wall_s: float) -> dict[str, Any]:
    judged = [{name: held(life, one.health) for name, life in one.lives.items()} for one in found]
    alarms = [
        {
            way.name: {w: alarm_at(one.lives[way.name], one.health, one.watched[w]) for w in WATCHES}
            for way in WAYS
        }
        for one in found
    ]
    n_epochs = sum(len(life) for one in found for life in one.lives.values())
    biology, core_s = (sum(getattr(one, name) for one in found) for name in ("biology_s", "core_s"))
    return {
        "n_patients": len(found),
        "years": YEARS,
        "regions": list(REGIONS),
        "loss": LOSS,
        "reserve": RESERVE,
        "epoch_s": EPOCH_S,
        "healthy_epochs": HEALTHY_EPOCHS,
        "ways": {
            way.name: {
                "label": way.label,
                **{
                    what: _when([getattr(j[way.name], what) for j in judged], way.where != "nowhere")
                    for what in ("rates", "fc", "rest")
                },
                "warned": {
                    watch: _warned([a[way.name][watch] for a in alarms], [j[way.name].fc for j in judged])
                    for watch in WATCHES
                },
            }
            for way in WAYS
        },
        "gained": _gained(judged),
        "curves": {way.name: _curve([one.lives[way.name] for one in found], times) for way in WAYS},
        "clocks": clocks(
            YEARS * len(WAYS) * len(found), n_epochs + HEALTHY_EPOCHS * len(found), biology, core_s, wall_s
        ),
        "look_ahead": look_ahead(trial.scenario, trial.connectome, biology / max(core_s, 1e-9)),
        "workers": min(trial.workers, len(found)),
        "patients": [
            {
                way.name: {**vars(j[way.name]), "warned": a[way.name], "epochs": len(one.lives[way.name])}
                for way in WAYS
            }
            for one, j, a in zip(found, judged, alarms, strict=True)
        ],
        "example": _example(found[0]),
        "units": {"rates, fc, rest, warned": "years", "loss": "share of inhibition", "rate_hz": "Hz"},
    }


def _when(lost: Sequence[float | None], loses: bool) -> dict[str, Any]:
    """When something is lost over patients; who never loses it counts as all the years."""
    values = np.array([YEARS if year is None else year for year in lost])
    low, high = mean_interval(values)
    return {
        "n_lost": sum(year is not None for year in lost),
        "year": _plain(values.mean(), 2),
        "interval": [_plain(low, 2), _plain(high, 2)],
        "loss": _plain(LOSS * values.mean() / YEARS, 3) if loses else None,
    }


def _warned(alarms: Sequence[float | None], lost: Sequence[float | None]) -> dict[str, Any]:
    """How often and when there was an alarm, and how long before the connectivity was lost."""
    leads = [b - a for a, b in zip(alarms, lost, strict=True) if a is not None and b is not None]
    raised = [year for year in alarms if year is not None]
    low, high = mean_interval(leads)
    return {
        "n_alarms": len(raised),
        "year": _plain(float(np.mean(raised)), 2) if raised else None,
        "n_leads": len(leads),
        "lead": _plain(float(np.mean(leads)), 2) if leads else None,
        "interval": [_plain(low, 2), _plain(high, 2)],
    }


def _gained(judged: Sequence[dict[str, Held]]) -> dict[str, Any]:
    """Years that homeostasis gives, patient by patient, within the years that are represented."""
    gained = {}
    for what in ("rates", "fc", "rest"):
        pairs = [(getattr(j["schedule"], what), getattr(j["schedule_homeostasis"], what)) for j in judged]
        won = [(YEARS if on is None else on) - (YEARS if off is None else off) for off, on in pairs]
        low, high = mean_interval(won)
        gained[what] = {
            "years": _plain(float(np.mean(won)), 2),
            "interval": [_plain(low, 2), _plain(high, 2)],
        }
    return gained


def _curve(lives: Sequence[list[Epoch]], times: NDArray[np.float64]) -> dict[str, Any]:
    """Mean over patients and its interval, year by year; a brain that ran away stays as it was then."""
    out: dict[str, Any] = {"year": [float(t) for t in times]}
    for name in ("r", "r_measured", "rate_hz", "balance", "synchrony", "ictal"):
        rows = []
        for life in lives:
            row = [float(e.rates_hz.mean()) if name == "rate_hz" else float(getattr(e, name)) for e in life]
            rows.append(row + [row[-1]] * (times.size - len(row)))
        table = np.array(rows)
        bounds = [mean_interval(column) for column in table.T]
        out[name] = [_plain(x) for x in table.mean(axis=0)]
        if name in ("r", "rate_hz"):
            out[f"{name}_low"], out[f"{name}_high"] = (
                [_plain(b[side], 3) for b in bounds] for side in (0, 1)
            )
    return out


def _example(one: _Lived) -> dict[str, Any]:
    """The first patient, region by region."""
    return {
        "labels": list(one.labels),
        "sites": list(SITES),
        "elsewhere": list(one.elsewhere),
        "healthy_hz": [_plain(x, 1) for x in one.health.rates_hz.mean(axis=0)],
        "healthy_r": [_plain(x) for x in one.health.r],
        "lives": {
            way.name: {
                **series(one.lives[way.name]),
                "rates_hz": [[_plain(x, 1) for x in epoch.rates_hz] for epoch in one.lives[way.name]],
                "lost": [
                    _plain(LOSS * epoch.year / YEARS if way.where != "nowhere" else 0.0)
                    for epoch in one.lives[way.name]
                ],
            }
            for way in WAYS
        },
    }


def _plain(value: float | np.floating[Any], digits: int = 3) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None
