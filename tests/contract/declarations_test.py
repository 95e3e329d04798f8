"""Keys are declared once; what forms, sliders, branches and names of runs need is taken from there."""

from __future__ import annotations

from dataclasses import fields

import pytest

from dtb_app.controls.parameter_form import model_sections
from dtb_app.session.branching import branches
from engine.backends.contract import LiveParameters
from engine.model.learning.chip_rule import ChipRule
from engine.model.stimuli import Stimulus
from engine.scenario.declarations import asked, declaration, declarations, declared
from engine.scenario.presets import preset, preset_names
from engine.scenario.scenario import Scenario

LIVE = sorted(key for key, one in declarations().items() if one.acts == "live" and one.slider)
SWITCHES = [key for key, one in declarations().items() if one.acts == "live" and one.annotation is bool]


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
    assert {key.rsplit(".", 1)[-1] for key in (*LIVE, *SWITCHES)} == names
    assert SWITCHES == ["network.learning"]
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


def keys_of(sections):
    """Keys of the fields of a form, each as a scenario has it."""
    keys = {field["key"] for section in sections for field in section["fields"]}
    return {key for key in keys if not any(part.isdigit() for part in key.split("."))}


@pytest.mark.parametrize("name", preset_names())
def test_the_basic_form_has_the_basic_keys_and_the_full_one_the_others_as_well(name):
    scenario = preset(name)
    basic, full = (keys_of(model_sections(scenario, full)) for full in (False, True))
    assert {declaration(key).level for key in basic} == {"basic"}
    assert {declaration(key).level for key in full - basic} == {"full"}
    assert basic < full


def test_every_key_is_in_a_form_unless_it_is_declared_to_be_in_none():
    neurons = [{"network.excitatory_neuron": n} for n in declaration("network.excitatory_neuron").names]
    kinds = [*neurons, {"network.recipe": "microcircuit"}, {"network.columns": ["L.TH"]}]
    shown = set().union(*(keys_of(model_sections(Scenario().with_values(k), True)) for k in kinds))
    model = {k for k, one in declarations().items() if one.level != "none"}
    model -= {k for k in model if k.startswith(("analog.", "noc.", "regions."))}
    assert model - shown == {"neuron", "stimulus", "lesion", "plasticity"}  # a section an item


def test_a_form_asks_for_what_is_read_in_the_order_that_is_declared():
    kept = [one.name for one in asked(Stimulus(region="L.TH"), "stimulus.0.")]
    assert kept == ["kind", "population", "compartment", "amplitude", "start", "stop"]
    pulses = asked(Stimulus(region="L.TH", kind="dbs"), "stimulus.0.")
    assert [one.name for one in pulses][-2:] == ["frequency", "width"]
    rule = [one.name for one in asked(ChipRule(rule="homeostasis"), "plasticity.0.chip.")]
    assert rule == ["rule", "period", "target_rate_hz"]
    network = Scenario().with_values({"network.recipe": "microcircuit"}).network
    assert "velocity" not in [one.name for one in asked(network, "network.")]
    with pytest.raises(KeyError):
        asked(Stimulus(region="L.TH"), "stimuli.0.")


def test_a_key_in_a_list_of_tables_is_declared_as_its_table_is():
    assert declaration("stimulus.3.start").acts == declaration("stimulus").acts == "branch"
    assert declaration("stimulus.3.amplitude").acts == "live"
    assert declaration("plasticity.0.chip.rule").names == ("stdp", "r_stdp", "homeostasis")
    for wrong in ("stimulus.0.flavour", "stimulus.first.start", "seed.0.start", "network.columns.0.x"):
        with pytest.raises(KeyError):
            declaration(wrong)


def test_what_is_not_of_the_brain_is_its_name_and_how_long_it_runs():
    others = {key for key, one in declarations().items() if not one.is_of_brain}
    assert others == {"title", "duration", "transient"}
