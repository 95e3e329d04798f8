"""Chloride and slow potassium against the equations they stand for, written down once more.

The equations are 3 and 4 of Liou et al. 2020 (doi 10.7554/eLife.50927): d[Cl]/dt = ([Cl]_eq - [Cl]) /
tau_Cl + I_Cl / (V_d F) with an outward current counted positive, E_Cl by Nernst, and a potassium
conductance that gains at every spike and decays with tau_K. Here they are in plain Python with float64.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from engine import Scenario, Simulation
from engine.backends.digital.ions import ion_constants
from engine.kernels.block import COMMON_ROWS, I_EXT, J_GABA_A, SPIKE, WIDTH, V
from engine.kernels.plastic.ions import IonLanes, ions_step

FARADAY = 96_485.332  # C/mol
RT_F = 8.314462618 * 310.15 / FARADAY * 1000.0  # mV
VOLUME_PL = 0.2357
STEPS = 3000
RNG = np.random.default_rng(5)
# What a lane sees at the beginning of each step: its potential, its GABA-A variable, whether it fired.
POTENTIAL = RNG.uniform(-75.0, -45.0, STEPS)
GABA = RNG.uniform(0.0, 10.0, STEPS)
FIRED = RNG.random(STEPS) < 0.05
SEEN = POTENTIAL, GABA, FIRED


def scenario(**values) -> Scenario:
    ions = {"influx": 1e3 / (FARADAY * VOLUME_PL), "g_mahp": 1.5, "g_sahp": 0.2, "tau_cl": 2000.0}
    base = {"regions.default": "off", "regions.digital": ["L.TH"], "dt": 0.5}
    return Scenario().with_values({**base, **{f"network.ions.{k}": v for k, v in ions.items()}, **values})


def stepped(one: Scenario, clearance: float = 1.0, excites: bool = True, seen=SEEN):
    """Chloride, both conductances and the added current of one lane after every step, by the kernel."""
    ions, n = one.network.ions, WIDTH
    tau = ions.tau_cl / clearance
    lanes = IonLanes(
        external=np.full(n, 20.0, np.float32),
        focus=np.full(n, 7.0),
        keep=np.full(n, math.exp(-1.0 / tau)),
        influx=np.full(n, ions.influx * 1e-3 * tau * -math.expm1(-1.0 / tau)),
        add_m=np.full(n, ions.g_mahp * excites),
        add_s=np.full(n, ions.g_sahp * excites),
        chloride=np.full(n, ion_constants(one).cl_rest),
        g_m=np.zeros(n),
        g_s=np.zeros(n),
    )
    state = np.zeros(COMMON_ROWS * WIDTH, np.float32)
    rows = state.reshape(COMMON_ROWS, WIDTH)
    found = []
    for v, j, fired in zip(*seen, strict=True):
        rows[V], rows[J_GABA_A], rows[SPIKE] = v, j, float(fired)
        ions_step(state, COMMON_ROWS, 0, 1, lanes, ion_constants(one))
        found.append((lanes.chloride[3], lanes.g_m[3], lanes.g_s[3], rows[I_EXT][3]))
    return np.array(found)


def written_down(one: Scenario, clearance: float = 1.0, excites: bool = True):
    """The same by hand, as the sentences of the module above say."""
    p, ions = one.network.parameters, one.network.ions
    rest = ions.cl_out * math.exp(p.e_gaba_a / RT_F)
    tau, n_sub = ions.tau_cl / clearance, round(1.0 / one.dt)
    kept = [math.exp(-k * one.dt / p.tau_gaba_a) for k in range(n_sub)]
    first, now = 0.1 / (1 - math.exp(-0.1 / p.tau_gaba_a)), one.dt / (1 - math.exp(-one.dt / p.tau_gaba_a))
    g_full = p.g_gaba_a * first / now * sum(kept) / n_sub
    cl, medium, slow, found = rest, 0.0, 0.0, []
    for v, j, fired in zip(
        POTENTIAL.astype(np.float32).astype(float), GABA.astype(np.float32).astype(float), FIRED, strict=True
    ):
        e_cl = -RT_F * math.log(ions.cl_out / cl)
        outward_pa = g_full * j * (v - e_cl)
        mm_a_ms = outward_pa * 1e-12 / (FARADAY * VOLUME_PL * 1e-12) * 1e3 * 1e-3
        end = rest + tau * mm_a_ms  # where a constant current would lead
        medium = medium * math.exp(-1.0 / ions.tau_mahp) + ions.g_mahp * fired * excites
        slow = slow * math.exp(-1.0 / ions.tau_sahp) + ions.g_sahp * fired * excites
        added = 27.0 + g_full * j * (e_cl - p.e_gaba_a) + (medium + slow) * (p.v_k - v)
        cl = max(end + (cl - end) * math.exp(-1.0 / tau), 0.1)
        found.append((cl, medium, slow, added))
    return np.array(found)


@pytest.mark.parametrize(("clearance", "excites"), [(1.0, True), (0.1, True), (0.4, False)])
def test_every_step_is_the_one_that_is_written_down(clearance, excites):
    one = scenario()
    found, expected = stepped(one, clearance, excites), written_down(one, clearance, excites)
    assert np.ptp(expected[:, 0]) > 2.0
    np.testing.assert_allclose(found[:, :3], expected[:, :3], rtol=1e-6)
    np.testing.assert_allclose(found[:, 3], expected[:, 3], rtol=1e-5, atol=1e-4)  # float32


def test_at_a_clamped_membrane_chloride_follows_the_differential_equation():
    """Held apart by 1 ms over the time of clearance, 1/2000: the step in which E_Cl stands still."""
    one = scenario()
    p, ions, c = one.network.parameters, one.network.ions, ion_constants(one)
    clamped = np.full(STEPS, -50.0), np.full(STEPS, 0.8), FIRED
    found = stepped(one, seen=clamped)[:, 0]

    def slope(_, cl):
        e_cl = RT_F * np.log(cl / ions.cl_out)
        return (c.cl_rest - cl) / ions.tau_cl - ions.influx * 1e-3 * c.g_gaba_a * 0.8 * (e_cl + 50.0)

    exact = solve_ivp(slope, (0, STEPS), [c.cl_rest], t_eval=np.arange(1, STEPS + 1), rtol=1e-10, atol=1e-10)
    assert exact.y[0, -1] > c.cl_rest + 4.0
    np.testing.assert_allclose(found, exact.y[0], rtol=1.0 / 2000.0)
    assert p.e_gaba_a < RT_F * math.log(found[-1] / ions.cl_out) < -50.0


def test_a_volume_of_a_quarter_picolitre_has_the_influx_of_the_paper():
    assert scenario().network.ions.influx == pytest.approx(0.044, rel=0.01)


def test_the_charge_of_the_shift_is_that_of_a_moved_reversal_potential():
    """A brain whose chloride does not move and stands at -60 mV is one with e_gaba_a at -60 mV."""
    values = {"network.ions.influx": 0.0, "network.ions.g_mahp": 0.0, "network.ions.g_sahp": 0.0}
    still = {**values, "network.ions.influx": 1e-9, "network.ions.tau_cl": 1e6, "duration": 2000.0}
    moved = Simulation(scenario(**still))
    ions = moved.backends[0].ions
    ions.chloride[:] = 110.0 * math.exp(-60.0 / RT_F)
    plain = Simulation(scenario(**{**values, "duration": 2000.0, "network.parameters.e_gaba_a": -60.0}))
    one, other = (s.run().mean_rate_hz() for s in (moved, plain))
    lower = Simulation(scenario(**{**values, "duration": 2000.0})).run().mean_rate_hz()
    for kind in ("E", "I"):
        assert abs(one[kind] - other[kind]) < 0.2 * abs(other[kind] - lower[kind])
