"""Network: regions, their populations and how likely they listen to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from engine.amounts import number
from engine.brain.connectome import Connectome
from engine.errors import ParameterError, nearest_hint
from engine.model.microcircuit import IS_EXCITATORY, column_sizes
from engine.model.neurons import NEURONS
from engine.registry import at
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning
from engine.scenario.tuning_file import load_tuning

__all__ = [
    "COLUMN",
    "SHARE_LOCAL_E",
    "SHARE_LOCAL_I",
    "Network",
    "dtb_sizes",
    "microcircuit_sizes",
    "neurons_of",
]

COLUMN = "column"  # stands for a neuron where a region's inside is a cortical column

# Where the inputs of a neuron come from (DTB reference engine, _add_laminar_cortex_model).
SHARE_LOCAL_E = 4 / 7
SHARE_LOCAL_I = 1 / 7
EXCITATORY_SHARE = 0.8

_REGION_BITS = 20  # an address is the region's place in the connectome, then the neuron's in it
_MAX_LOCAL_FILL = 0.9


@dataclass(frozen=True, eq=False)
class Network:
    """Everything that is simulated, before a single synapse is drawn.

    Regions that are off are not in it. Neurons are numbered region by region and, inside a region,
    population by population; population ``r * n_kinds + k`` is region r's of kind k. What has an
    entry a neuron is worked out where it is first asked for, so that laying out regions takes no
    time. All arrays are read only.

    Attributes
    ----------
    labels : tuple of str
        The simulated regions, in the connectome's order.
    region_index : (n_regions,) int64
        Their places in the connectome.
    backend : tuple of str
        "digital" or "analog", one a region.
    kinds : tuple of str
        Names of a region's populations: ("E", "I"), or a column's eight.
    kind_is_excitatory : (n_kinds,) bool
    sizes : (n_regions, n_kinds) int64
        Neurons of each population.
    probability : (n_regions, n_regions) float64
        Row i: which region a long-range input of region i comes from; rows sum to 1, or to 0
        where there is no source.
    delay_steps : (n_regions, n_regions) uint8 or None
        Long-range delay from column to row in exchange steps of 1 ms; None where all are one.
    lesion : (n_regions, n_regions) float64
        Share of long-range synapses cut, from column to row.
    in_degree : int
    tuning : Tuning or None
        Factors of synapses and a current a region, of the regions in their order.
    neurons : (n_regions, n_kinds) str
        Which neuron each population has, by the names of `engine.model.neuron_choice`; `COLUMN`
        where a region of the recipe `dtb` is a column inside.
    """

    labels: tuple[str, ...]
    region_index: np.ndarray
    backend: tuple[str, ...]
    kinds: tuple[str, ...]
    kind_is_excitatory: np.ndarray
    sizes: np.ndarray
    probability: np.ndarray
    delay_steps: np.ndarray | None
    lesion: np.ndarray
    in_degree: int
    neurons: np.ndarray
    tuning: Tuning | None = None

    def __repr__(self) -> str:
        return f"<Network: {self.n_regions} regions, {self.n_neurons:,} neurons>"

    @property
    def n_regions(self) -> int:
        """Simulated regions."""
        return len(self.labels)

    @property
    def n_neurons(self) -> int:
        """Simulated neurons."""
        return int(self.sizes.sum())

    @property
    def n_kinds(self) -> int:
        """Populations of a region."""
        return len(self.kinds)

    @property
    def n_populations(self) -> int:
        """Populations of all regions."""
        return self.n_kinds * self.n_regions

    @property
    def n_exc(self) -> np.ndarray:
        """(n_regions,) int64, excitatory neurons of each region."""
        return self.sizes[:, self.kind_is_excitatory].sum(axis=1)

    @property
    def n_inh(self) -> np.ndarray:
        """(n_regions,) int64, inhibitory neurons of each region."""
        return self.sizes[:, ~self.kind_is_excitatory].sum(axis=1)

    @property
    def region_sizes(self) -> np.ndarray:
        """(n_regions,) int64, neurons of each region."""
        return self.sizes.sum(axis=1)

    @cached_property
    def region_start(self) -> np.ndarray:
        """(n_regions,) int64, first neuron of each region."""
        return _frozen(np.concatenate([[0], np.cumsum(self.region_sizes)[:-1]]).astype(np.int64))

    @cached_property
    def region_of(self) -> np.ndarray:
        """(n_neurons,) int32."""
        return _frozen(np.repeat(np.arange(self.n_regions, dtype=np.int32), self.region_sizes))

    @cached_property
    def kind_of(self) -> np.ndarray:
        """(n_neurons,) int8."""
        kinds = np.tile(np.arange(self.n_kinds, dtype=np.int8), self.n_regions)
        return _frozen(np.repeat(kinds, self.sizes.ravel()))

    @cached_property
    def is_excitatory(self) -> np.ndarray:
        """(n_neurons,) bool."""
        return _frozen(self.kind_is_excitatory[self.kind_of])

    @cached_property
    def address(self) -> np.ndarray:
        """(n_neurons,) uint32, for random numbers: the same whichever other regions are simulated."""
        local = np.arange(self.n_neurons) - self.region_start[self.region_of]
        return _frozen(((self.region_index[self.region_of] << _REGION_BITS) + local).astype(np.uint32))

    @property
    def population_of(self) -> np.ndarray:
        """(n_neurons,) int32, population of each neuron."""
        return self.n_kinds * self.region_of + self.kind_of

    @property
    def population_sizes(self) -> np.ndarray:
        """(n_populations,) int64."""
        return self.sizes.ravel()

    @property
    def population_region(self) -> np.ndarray:
        """(n_populations,) int64, simulated region of each population."""
        return np.repeat(np.arange(self.n_regions), self.n_kinds)

    @property
    def population_is_excitatory(self) -> np.ndarray:
        """(n_populations,) bool."""
        return np.tile(self.kind_is_excitatory, self.n_regions)

    @property
    def is_column(self) -> np.ndarray:
        """(n_regions,) bool, regions of the recipe `dtb` whose inside is a column."""
        return (self.neurons == COLUMN).any(axis=1)

    @property
    def is_analog(self) -> np.ndarray:
        """(n_regions,) bool."""
        return np.array([b == "analog" for b in self.backend], bool)

    @classmethod
    def of(cls, scenario: Scenario, connectome: Connectome) -> Network:
        """The network of a scenario, laid out once for an equal scenario of the same connectome.

        Raises
        ------
        ParameterError
            A label is unknown, every region is off, or a region is too small for its inputs.
        DataError
            The tuning is not there, or lacks a region.
        """
        return _laid_out(scenario, connectome)

    @classmethod
    def _of(cls, scenario: Scenario, connectome: Connectome) -> Network:
        backends = scenario.backend_of(connectome.labels)
        on = np.array([b != "off" for b in backends], bool)
        if not on.any():
            raise ParameterError(
                "regions: at least one must be digital or analog (got all off). Switch a region on."
            )
        index = np.flatnonzero(on)
        labels = [connectome.labels[i] for i in index]
        recipe = scenario.recipe
        kinds, is_excitatory = recipe.populations, np.array(recipe.is_excitatory, bool)
        sizes = at(recipe.sizes)(scenario, labels, region_sizes(scenario, connectome)[index])
        return cls(
            labels=tuple(labels),
            region_index=_frozen(index),
            backend=tuple(backends[i] for i in index),
            kinds=kinds,
            kind_is_excitatory=_frozen(is_excitatory),
            sizes=_frozen(sizes),
            probability=_frozen(
                connectome.probability(on, scenario.network.connectome_weights)[np.ix_(index, index)]
            ),
            delay_steps=_delay_steps(scenario, connectome, index),
            lesion=_frozen(_lesion_matrix(scenario, labels)),
            in_degree=scenario.network.in_degree,
            neurons=_frozen(neurons_of(scenario, labels, is_excitatory)),
            tuning=_tuning_of(scenario, tuple(labels)),
        )


@lru_cache(maxsize=8)
def _laid_out(scenario: Scenario, connectome: Connectome) -> Network:
    return Network._of(scenario, connectome)


def _frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array


def _tuning_of(scenario: Scenario, labels: tuple[str, ...]) -> Tuning | None:
    text = scenario.network.tuning
    if text:
        return load_tuning(text).of_regions(labels)
    return Tuning.neutral(labels) if scenario.network.settling.duration else None


def neurons_of(scenario: Scenario, labels: list[str], is_excitatory: np.ndarray) -> np.ndarray:
    """(n_regions, n_kinds) str, the neurons of regions that are on.

    Raises
    ------
    ParameterError
        A backend has no such neuron, or a stimulus needs another.
    """
    network = scenario.network
    kinds = np.where(is_excitatory, network.excitatory_neuron, network.inhibitory_neuron)
    longest = max(map(len, (*NEURONS.names, COLUMN)))
    neurons = np.tile(kinds.astype(f"U{longest}"), (len(labels), 1))
    listed = set(scenario.regions.analog)
    if scenario.regions.default == "analog":
        listed |= set(labels) - set(scenario.regions.digital)
    analog = [label in listed for label in labels]
    neurons[analog] = "lif"
    for label in network.columns:
        if label not in labels:
            continue
        if analog[labels.index(label)]:
            raise ParameterError(
                f"network.columns: must be digital regions (got {label}, which is analog). Make it "
                "digital or take it out of the columns."
            )
        neurons[labels.index(label)] = COLUMN
    for i, choice in enumerate(scenario.neuron):
        if choice.region not in labels:
            continue
        region = labels.index(choice.region)
        if COLUMN in neurons[region]:
            raise ParameterError(
                f"neuron.{i}.region: must not be a column, whose populations have their own "
                f"neurons (got {choice.region}). Remove one of the two."
            )
        if analog[region] and not NEURONS[choice.model].circuit:
            circuits = ", ".join(neuron.name for neuron in NEURONS if neuron.circuit)
            raise ParameterError(
                f"neuron.{i}.model: must be one of {circuits} on an analog region, whose "
                f"circuits are no other (got '{choice.model}' in {choice.region}). Make the region "
                "digital, choose one of them, or set analog.compartments to 'two'."
            )
        chosen = {"E": is_excitatory, "I": ~is_excitatory, "all": np.full(is_excitatory.size, True)}
        neurons[region, chosen[choice.population]] = choice.model
    for i, stimulus in enumerate(scenario.stimulus):
        if stimulus.compartment == "apical" and stimulus.region in labels:
            region = labels.index(stimulus.region)
            if not any(NEURONS[name].has_dendrite for name in neurons[region] if name != COLUMN):
                with_dendrite = " or ".join(neuron.name for neuron in NEURONS if neuron.has_dendrite)
                raise ParameterError(
                    f"stimulus.{i}.compartment: must be soma where no neuron has a dendrite (got "
                    f"'apical' in {stimulus.region}). Give the region {with_dendrite} "
                    "neurons."
                )
    for i, rule in enumerate(scenario.plasticity):
        if rule.target in network.columns and rule.target in labels:
            raise ParameterError(
                f"plasticity.{i}.target: must not be a column (got {rule.target}). Take it out of "
                "network.columns or remove the rule."
            )
        reward = rule.chip.reward_region
        on_chip = rule.target in labels and analog[labels.index(rule.target)]
        if on_chip and reward and reward not in labels:
            raise ParameterError(
                f"plasticity.{i}.chip.reward_region: must be a region that is on (got "
                f"'{reward}'). " + nearest_hint(reward, labels)
            )
    return neurons


def microcircuit_sizes(scenario: Scenario, labels: Sequence[str], totals: np.ndarray) -> np.ndarray:
    """(n_regions, 8) int64, neurons of every population of a column."""
    return np.array([column_sizes(int(n)) for n in totals])


def dtb_sizes(scenario: Scenario, labels: Sequence[str], totals: np.ndarray) -> np.ndarray:
    """(n_regions, 2) int64, excitatory and inhibitory neurons.

    Raises
    ------
    ParameterError
        A region is too small for its inputs.
    """
    n_exc = np.round(EXCITATORY_SHARE * totals).astype(np.int64)
    is_column = np.isin(labels, scenario.network.columns)
    n_exc[is_column] = column_sizes(scenario.network.column_neurons)[IS_EXCITATORY].sum()
    n_inh = totals - n_exc
    if not is_column.all():
        _check_fill(scenario, n_exc[~is_column], n_inh[~is_column])
    return np.column_stack([n_exc, n_inh])


def region_sizes(scenario: Scenario, connectome: Connectome) -> np.ndarray:
    """(n_regions of the connectome,) int64, neurons in each region were it on.

    Returns
    -------
    (n_regions,) int64
    """
    sizes = _sizes_without_columns(scenario, connectome)
    if scenario.network.columns:
        is_column = np.isin(connectome.labels, scenario.network.columns)
        sizes[is_column] = column_sizes(scenario.network.column_neurons).sum()
    return sizes


def _sizes_without_columns(scenario: Scenario, connectome: Connectome) -> np.ndarray:
    n = connectome.n_regions
    mean = scenario.network.neurons_per_region
    if scenario.network.sizes == "equal":
        return np.full(n, mean, np.int64)
    if connectome.volumes is None:
        raise ParameterError(
            f"network.sizes: must be 'equal' for {connectome.name}, which has no region volumes "
            "(got 'volume')."
        )
    sizes = np.round(mean * connectome.volumes / connectome.volumes.mean()).astype(np.int64)
    smallest = min(mean, max(10, round(2.0 * scenario.network.in_degree)))
    sizes = np.maximum(sizes, smallest)
    if sizes.max() >= 1 << _REGION_BITS:
        raise ParameterError(
            f"network.neurons_per_region: largest region must stay below {1 << _REGION_BITS} "
            f"neurons (got {sizes.max()})."
        )
    return sizes


def _check_fill(scenario: Scenario, n_exc: np.ndarray, n_inh: np.ndarray) -> None:
    k = scenario.network.in_degree
    need = max(
        SHARE_LOCAL_E * k / (_MAX_LOCAL_FILL * EXCITATORY_SHARE),
        SHARE_LOCAL_I * k / (_MAX_LOCAL_FILL * (1 - EXCITATORY_SHARE)),
    )
    if k and int((n_exc + n_inh).min()) < need:
        raise ParameterError(
            f"network.neurons_per_region: must be at least {int(np.ceil(need / 10) * 10)} for an "
            f"in-degree of {k}, because inputs are drawn without replacement (got "
            f"{int((n_exc + n_inh).min())}). Lower network.in_degree or raise the region size."
        )


def _delay_steps(scenario: Scenario, connectome: Connectome, index: np.ndarray):
    if scenario.network.delays == "none":
        return None
    lengths = connectome.tract_lengths[np.ix_(index, index)]
    steps = np.maximum(1, np.round(lengths / scenario.network.velocity))
    if steps.max() > 255:
        raise ParameterError(
            f"network.velocity: longest delay must be at most 255 ms (got {steps.max():.0f} ms). "
            f"Use at least {number(lengths.max() / 255, 2)} mm/ms."
        )
    return _frozen(steps.astype(np.uint8))


def _lesion_matrix(scenario: Scenario, labels: list[str]) -> np.ndarray:
    keep = np.ones((len(labels), len(labels)))
    for lesion in scenario.lesion:
        if lesion.region not in labels:
            continue
        i = labels.index(lesion.region)
        if lesion.scope in ("efferent", "both"):
            keep[:, i] *= 1.0 - lesion.fraction
        if lesion.scope in ("afferent", "both"):
            keep[i, :] *= 1.0 - lesion.fraction
    return 1.0 - keep
