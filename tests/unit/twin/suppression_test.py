"""An electrode in a patient's brain: what it leaves alone, what it drives, and how a trial is told."""

from __future__ import annotations

import numpy as np
import pytest

from engine import preset
from engine.brain.connectome import load_connectome
from engine.brain.network import Network
from engine.errors import ParameterError
from engine.twin.patients import PatientBrain, group_of
from engine.twin.patients.brain import FOCI, group_person
from engine.twin.stimulation.electrode import electrode
from engine.twin.suppression import BrainElectrode
from engine.twin.suppression.part import TREATMENTS, _pulses
from engine.twin.suppression.summary import summary

NOTHING = np.zeros(0, np.int64), np.zeros(0)


@pytest.fixture(scope="module")
def brain():
    whole = preset("temporal-lobe-epilepsy")
    connectome = load_connectome(whole.connectome)
    group = group_of(whole, connectome)
    network = Network.of(group.scenario, connectome)
    return PatientBrain(group.scenario, connectome, group_person(group.tuning, network, FOCI[0], 5))


@pytest.fixture
def rest(brain):
    state = brain.state()
    yield state
    brain.restore(state)


def contact(brain, region="L.HI"):
    return BrainElectrode(brain, region, np.random.default_rng(1))


def test_without_a_current_nothing_is_changed(brain, rest):
    plain = brain.running.advance(400)
    for pulses in (NOTHING, (np.arange(0, 400, 8), np.zeros(50))):
        brain.restore(rest)
        np.testing.assert_array_equal(contact(brain).live(400, *pulses), plain)


def test_pulses_drive_as_many_axons_as_the_current_reaches(brain, rest):
    times = np.arange(0, 400, 20)
    driven = []
    for current in (0.5, 2.5, 5.0):
        brain.restore(rest)
        one = contact(brain)
        one.live(400, times, np.full(times.size, current))
        driven.append(one.n_driven / times.size / one.neurons.size)
    assert 0.0 < driven[0] < driven[1] < driven[2] <= 1.0
    assert driven[1] == pytest.approx((np.sqrt(2.5 * 3.0) / 3.5) ** 3, abs=0.05)  # r = sqrt(I / k), over R


def test_the_rest_of_the_brain_hears_of_pulses_and_the_same_pulses_do_the_same(brain, rest):
    plain = brain.running.advance(400)
    found = []
    for _ in range(2):
        brain.restore(rest)
        found.append(contact(brain).live(400, np.arange(0, 400, 8), np.full(50, 2.5)))
    np.testing.assert_array_equal(*found)
    mine = brain.labels.index("L.HI")
    elsewhere = np.flatnonzero(brain.running.network.population_region != mine)
    assert not np.array_equal(found[0][:, elsewhere], plain[:, elsewhere])


def test_synapses_tire_by_pulses_and_recover():
    one = BrainElectrode.__new__(BrainElectrode)
    one._resources, one._released = np.array([0.4]), np.array([100])
    left = [float(one._left(np.array([0]), now)[0]) for now in (100, 260, 10_000)]
    assert left[0] == pytest.approx(0.4)
    assert left[1] == pytest.approx(1 - 0.6 / np.e)
    assert left[2] == pytest.approx(1.0)


def test_random_times_have_as_many_pulses():
    base = electrode()
    by_name = {one.name: _pulses(one, base, np.random.default_rng(3)) for one in TREATMENTS}
    assert by_name["sham"].size == 0
    assert by_name["random"].size == by_name["focus"].size == by_name["elsewhere"].size
    assert np.diff(by_name["focus"]).max() <= 8
    assert np.diff(by_name["random"]).max() > 16


def test_a_contact_in_an_unknown_region_is_refused_by_name(brain):
    with pytest.raises(ParameterError, match=r"electrode.region: must be a region that is on \(got 'L.HJ'\)"):
        contact(brain, "L.HJ")


def found(shorter, over_random):
    """A result in which the focus is spared some seconds, with these intervals."""
    change = {"fewer": 0.0, "fewer_interval": [-0.1, 0.1], "shorter_s": 1.0, "shorter_interval": shorter}
    rows = [
        {
            "name": one.name,
            "label": one.label,
            "is_control": one.is_control,
            "seizures": 1.0,
            "seizures_interval": [1.0, 1.0],
            "length_s": 9.0,
            "length_interval": [8.0, 10.0],
            "recruited": 10.0,
            "charge_uc": 0.0 if one.name == "sham" else 300.0,
            "change": change,
        }
        for one in TREATMENTS
    ]
    return {
        "treatments": rows,
        "against_sham": change,
        "against_random": {**change, "shorter_interval": over_random},
        "patients": [{}] * 3,
        "tries": 2,
        "treated_s": 17,
        "electrode": electrode().model_dump(exclude={"target"}),
        "standing": "assumed",
    }


@pytest.mark.parametrize(
    ("shorter", "over_random", "said"),
    [
        ([-1.0, 1.0], [-1.0, 1.0], "no help."),
        ([-2.0, -1.0], [-1.0, 1.0], "no help, and seizures are longer."),
        ([0.5, 1.0], [-1.0, 1.0], "shorter seizures than under the sham, but not surely more so"),
        ([0.5, 1.0], [0.2, 1.0], "shorter seizures than under the sham, and more so than at random"),
        ([None, None], [None, None], "no help."),
    ],
)
def test_help_is_said_only_where_the_interval_says_so(shorter, over_random, said):
    told = summary(found(shorter, over_random))
    assert said in told.sentence
    assert {len(row) for row in told.rows} == {len(told.columns)}
