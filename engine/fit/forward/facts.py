"""What forward models need to know of a network, apart from its spikes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.brain.network import SHARE_LOCAL_E, SHARE_LOCAL_I, Network
from engine.model.lif import DtbParameters
from engine.model.microcircuit import Column, MicrocircuitParameters
from engine.scenario.scenario import Scenario

__all__ = ["NetworkFacts", "SynapticWeights"]

_MEAN_WEIGHT = 0.5  # weights are uniform between 0 and the full one


@dataclass(frozen=True, eq=False)
class SynapticWeights:
    """By how much spikes move the mean current onto the excitatory neurons of regions.

    Attributes
    ----------
    ampa, gaba : (n_regions, n_populations) float64 [pA]
        Of one spike of a population; sizes, so both are positive.
    tau_ampa, tau_gaba : float [ms]
    """

    ampa: np.ndarray
    gaba: np.ndarray
    tau_ampa: float
    tau_gaba: float


@dataclass(frozen=True, eq=False)
class NetworkFacts:
    """What forward models need to know of a network, apart from its spikes.

    Attributes
    ----------
    labels : tuple of str
        Of the regions.
    region_of : (n_populations,) int64
    is_excitatory : (n_populations,) bool
    sizes : (n_populations,) int64
        Neurons.
    weights : SynapticWeights
        An approximation by in-degrees.
    seed : int
        Of what is random in an instrument.
    """

    labels: tuple[str, ...]
    region_of: np.ndarray
    is_excitatory: np.ndarray
    sizes: np.ndarray
    weights: SynapticWeights
    seed: int

    @property
    def n_regions(self) -> int:
        """Regions."""
        return len(self.labels)

    @property
    def n_excitatory(self) -> np.ndarray:
        """(n_regions,) int64, excitatory neurons of every region."""
        sizes = np.where(self.is_excitatory, self.sizes, 0)
        return np.bincount(self.region_of, sizes, self.n_regions).astype(np.int64)

    @classmethod
    def of(cls, network: Network, scenario: Scenario) -> NetworkFacts:
        """Those of a network that was laid out for a scenario.

        All regions are taken to have the synapses of the scenario's recipe, whatever their neurons,
        and the coupling it began with.
        """
        parameters = scenario.recipe_parameters
        if isinstance(parameters, MicrocircuitParameters):
            weights = _column_weights(network, parameters, scenario.network.neurons_per_region)
        else:
            weights = _brain_weights(network, parameters, scenario.network.coupling)
        return cls(
            network.labels,
            network.population_region,
            network.population_is_excitatory,
            network.population_sizes,
            weights,
            scenario.seed,
        )


def _brain_weights(network: Network, p: DtbParameters, coupling: float) -> SynapticWeights:
    """Conductances times the driving force half way between reset and threshold."""
    v = 0.5 * (p.v_reset + p.v_thresh)
    full_ampa, full_gaba = p.g_ampa * abs(p.e_ampa - v), p.g_gaba_a * abs(p.e_gaba_a - v)
    share_long = 1.0 - SHARE_LOCAL_E - SHARE_LOCAL_I
    near = np.eye(network.n_regions)
    far = share_long * coupling * network.probability * (1.0 - network.lesion)
    excitatory = network.in_degree * (SHARE_LOCAL_E * near + far) / np.maximum(network.n_exc, 1)
    inhibitory = network.in_degree * SHARE_LOCAL_I * near / np.maximum(network.n_inh, 1)
    source, kind = network.population_region, network.population_is_excitatory
    ampa = np.where(kind, _MEAN_WEIGHT * full_ampa * excitatory[:, source], 0.0)
    gaba = np.where(kind, 0.0, _MEAN_WEIGHT * full_gaba * inhibitory[:, source])
    return SynapticWeights(ampa, gaba, p.tau_ampa, p.tau_gaba_a)


def _column_weights(network: Network, p: MicrocircuitParameters, mean_size: int) -> SynapticWeights:
    """Currents of the columns' own synapses, the mean over their excitatory populations."""
    n, kinds = network.n_regions, network.kind_is_excitatory
    ampa, gaba = np.zeros((n, network.n_populations)), np.zeros((n, network.n_populations))
    for r in range(n):
        column = Column.of(p, network.sizes[r], mean_size)
        of_pair = column.synapses * np.abs(column.weight) / column.sizes
        onto_excitatory = of_pair[kinds].sum(axis=0) / column.sizes[kinds].sum()
        own = slice(network.n_kinds * r, network.n_kinds * (r + 1))
        ampa[r, own] = np.where(kinds, onto_excitatory, 0.0)
        gaba[r, own] = np.where(kinds, 0.0, onto_excitatory)
    return SynapticWeights(ampa, gaba, p.tau_syn, p.tau_syn)
