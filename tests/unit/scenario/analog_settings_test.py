"""Every imperfection can be scaled by name, and the knobs calibration turns are neutral."""

import pytest

from engine.errors import ParameterError
from engine.model.chip_terms import TERMS
from engine.scenario.scenario import Scenario


def test_every_term_is_scaled_by_its_name():
    for name, term in TERMS.items():
        for mode in ("ideal", "quantised", "calibrated", "uncalibrated"):
            analog = Scenario().with_values({"analog.mode": mode}).analog
            assert analog.size(name) == term.size(mode)
            doubled = analog.model_copy(update={"terms": analog.terms.model_copy(update={name: 2.0})})
            assert doubled.size(name) == 2 * term.size(mode)
        assert term.standing in ("measured", "derived", "assumed")
        assert term.sentence.endswith(".")
        assert term.formula
        assert term.source


def test_terms_in_a_file():
    text = "[analog]\nweight_bits = 4\nrun_seed = 9\n[analog.terms]\nsynapse_gain = 0.0\n"
    analog = Scenario.from_toml(text).analog
    assert (analog.weight_bits, analog.run_seed, analog.size("synapse_gain")) == (4, 9, 0.0)
    assert analog.size("exc_gain") == TERMS["exc_gain"].calibrated


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("analog.terms.synapse_gian", 0.0, "Did you mean 'synapse_gain'"),
        ("analog.terms.drift", -1.0, "must be at least 0"),
        ("analog.weight_bits", 9, "must be at most 8"),
        ("analog.run_seed", -3, "run_seed must be 'auto' or from 0"),
        ("analog.tau_m_scale", 0.1, "must be at least 0.25"),
    ],
)
def test_refusals(key, value, sentence):
    with pytest.raises(ParameterError, match=sentence):
        Scenario().with_values({key: value})
