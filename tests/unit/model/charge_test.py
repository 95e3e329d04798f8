"""A spike brings one charge at every membrane step."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.backends.digital.lif import lif_constants
from engine.model.charge import DTB_STEP_MS, same_charge, stepped_charge
from engine.model.lif import DtbParameters


def charge(dt: float, name: str) -> float:
    """What the kernel's own numbers add up to after one spike of full weight [nS ms]."""
    c = lif_constants(DtbParameters(), dt, 0.0, np.float64).synapses
    g, decay = getattr(c, f"g_{name}"), getattr(c, f"decay_{name}")
    return float(g * dt * (decay ** np.arange(200_000)).sum())


@pytest.mark.parametrize("name", ["ampa", "gaba_a"])
@pytest.mark.parametrize("dt", [0.01, 0.05, 0.2, 1.0])
def test_the_charge_of_a_spike_is_that_of_the_dtb_engine(dt, name):
    assert charge(dt, name) == pytest.approx(charge(DTB_STEP_MS, name), rel=1e-6)


def test_at_the_dtb_engines_own_step_nothing_is_scaled():
    assert same_charge(DTB_STEP_MS, 2.0) == 1.0
    assert lif_constants(DtbParameters(), 0.1, 0.0).synapses.g_ampa == np.float32(DtbParameters().g_ampa)


def test_the_excess_is_half_a_step_of_the_decay_time():
    assert stepped_charge(0.1, 2.0) == pytest.approx(1.0 + 0.1 / 4.0, rel=1e-3)
    assert stepped_charge(1e-6, 2.0) == pytest.approx(1.0, rel=1e-6)
    assert math.isclose(same_charge(0.05, 2.0), 1.0125, rel_tol=1e-3)
