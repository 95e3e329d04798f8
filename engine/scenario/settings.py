"""The tables of the brain: network, regions."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from engine.errors import RulesError
from engine.model.ions import IonParameters
from engine.model.lif import DtbParameters
from engine.model.microcircuit import MicrocircuitParameters
from engine.model.neurons import NeuronName, NeuronTables
from engine.model.quantity import Declared, OneOf, about, choice, quantity
from engine.model.recipes import RECIPES
from engine.model.settling import SettlingParameters

__all__ = ["BACKENDS", "NetworkSettings", "RegionSettings"]

Backend = Literal["digital", "analog", "off"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)

_JOINED = {"recipe": "is_joined"}


class NetworkSettings(NeuronTables):
    """What stands inside every region and between regions."""

    recipe: Annotated[str, OneOf(RECIPES)] = choice(
        "dtb",
        "What fills a region: the digital twin brain's excitatory and inhibitory population, or a "
        "cortical column of eight populations.",
        label="Inside a region",
        pictured=True,
    )
    neurons_per_region: int = quantity(
        240,
        "",
        "Mean number of neurons in a region, excitatory to inhibitory 4:1.",
        low=10,
        high=100_000,
        step=10,
        short="neurons per region",
        pictured=True,
    )
    in_degree: int = quantity(
        100,
        "",
        "Inputs of a neuron: 4/7 local excitatory, 1/7 local inhibitory, 2/7 long-range.",
        low=0,
        high=2_000,
        step=10,
        source="DTB reference engine, 'hard setting'",
        label="Inputs per neuron",
        where=_JOINED,
        short="inputs",
        acts="branch",
    )
    sizes: Literal["equal", "volume"] = choice(
        "equal",
        "Regions of equal size, or in proportion to their volume.",
        label="Region sizes",
        where=_JOINED,
        pictured=True,
    )
    delays: Literal["none", "tract"] = choice(
        "none", "Spikes act at the next 1 ms exchange, or after tract length / velocity.", where=_JOINED
    )
    velocity: float = quantity(
        3.0,
        "mm/ms",
        "Conduction velocity of long-range fibres.",
        low=1.0,
        high=120.0,
        step=0.5,
        source="The Virtual Brain's default",
        label="Conduction velocity",
        where=_JOINED,
    )
    connectome_weights: Literal["raw", "log"] = choice(
        "raw",
        "Long-range inputs in proportion to the connectome's weights, or to log(1 + weight), which gives "
        "weak tracts synapses too.",
        options={"raw": "as they are", "log": "log(1 + weight)"},
        label="Weights of tracts",
        where=_JOINED,
    )
    tuning: str = Field(
        "",
        max_length=500,
        description="Factors of tracts and of local inhibition that fit the brain to data: a shipped tuning "
        "by name, or a file that dtb fit has written; none where empty.",
        json_schema_extra=about(short="tuning", where=_JOINED, level="none"),
    )
    coupling: float = quantity(
        1.0,
        "",
        "Multiplies every long-range weight.",
        low=0.0,
        high=20.0,
        step=0.05,
        acts="live",
        slider=(0.0, 3.0, 0.05),
        level="none",
    )
    learning: bool = choice(
        True,
        "Whether what learns changes: weights of synapses, and factors by which neurons scale what excites "
        "them. Switched off during a run they stay as they are, and go on from there when it is on again.",
        where=_JOINED,
        acts="live",
        level="none",
    )
    wiring_seed: int | Literal["run"] = Field(
        "run",
        description="Seed of the connectivity alone; 'run' takes the seed of the run, a number "
        "keeps the synapses while the noise changes.",
        json_schema_extra=about(acts="branch", level="none"),
    )
    columns: tuple[str, ...] = Field(
        (),
        max_length=500,
        description="Labels of digital regions whose inside is a cortical column (recipe dtb).",
        json_schema_extra=about(short="column in", pictured=True, level="none"),
    )
    column_neurons: int = quantity(
        7717,
        "",
        "Neurons of such a column; 77169 is the whole circuit.",
        low=500,
        high=80_000,
        step=100,
        source="a tenth of Potjans & Diesmann 2014",
        label="Neurons of a column",
        heading="Column inside",
        pictured=True,
    )
    excitatory_neuron: NeuronName = choice(
        "lif",
        "Neuron of excitatory populations on digital regions; [[neuron]] sets single regions.",
        label="Excitatory neurons",
        where=_JOINED,
    )
    inhibitory_neuron: NeuronName = choice(
        "lif",
        "Neuron of inhibitory populations on digital regions.",
        label="Inhibitory neurons",
        where=_JOINED,
    )
    settling: SettlingParameters = Field(
        default_factory=SettlingParameters,
        description="Local inhibition that follows the rates of regions while a run begins.",
        json_schema_extra=about(level="none"),
    )
    ions: IonParameters = Field(
        default_factory=IonParameters,
        description="Chloride and potassium that activity moves in digital neurons.",
        json_schema_extra=about(level="none", where=_JOINED),
    )
    parameters: DtbParameters = Field(
        default_factory=DtbParameters,
        description="Neuron, synapse and background of the recipe dtb.",
        json_schema_extra=about(acts="branch", level="full", heading="LIF and synapses"),
    )
    microcircuit: MicrocircuitParameters = Field(
        default_factory=MicrocircuitParameters,
        description="Neuron, synapse and background of the recipe microcircuit.",
        json_schema_extra=about(acts="branch", level="full", heading="Column"),
    )

    @model_validator(mode="after")
    def _wiring(self) -> NetworkSettings:
        if self.wiring_seed != "run" and not 0 <= self.wiring_seed < 2**31:
            raise ValueError(f"wiring_seed must be 'run' or from 0 to {2**31 - 1}")
        return self


class RegionSettings(Declared):
    """Which backend each region runs on."""

    default: Backend = choice("digital", "Backend of every region not listed below.")
    digital: tuple[str, ...] = Field((), description="Labels of digital regions.")
    analog: tuple[str, ...] = Field((), description="Labels of analog regions.")
    off: tuple[str, ...] = Field((), description="Labels of regions left out.")

    @model_validator(mode="after")
    def _listed_once(self) -> RegionSettings:
        seen: dict[str, str] = {}
        twice = []
        for name in BACKENDS:
            for label in getattr(self, name):
                if label in seen:
                    twice.append(f"'{label}' is listed under {seen[label]} and {name}")
                seen[label] = name
        if twice:
            raise RulesError(twice)
        return self
