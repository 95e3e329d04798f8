"""Years in hours: what a brain becomes, what is kept of its epochs, and how they are judged."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from engine import load_connectome, preset
from engine.scenario.tuning import MAX_FACTOR
from engine.scenario.tuning_file import load_tuning
from engine.twin.trial import Trial
from engine.twin.years import AgeingBrain, Schedule, design, epochs, left_at, own, part, report
from engine.twin.years.brain import RESERVE
from engine.twin.years.design import WAYS
from engine.twin.years.epochs import Epoch, Health, lived
from engine.twin.years.holding import alarm_at, held, lost_from
from engine.twin.years.look_ahead import CONFIGURE_MS, chip_ms, clocks, look_ahead
from engine.twin.years.summary import summary

SCENARIO = preset("slow-loss-of-inhibition")
BRAIN = load_connectome("dk84")
GROUP = load_tuning("dk84-left")
LABELS = GROUP.labels
HI = LABELS.index("L.HI")


@pytest.fixture(scope="module")
def brain():
    one = AgeingBrain(SCENARIO, BRAIN, GROUP, 11, SCENARIO.wiring_seed)
    yield one
    one.close()


@pytest.fixture
def young(brain):
    """The brain at one moment, with nothing lost."""
    if not hasattr(brain, "moment"):
        brain.moment = brain.state()
    brain.restore(brain.moment)
    return brain


def after(brain, process, amount, regions=(), seconds=3):
    """What is heard in the years after a loss."""
    brain.set_left(left_at((Schedule(process, amount, 0, 1, regions),), LABELS, 1.0))
    brain.heard(1000)
    return brain.heard(1000 * seconds)


@pytest.mark.slow
def test_what_is_lost_moves_the_brain_as_it_should(young):
    before = young.heard(3000)
    start = young.balance(before)
    less_inhibited = after(young, "inhibition", 0.3)
    assert less_inhibited.excitatory_hz.mean() > 2 * before.excitatory_hz.mean()
    assert young.balance(less_inhibited) > 1.1 * start
    young.restore(young.moment)
    cut_off = after(young, "synapses", 1.0)
    assert cut_off.excitatory_hz.mean() != pytest.approx(before.excitatory_hz.mean(), rel=0.05)
    young.restore(young.moment)
    deaf = after(young, "gain", -1.0)
    assert deaf.excitatory_hz.mean() < before.excitatory_hz.mean()


def test_atrophy_silences_its_share_of_neurons_for_good_and_counts_those_that_are_left(young):
    fire_alone = after(young, "atrophy", 0.5, ("L.HI",))
    assert young._is_lost.sum() == 25
    assert set(young.network.region_of[young._is_lost]) == {HI}
    lost = np.flatnonzero(young._is_lost)
    young.set_left(left_at((Schedule("atrophy", 0.8, 0, 1, ("L.HI",)),), LABELS, 1.0))
    assert set(lost) < set(np.flatnonzero(young._is_lost))  # who is lost stays lost
    assert fire_alone.excitatory_hz[HI] > 0
    young.set_left(left_at((Schedule("atrophy", 1.0, 0, 1),), LABELS, 1.0))
    young.heard(200)
    assert young.heard(1000).counts.sum() == 0
    young.restore(young.moment)
    assert young.heard(1000).counts.sum() > 0


def test_lost_neurons_stay_silent_in_a_brain_that_runs_away(young):
    young.set_left(
        left_at((Schedule("inhibition", 0.9, 0, 1), Schedule("atrophy", 1.0, 0, 1, ("L.HI",))), LABELS, 1.0)
    )
    young.heard(1000)
    heard = young.heard(500)
    assert heard.excitatory_hz.mean() > 100
    assert heard.excitatory_hz[HI] == 0


def test_the_same_moment_lives_the_same_life(young):
    one = young.heard(2000).counts
    young.restore(young.moment)
    assert np.array_equal(young.heard(2000).counts, one)


def test_homeostasis_follows_within_its_reserve(young):
    target = np.full(len(LABELS), 4.0)
    for _ in range(200):
        young.hold(target + 3.0, target)
    assert (young.compensation == RESERVE).all()
    for _ in range(200):
        young.hold(target - 3.0, target)
    assert young.compensation == pytest.approx(1.0 / RESERVE)
    assert young._now.local_inhibition.max() <= MAX_FACTOR


@pytest.mark.slow
def test_homeostasis_holds_rates_that_the_loss_would_raise(young):
    target = np.maximum(young.heard(8000).excitatory_hz, 0.5)
    schedules = (Schedule("inhibition", 0.25, 0, 1),)
    off = after(young, "inhibition", 0.25).excitatory_hz.mean()
    young.restore(young.moment)
    young.set_left(left_at(schedules, LABELS, 1.0))
    for _ in range(12):
        young.hold(young.heard(1000).excitatory_hz, target)
    on = young.heard(3000).excitatory_hz.mean()
    assert abs(on - target.mean()) < 0.3 * abs(off - target.mean())


# ---- judging ---------------------------------------------------------------------------------------


def epoch(year, rates=4.0, r=0.7, is_runaway=False):
    rates = np.full(10, rates) if np.isscalar(rates) else rates
    return Epoch(year, rates, r, np.nan, 1.0, 0.5, 0.0, 1.0, is_runaway, 20.0 * (year + 1), 1.0)


HEALTH = Health(
    4.0 * np.exp(0.02 * np.random.default_rng(3).standard_normal((10, 10))),
    np.eye(10),
    np.linspace(0.6, 0.8, 10),
    1.0,
)


@pytest.mark.parametrize(
    ("out", "ended", "first"),
    [
        ([False, True, True, True], False, 1),
        ([True, False, True, True], False, 2),
        ([True, True, True, False], False, None),
        ([False, False, False, True], False, None),  # the last alone may be chance
        ([False, False, False, True], True, 3),
        ([], False, None),
    ],
)
def test_lost_is_what_does_not_come_back(out, ended, first):
    assert lost_from(out, ended) == first


def test_rates_connectivity_and_rest_are_lost_each_in_its_year():
    some = np.where(np.arange(10) < 2, 8.0, 4.0)
    life = [
        epoch(0),
        epoch(1),
        epoch(2, some),
        epoch(3, some),
        epoch(4, some, 0.5),
        epoch(5, 400.0, 0.0, True),
    ]
    assert held(life, HEALTH) == replace(held(life, HEALTH), rates=2, fc=4, rest=5)
    assert vars(held([epoch(k) for k in range(6)], HEALTH)) == {"rates": None, "fc": None, "rest": None}
    one_region = np.where(np.arange(10) < 1, 8.0, 4.0)
    assert held([epoch(k, one_region) for k in range(4)], HEALTH).rates is None


def test_an_alarm_takes_two_epochs_in_a_row_and_looks_at_its_sites_alone():
    moved = np.where(np.arange(10) < 4, 5.0, 4.0)
    life = [epoch(0), epoch(1, moved), epoch(2), epoch(3, moved), epoch(4, moved), epoch(5)]
    assert alarm_at(life, HEALTH, [0, 1, 2, 3]) == 4
    assert alarm_at(life, HEALTH, [6, 7, 8, 9]) is None
    assert alarm_at([epoch(k, 3.0) for k in range(3)], HEALTH, [0, 1]) == 1  # too little counts as well


def test_a_chip_takes_a_thousandth_and_its_settling():
    assert chip_ms(20.0, 0) == pytest.approx(20.0)
    assert chip_ms(20.0, 3) == pytest.approx(20.0 + 3 * CONFIGURE_MS)
    took = clocks(20.0, 21, 420.0, 15.0, 9.0)
    assert took["chip_ms"] == pytest.approx(420.0 + 21 * CONFIGURE_MS)
    assert took["every_second_on_chip_h"] == pytest.approx(20 * 365.25 * 24 / 1000, abs=0.1)


def test_the_look_ahead_is_counted_from_the_twins_own_size():
    ahead = look_ahead(SCENARIO, BRAIN, 30.0)
    assert (ahead["neurons"], ahead["synapses"]) == (2100, 126_000)
    assert ahead["chips"] >= 2100 / 512
    for row in ahead["futures"]:
        assert row["digital"] == pytest.approx(30.0 / row["future_s"], abs=0.01)
        assert row["chip_configured"] < row["chip"] <= 1000.0 / row["future_s"]
    assert "estimate" in ahead["standing"]


# ---- whole lives -----------------------------------------------------------------------------------


@pytest.fixture
def short(monkeypatch):
    """Years of a few seconds."""
    for room in (epochs, part, own):
        monkeypatch.setattr(room, "EPOCH_S", 2)
        monkeypatch.setattr(room, "ADAPT_S", 1)
    monkeypatch.setattr(part, "SETTLE_STEPS", 2)
    monkeypatch.setattr(part, "HEALTHY_EPOCHS", 3)
    for room in (design, part, report):
        monkeypatch.setattr(room, "YEARS", 2.0)
    monkeypatch.setattr(own, "_EPOCHS", 3)
    monkeypatch.setattr(own, "_HEALTHY", 3)


def test_a_life_ends_where_the_brain_runs_away(young, short):
    health = Health(np.full((3, 42), 4.0), np.eye(42), np.full(3, 0.7), 1.0)
    life = lived(young, (Schedule("inhibition", 0.9, 0, 1),), np.arange(4.0), health, None)
    assert [one.is_runaway for one in life] == [False, True]
    assert life[-1].r == 0.0
    assert np.isnan(life[-1].r_measured)
    assert life[-1].biology_s < 6


def without_times(found):
    """The same but for the times it took."""
    copy = json.loads(json.dumps(found))
    for life in copy.get("lives", copy.get("example", {}).get("lives", {})).values():
        life.pop("core_s")
    for name in ("core_s", "wall_s"):
        copy["clocks"].pop(name)
    if "look_ahead" in copy:
        copy["look_ahead"].pop("digital_speed")
        for row in copy["look_ahead"]["futures"]:
            row.pop("digital")
    copy.pop("workers", None)
    return copy


@pytest.mark.slow
def test_a_part_is_the_same_whatever_the_workers(short):
    told, shown = [], []

    def found(workers, seed=11):
        trial = Trial(
            "slow-loss-of-inhibition",
            SCENARIO,
            BRAIN,
            2,
            seed,
            workers,
            lambda fraction, what: told.append(fraction),
            lambda what, values: shown.append(values["year"]),
        )
        return part.years(trial)

    one = found(1)
    assert without_times(one) == without_times(found(2))
    assert without_times(one) != without_times(found(1, seed=12))
    assert json.loads(json.dumps(one, allow_nan=False)) == one
    assert set(one["ways"]) == {way.name for way in WAYS}
    assert shown[:2] == [0.0, 1.0]
    assert 0 <= max(told) <= 1.0
    assert len(summary(one).rows) == len(WAYS)


@pytest.mark.slow
def test_own_schedules_are_lived_beside_a_life_without(short):
    told = []
    schedules = (Schedule("inhibition", 0.9, 0, 5), Schedule("atrophy", 0.5, 0, 10, ("L.HI",)))
    found = own.try_schedules(schedules, 10.0, False, lambda fraction, what: told.append(fraction))
    assert found["held"]["own"]["rest"] == 5.0
    assert found["held"]["none"]["rest"] is None
    assert [row["inhibition"] for row in found["left"]] == pytest.approx([1.0, 0.1, 0.1])
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert told == sorted(told)


@pytest.mark.slow
def test_an_own_schedule_can_be_cancelled(short):
    class EnoughError(Exception):
        pass

    def stop(fraction, what):
        if fraction > 0.3:
            raise EnoughError

    with pytest.raises(EnoughError):
        own.try_schedules((Schedule("synapses", 0.5, 0, 5),), 10.0, True, stop)


# ---- the shipped card ------------------------------------------------------------------------------


def test_the_shipped_card_has_its_controls_and_they_hold():
    from engine.twin.trial import read_scorecard
    from sample_data import path

    found = read_scorecard(path("twin.slow-loss-of-inhibition"))["years"]
    ways, n = found["ways"], found["n_patients"]
    for name in ("none", "none_homeostasis"):
        assert ways[name]["rates"]["n_lost"] == 0
        assert ways[name]["rest"]["n_lost"] == 0
    for name in ("schedule", "elsewhere"):
        assert ways[name]["rest"]["n_lost"] == n
    assert (
        ways["schedule"]["rates"]["year"] < ways["schedule"]["fc"]["year"] <= ways["schedule"]["rest"]["year"]
    )
    assert found["gained"]["rates"]["interval"][0] > 0
