"""Scenario: refusals in sentences, round trips, differences."""

from __future__ import annotations

import pytest

from engine import DataError, ParameterError, Scenario, preset, preset_names, scenario_problems

REFUSED = {
    "network.couplin=1": "network: unknown key 'couplin'. Did you mean 'coupling'?",
    "network.coupling=-3": "network.coupling: must be at least 0.0 (got -3).",
    "dt=0.3": "dt must divide 1 ms (got 0.3 ms)",
    "duration=2.5": "duration must be whole milliseconds",
    'regions.analog=["L.HI"]&regions.off=["L.HI"]': "'L.HI' is listed under analog and off",
    "noc.size=[99,1]": "size must be two whole numbers from 1 to 32",
    "network.recipe=x": "network.recipe: must be 'dtb' or 'microcircuit' (got 'x').",
    'stimulus=[{"amplitude":1}]': "stimulus.0.region: must be given.",
    "seed=NaN": "seed: must be a finite number",
    "network.parameters.v_reset=-40": "v_reset must be below v_thresh",
    "zzz=1": "scenario: unknown key 'zzz'.",
    "dt=true": "dt: must be a number (got true).",
    "network.in_degree=false": "network.in_degree: must be a whole number (got false).",
    "analog.merge=true": "analog.merge: must be a whole number or 'auto' (got true).",
    "noc.size=[true,8]": "noc.size: must be whole numbers (got [true, 8]).",
    'stimulus=[{"region":"L.HI","amplitude":true}]': "stimulus.0.amplitude: must be a number",
    "analog.terms.leak=true": "analog.terms.leak: must be a number (got true).",
    "seed=x": "seed: must be a whole number (got 'x').",
    "noc.feedback=maybe": "noc.feedback: must be true or false (got 'maybe').",
}


@pytest.mark.parametrize(("query", "sentence"), REFUSED.items())
def test_refusals_name_key_rule_and_value(query, sentence):
    with pytest.raises(ParameterError) as caught:
        Scenario.from_query(query)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_everything_wrong_is_said_at_once():
    text = "foo = 1\n[network]\ncouplin = 2\nin_degree = -1\n[noc]\nsize = [0, 1]"
    found = scenario_problems(text, "x.toml")
    assert len(found) >= 3
    assert all(p.startswith("x.toml: ") for p in found)


def test_a_truth_value_stays_one_where_it_is_asked_for():
    assert Scenario.from_query("noc.feedback=true").noc.feedback is True


def test_an_address_hears_of_every_fault_up_to_some():
    with pytest.raises(ParameterError) as caught:
        Scenario.from_query("foo=1&bar=2&seed=x&dt=true")
    said = str(caught.value)
    for word in ("'foo'", "'bar'", "seed: ", "dt: "):
        assert word in said
    assert said.count("Valid: ") == 1
    with pytest.raises(ParameterError, match=r"'d'.*… and 7 more\.$"):
        Scenario.from_query("&".join(f"{name}=1" for name in "abcdefghijk"))


def test_contradictions_are_all_named():
    text = "dt = 0.3\nduration = 2.5\n[regions]\nanalog = ['a', 'b']\noff = ['a', 'b']"
    found = scenario_problems(text, "x.toml")
    assert sum("is listed under" in p for p in found) == 2
    text = "dt = 0.3\nduration = 2.5\n[network]\nrecipe = 'microcircuit'\ncolumns = ['a']"
    assert len(scenario_problems(text, "x.toml")) == 3


@pytest.mark.parametrize("text", [b"\xff\xfe\x00", "a = [", "[" * 5000, b"x = 1\n" * 200_000])
def test_nonsense_is_one_sentence(text):
    with pytest.raises((DataError, ParameterError)) as caught:
        Scenario.from_toml(text, "bad.toml")
    assert str(caught.value).startswith("bad.toml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", preset_names())
def test_presets_survive_files_and_addresses(name):
    scenario = preset(name)
    assert Scenario.from_toml(scenario.to_toml()) == scenario
    assert Scenario.from_toml(scenario.to_toml(full=True)) == scenario
    assert Scenario.from_query(scenario.to_query()) == scenario


def test_there_are_presets_enough():
    assert len(preset_names()) >= 6
    assert preset_names()[0] == "resting-twin"


def test_differences_name_keys_and_values():
    a = Scenario()
    b = a.with_values({"network.coupling": 1.3, "regions.analog": ["L.HI"]})
    assert a.differences(b) == [("network.coupling", 1.0, 1.3), ("regions.analog", [], ["L.HI"])]
    assert a.digest() != b.digest()
    assert a.digest() == a.with_values({"title": "other"}).digest()


def test_backends_are_written_as_short_as_they_can_be():
    labels = ("a", "b", "c", "d")
    s = Scenario().with_backends(labels, ("analog", "analog", "off", "analog"))
    assert s.regions.default == "analog"
    assert s.regions.off == ("c",)
    assert s.backend_of(labels) == ("analog", "analog", "off", "analog")


def test_unknown_regions_are_refused_with_the_nearest():
    for values in (
        {"regions.analog": ["L.HIP"]},
        {"stimulus": [{"region": "L.HIP"}]},
        {"lesion": [{"region": "L.HIP"}]},
    ):
        with pytest.raises(ParameterError, match=r"L\.HIP.*Did you mean 'L\.HI'"):
            Scenario().with_values(values).backend_of(("L.HI", "R.HI"))


def test_every_unknown_region_is_named():
    wrong = {"regions.analog": ["L.HIP", "x"], "regions.off": ["y"], "lesion": [{"region": "z"}]}
    with pytest.raises(ParameterError) as caught:
        Scenario().with_values(wrong).backend_of(("L.HI", "R.HI"))
    for label in ("L.HIP", "x", "y", "z"):
        assert f"(got '{label}')" in str(caught.value)


def test_the_clock_follows_the_analog_chip():
    assert Scenario().speedup == 1.0
    assert Scenario(regions={"analog": ("L.HI",)}).speedup == 1000.0
    assert Scenario(noc={"speedup": 5.0}).speedup == 5.0
