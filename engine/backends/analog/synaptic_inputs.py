"""The two synaptic inputs of a circuit, each for one or two receptors of the model.

A circuit has one excitatory and one inhibitory input, each with one time constant, so where the slow
receptors act (NMDA, GABA-B) they share the input of the fast ones. A single exponential stands for
both, with their charge and their mean time::

    q = g_1 tau_1 + g_2 tau_2
    tau = (g_1 tau_1^2 + g_2 tau_2^2) / q,  g = q / tau,  E = (g_1 tau_1 E_1 + g_2 tau_2 E_2) / q

``tau`` ends where calibration does; the charge is kept all the same. This is an approximation of
ours, not a mapping that is published; held by tests/unit/backends/synaptic_inputs_test.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.scenario.scenario import Scenario

__all__ = ["LONGEST_TAU", "SynapticInput", "excitatory_input", "inhibitory_input"]

LONGEST_TAU = 30.0
"""Longest synaptic time constant that calibration reaches [ms of biology]."""


@dataclass(frozen=True)
class SynapticInput:
    """One input of a circuit.

    Attributes
    ----------
    g : float [nS]
        Peak conductance at full weight.
    tau : float [ms]
        Decay time.
    e_rev : float [mV]
        Reversal potential.
    wanted_tau : float [ms]
        Mean time of its receptors, which `tau` may fall short of.
    receptors : tuple of str
        Their keys, without ``tau_``.
    """

    g: float
    tau: float
    e_rev: float
    wanted_tau: float
    receptors: tuple[str, ...]

    @property
    def is_merged(self) -> bool:
        """Whether it stands for two receptors."""
        return len(self.receptors) > 1

    @property
    def key(self) -> str:
        """The keys of a scenario that set its decay time."""
        return " and ".join(f"network.parameters.tau_{name}" for name in self.receptors)


def excitatory_input(scenario: Scenario) -> SynapticInput:
    """The input of AMPA, and of NMDA where it acts."""
    return _input(scenario, "ampa", "nmda")


def inhibitory_input(scenario: Scenario) -> SynapticInput:
    """The input of GABA-A, and of GABA-B where it acts."""
    return _input(scenario, "gaba_a", "gaba_b")


def _input(scenario: Scenario, fast: str, slow: str) -> SynapticInput:
    p = scenario.network.parameters
    g, tau, e_rev = ([getattr(p, f"{what}_{name}") for name in (fast, slow)] for what in ("g", "tau", "e"))
    if not g[1] > 0:
        return SynapticInput(g[0], tau[0], e_rev[0], tau[0], (fast,))
    charge = [g[k] * tau[k] for k in range(2)]
    total = sum(charge)
    wanted = (charge[0] * tau[0] + charge[1] * tau[1]) / total
    got = wanted if scenario.analog.mode == "ideal" else min(wanted, LONGEST_TAU)
    e = (charge[0] * e_rev[0] + charge[1] * e_rev[1]) / total
    return SynapticInput(total / got, got, e, wanted, (fast, slow))
