"""What a scenario does to its regions, as a view marks it and as a sentence says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from engine.amounts import number
from engine.brain.connectome import Connectome
from engine.scenario.scenario import Scenario
from layouts.region_names import mid_sentence

__all__ = ["Marks", "Stretch"]

_FIBRES = {
    "both": "all its tracts",
    "efferent": "the tracts that leave it",
    "afferent": "the tracts that reach it",
}


@dataclass(frozen=True)
class Stretch:
    """A stimulus: a region (place in the connectome) and a span of time [s]."""

    region: int
    start: float
    stop: float


@dataclass(frozen=True)
class Marks:
    """Stimuli, lesions, a focus, learning, other neurons and columns of a scenario.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    """

    scenario: Scenario
    connectome: Connectome

    def _places(self, labels: Iterable[str]) -> list[int]:
        known = self.connectome.labels
        return [known.index(label) for label in dict.fromkeys(labels) if label in known]

    @cached_property
    def stimuli(self) -> list[Stretch]:
        """Every stimulus, no longer than the run."""
        end = self.scenario.duration
        known = self.connectome.labels
        return [
            Stretch(known.index(s.region), s.start / 1000.0, min(s.stop, end) / 1000.0)
            for s in self.scenario.stimulus
            if s.region in known and s.start < min(s.stop, end)
        ]

    @cached_property
    def stimulated(self) -> list[int]:
        """Regions with a stimulus, in the order of the scenario."""
        return list(dict.fromkeys(s.region for s in self.stimuli))

    @cached_property
    def lesioned(self) -> list[int]:
        """Regions whose tracts are cut."""
        return self._places(x.region for x in self.scenario.lesion if x.fraction > 0)

    @cached_property
    def words(self) -> dict[int, str]:
        """One word for each region that something is done to, or that is made otherwise."""
        found: dict[int, list[str]] = {}
        network = self.scenario.network
        columns = network.columns if self.scenario.recipe.is_joined else ()
        for word, regions in (
            ("lesion", self.lesioned),
            ("stimulus", self.stimulated),
            ("focus", self._places(f.region for f in self.scenario.focus)),
            ("learns", self._places(p.target for p in self.scenario.plasticity)),
            ("column", self._places(columns)),
        ):
            for region in regions:
                found.setdefault(region, []).append(word)
        for choice in self.scenario.neuron:
            for region in self._places([choice.region]):
                found.setdefault(region, []).append(choice.model.replace("_", " "))
        return {region: " · ".join(dict.fromkeys(said)) for region, said in found.items()}

    @cached_property
    def sentence(self) -> str:
        """What the scenario does, in a sentence or two; "" where it leaves the brain alone."""
        said = [self._lesions(), self._stimuli(), self._focus(), self._others(), self._network()]
        return " ".join(s for s in said if s)

    def _named(self, regions: list[int]) -> str:
        if len(regions) > 2:
            return f"{len(regions)} regions"
        return " and ".join(mid_sentence(self.connectome, r) for r in regions)

    def _lesions(self) -> str:
        if not self.lesioned:
            return ""
        lesions = [x for x in self.scenario.lesion if x.fraction > 0]
        kinds = {(x.scope, x.fraction) for x in lesions}
        who = self._named(self.lesioned)
        if len(self.lesioned) > 1 or len(kinds) > 1:
            return f"Lesion of {who} (×)."
        scope, fraction = kinds.pop()
        share = "" if fraction == 1 else f"{number(100 * fraction)} % of "
        return f"Lesion of {who} (×): {share}{_FIBRES[scope]} are cut (dashed)."

    def _stimuli(self) -> str:
        if not self.stimuli:
            return ""
        spans = {(s.start, s.stop) for s in self.stimuli}
        when = ""
        if len(spans) == 1:
            start, stop = spans.pop()
            when = f" from {number(start, 4)} to {number(stop, 4)} s"
        return f"Stimulus to {self._named(self.stimulated)}{when} (▲)."

    def _focus(self) -> str:
        regions = self._places(f.region for f in self.scenario.focus)
        return f"Inhibition is soon exhausted in {self._named(regions)} (◆)." if regions else ""

    def _others(self) -> str:
        network = self.scenario.network
        said = []
        if self.scenario.plasticity:
            targets = self._places(p.target for p in self.scenario.plasticity)
            said.append(f"Synapses onto {self._named(targets)} learn (◆).")
        if network.columns and self.scenario.recipe.is_joined:
            who = self._named(self._places(network.columns))
            said.append(f"A cortical column stands for {who} (◆).")
        if self.scenario.neuron:
            regions = self._places(c.region for c in self.scenario.neuron)
            models = {c.model.replace("_", "-") for c in self.scenario.neuron}
            which = f"{models.pop()} neurons" if len(models) == 1 else "other neurons"
            said.append(f"{which.capitalize()} in {self._named(regions)} (◆).")
        return " ".join(said)

    def _network(self) -> str:
        if not self.scenario.noc.feedback:
            return ""
        return "Spikes that the network on chip delays or drops arrive late or never."
