"""Keys are declared once; what forms, sliders, branches and names of runs need is taken from there."""

from __future__ import annotations

from dataclasses import fields

import pytest

from dtb_app.session.branching import branches
from engine.backends.contract import LiveParameters
from engine.model.stimuli import Stimulus
from engine.scenario.declarations import declaration, declarations, declared
from engine.scenario.scenario import Scenario

LIVE = sorted(key for key, one in declarations().items() if one.acts == "live" and one.slider)


def test_every_key_of_a_scenario_is_declared_with_a_sentence():
    flat = Scenario().flat()
    assert list(declarations()) == list(flat)
    assert all(one.sentence and one.label and one.short for one in declarations().values())
    plain = {
        key: list(v) if isinstance(v, tuple) else v
        for key, v in ((k, one.default) for k, one in declarations().items())
    }
    assert plain == flat
    with pytest.raises(KeyError):
        declaration("network.flavour")


def test_what_may_be_moved_during_a_run_is_what_is_declared_so():
    names = {field.name for field in fields(LiveParameters)} - {"stimulus_scale"}
    assert {key.rsplit(".", 1)[-1] for key in LIVE} == names
    assert declared(Stimulus, "amplitude").slider is not None
    for key in LIVE:
        low, high, step = declaration(key).slider
        assert declaration(key).low <= low < high <= declaration(key).high
        assert step > 0


def test_a_resting_run_goes_on_only_as_what_can_take_over_from_it():
    plain = Scenario()
    changed = {
        "live": {"network.coupling": 1.5},
        "branch": {"network.parameters.g_ampa": 2.5},
        "build": {"network.neurons_per_region": 100},
    }
    for acts, values in changed.items():
        assert {declaration(key).acts for key in values} == {acts}
        assert branches(plain, plain.with_values(values)) == (acts == "branch")
    both = {**changed["branch"], **changed["build"]}
    assert not branches(plain, plain.with_values(both))
    assert branches(plain, plain.with_values({**changed["live"], **changed["branch"]}))


def test_a_table_says_for_its_keys_what_they_do_not_say_themselves():
    assert declaration("network.microcircuit.delay_e").acts == "build"
    assert declaration("network.microcircuit.background_rate_hz").acts == "live"
    assert declaration("analog.terms.leak").acts == "build"
    assert declaration("noc.size").pictured
    assert not declaration("noc.size").source
