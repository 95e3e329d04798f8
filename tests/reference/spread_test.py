"""When hidden regions are recruited is foretold from the connectome better than without structure.

As Sip et al. 2021 (PMC7920393) find of recorded seizures; here of spiking patients with tracts of their own,
of a seed that nothing was chosen on. Controls: the mean of the recorded regions, a twin whose tracts are
dealt out anew, and a rule that knows the tracts from the focus and no recording.
"""

from __future__ import annotations

from functools import cache

import pytest

from engine import preset
from engine.brain.connectome import load_connectome
from engine.twin.spread import part
from engine.twin.trial import Trial

SEED, PATIENTS = 41, 5


@cache
def found() -> dict:
    whole = preset("temporal-lobe-epilepsy")
    connectome = load_connectome(whole.connectome)
    kept, part.N_SHUFFLED = part.N_SHUFFLED, 1
    try:
        return part.spread(Trial("temporal-lobe-epilepsy", whole, connectome, PATIENTS, SEED, 2))
    finally:
        part.N_SHUFFLED = kept


@pytest.mark.parametrize("control", ["mean", "shuffled"])
def test_when_a_hidden_region_is_recruited_is_foretold_better_than_without_structure(control):
    low, _ = found()["gain"][control]["error_interval"]
    assert low > 0.0


def test_the_tracts_of_the_group_tell_more_than_those_of_the_focus_without_a_recording():
    low, _ = found()["gain"]["rule"]["error_interval"]
    assert low > 0.0


def test_the_order_of_hidden_regions_is_foretold_better_than_without_structure():
    by_name = {one["name"]: one for one in found()["predictors"]}
    assert by_name["twin"]["order_interval"][0] > by_name["rule"]["order"]
    assert by_name["twin"]["order_interval"][0] > by_name["shuffled"]["order"]


def test_seizures_reach_some_regions_only_and_there_are_enough_of_them():
    assert found()["n_seizures"] > 3 * PATIENTS
    assert 0.5 < found()["recruited"] < 1.0
