"""The tables of the hardware: analog chip, network on chip."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from engine.model.chip_terms import TERMS, AnalogTerms
from engine.model.quantity import Declared, OneOf, about, choice, quantity
from engine.model.topologies import TOPOLOGIES

__all__ = ["AnalogMode", "AnalogSettings", "NocSettings"]


AnalogMode = Literal["ideal", "quantised", "calibrated", "uncalibrated"]
"""From no imperfection of the chip to all of them."""


class AnalogSettings(Declared):
    """The accelerated analog chip, modelled in software."""

    mode: AnalogMode = choice(
        "calibrated",
        "Which imperfections act: none, 6-bit weights only, all after or before calibration.",
        label="Imperfections",
        short="analog mode",
    )
    chip_seed: int = quantity(
        7,
        "",
        "Which chip: the seed of everything fixed at manufacture.",
        low=0,
        high=2**31 - 1,
        label="Chip",
        short="chip",
    )
    run_seed: int | Literal["auto"] = Field(
        "auto",
        description="Which run on that chip: the seed of what is new in every run; 'auto' is the "
        "scenario's seed.",
        json_schema_extra={"unit": ""},
    )
    synapses: Literal["conductance", "current"] = choice(
        "conductance", "Whether a leaky integrate-and-fire circuit's inputs depend on V."
    )
    compartments: Literal["one", "two"] = choice(
        "one",
        "Whether a neuron is one circuit or two coupled ones: a soma, and a passive dendrite where "
        "tracts end.",
    )
    tau_icc: float = quantity(
        5.0,
        "ms",
        "Coupling of soma and dendrite: in this time one takes on the other's voltage.",
        low=0.1,
        high=30.0,
        step=0.5,
        source="range of calix, spiking/neuron.py; value assumed",
    )
    weight_bits: int = quantity(
        6, "bits", "Resolution of a weight; the chip has 6.", low=2, high=8, source="halco synapse.h:509"
    )
    fifo_depth: int = quantity(
        16,
        "events",
        "Events that wait at a bus before it drops more.",
        low=0,
        high=10_000,
        source="assumed: none is published",
    )
    max_split: int = quantity(
        4,
        "rows",
        "Rows that a weight above the largest is spread over.",
        low=1,
        high=16,
        source="grenade build_connection_routing.cpp:32; how many is assumed",
    )
    merge: int | Literal["auto"] = Field(
        "auto",
        description="Circuits that make one neuron, for more inputs; 'auto' takes the fewest.",
        json_schema_extra={"unit": "circuits"},
    )
    neurons_per_hemisphere: int | Literal["auto"] = Field(
        "auto",
        description="Neurons of a region on one half of a chip; 'auto' takes the most that fit.",
        json_schema_extra={"unit": ""},
    )
    weight_scale_local_exc: float = quantity(
        1.0, "x", "Multiplies excitatory weights from inside the region.", low=0.0, high=4.0, step=0.05
    )
    weight_scale_local_inh: float = quantity(
        1.0, "x", "Multiplies inhibitory weights.", low=0.0, high=4.0, step=0.05
    )
    weight_scale_long: float = quantity(
        1.0, "x", "Multiplies weights from other regions.", low=0.0, high=4.0, step=0.05
    )
    bias_offset: float = quantity(
        0.0, "pA", "Constant current into every circuit.", low=-1000.0, high=1000.0, step=5.0
    )
    threshold_offset: float = quantity(
        0.0, "mV", "Added to every circuit's threshold.", low=-20.0, high=20.0, step=0.1
    )
    tau_m_scale: float = quantity(
        1.0, "x", "Multiplies every circuit's membrane time constant.", low=0.25, high=4.0, step=0.05
    )
    terms: AnalogTerms = Field(
        default_factory=AnalogTerms,
        description="How strongly each imperfection acts.",
        json_schema_extra=about(level="none"),
    )
    max_chips: int = quantity(
        24,
        "chips",
        "Chips that may be used.",
        low=1,
        high=100_000,
        source="two backplanes of 12 nodes in a rack, arXiv:2512.03781",
        label="Chips available",
    )

    @model_validator(mode="after")
    def _bounds(self) -> AnalogSettings:
        if self.run_seed != "auto" and not 0 <= self.run_seed < 2**31:
            raise ValueError("run_seed must be 'auto' or from 0 to 2147483647")
        if self.compartments == "two" and self.merge != "auto" and self.merge % 2:
            raise ValueError(f"merge must be even where neurons are two circuits (got {self.merge})")
        for name, most in (("merge", 32), ("neurons_per_hemisphere", 256)):
            if (value := getattr(self, name)) != "auto" and not 1 <= value <= most:
                raise ValueError(f"{name} must be 'auto' or from 1 to {most}")
        return self

    def size(self, term: str) -> float:
        """Size of a term in this mode, as scaled by `terms`, in the term's unit."""
        return TERMS[term].size(self.mode) * float(getattr(self.terms, term))


class NocSettings(Declared):
    """The network on chip that carries the spikes."""

    topology: Annotated[str, OneOf(TOPOLOGIES)] = choice(
        "mesh",
        "How tiles are linked: to four neighbours, the same closed to rings, to six neighbours as "
        "on SpiNNaker, a mesh with a few long links, or nodes of fully linked tiles.",
    )
    size: tuple[int, int] = Field(
        (8, 8), description="Tiles across and down.", json_schema_extra=about(unit="tiles", short="mesh")
    )
    long_links: int = quantity(
        16,
        "links",
        "Most long links of a small world; each is one link in both directions.",
        low=0,
        high=1024,
        step=4,
        source="assumed; a seventh of the wires of an 8 by 8 mesh",
    )
    long_link_law: Literal["traffic", "distance"] = choice(
        "traffic",
        "Where a small world has its long links: where they save most packets times hops, or "
        "drawn with the inverse square of the distance.",
    )
    group_size: int = quantity(
        0, "tiles", "Tiles in one node of a two-level network; 0 for those across.", low=0, high=1024, step=1
    )
    placement: Literal["sequential", "random", "traffic", "metis"] = choice(
        "traffic",
        "How regions are put on tiles: in order, at random, where their packets have short ways, "
        "or cut into groups by METIS and the groups put where their packets have short ways.",
        short="placement",
    )
    keys: Literal["population", "neuron"] = choice(
        "population",
        "Whether a multicast tree serves a whole population or one neuron.",
        label="Multicast trees",
    )
    link_width_bits: int = quantity(
        32,
        "bits",
        "Wires of a directed link: what it passes in one cycle of its clock.",
        low=1,
        high=4096,
        step=8,
        source="assumed; a packet of 32 bits in one cycle",
        label="Link width",
    )
    link_clock_mhz: float = quantity(
        125.0,
        "MHz",
        "Clock of the links.",
        low=0.001,
        high=1e5,
        step=25.0,
        source="one event per 8 ns, the event interface of BrainScaleS-2",
        label="Link clock",
    )
    packet_bits: int = quantity(
        32,
        "bits",
        "Size of a spike's packet; one of SpiNNaker without payload has 40.",
        low=1,
        high=4096,
        step=8,
        source="assumed; a key of 32 bits",
        label="Packet",
    )
    link_rate_mpps: float | Literal["auto"] = Field(
        "auto",
        description="What one directed link carries each second of hardware time; 'auto' is its "
        "width times its clock over the bits of a packet, 6.25 is a SpiNNaker link.",
        json_schema_extra=about(unit="Mpacket/s", label="Link rate"),
    )
    tile_pitch_mm: float = quantity(
        1.0,
        "mm",
        "From a tile to the next; gives links their length, for the estimate of energy.",
        low=0.001,
        high=1000.0,
        step=0.5,
        source="assumed",
        label="Tile pitch",
    )
    tile_neurons: int = quantity(
        1 << 20,
        "",
        "Neurons that a digital tile holds.",
        low=1,
        high=1 << 30,
        step=1024,
        source="assumed, 2 to the 20 so that memory binds first; a Loihi tile of 4 cores has 4,096",
        label="Neurons of a tile",
    )
    tile_chips: int = quantity(
        1024,
        "chips",
        "Analog chips that hang on one tile.",
        low=1,
        high=100_000,
        step=1,
        source="assumed, so that the chips available bind first",
        label="Chips of a tile",
    )
    deadline_ms: float = quantity(
        1.0,
        "ms",
        "Biological time within which a spike must have arrived, else it is late.",
        low=0.1,
        high=100.0,
        step=0.5,
        source="one exchange step",
    )
    drop_after_ms: float = quantity(
        8.0,
        "ms",
        "Biological time a packet waits at a full port before it is dropped.",
        low=1.0,
        high=200.0,
        step=1.0,
        source="assumed; routers that wait, then drop, as SpiNNaker",
    )
    feedback: bool = choice(
        False, "Whether late spikes act late and dropped ones not at all; else they are only counted."
    )
    speedup: float | Literal["auto"] = Field(
        "auto",
        description="Hardware clock over biological time; 'auto' is 1000 when any region is "
        "analog, whose clock cannot be slowed, and 1 otherwise.",
        json_schema_extra=about(unit="x", label="Hardware clock"),
    )

    @model_validator(mode="after")
    def _bounds(self) -> NocSettings:
        if not all(1 <= side <= 32 for side in self.size):
            raise ValueError("size must be two whole numbers from 1 to 32")
        if self.group_size > self.size[0] * self.size[1]:
            raise ValueError("group_size must be at most the number of tiles")
        if self.speedup != "auto" and not 0.001 <= self.speedup <= 1e6:
            raise ValueError("speedup must be 'auto' or from 0.001 to 1000000")
        if not 0.001 <= self.packet_rate_mpps <= 1e6:
            what = "'auto' or" if self.link_rate_mpps != "auto" else "'auto' only for results"
            raise ValueError(
                f"link_rate_mpps must be {what} from 0.001 to 1000000 "
                f"(got {self.packet_rate_mpps:g} Mpacket/s)"
            )
        return self

    @property
    def packet_rate_mpps(self) -> float:
        """Packets that a directed link carries [Mpacket/s of hardware time], 'auto' resolved."""
        if self.link_rate_mpps != "auto":
            return float(self.link_rate_mpps)
        return self.link_width_bits * self.link_clock_mhz / self.packet_bits

    def acting(self) -> dict[str, Any]:
        """What differs from the defaults and acts: a link's rate, not what it is made of."""
        made_of = {"link_width_bits", "link_clock_mhz", "link_rate_mpps"}
        data = self.model_dump(mode="json", exclude=made_of, exclude_defaults=True)
        if self.packet_rate_mpps != NocSettings().packet_rate_mpps:
            data["link_rate_mpps"] = self.packet_rate_mpps
        return data

    @property
    def max_lateness(self) -> int:
        """Exchange steps that a spike may act late."""
        return math.ceil(self.drop_after_ms) if self.feedback else 0
