"""Names of regions inside sentences."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from engine import load_connectome
from engine.noc.fabric import Fabric
from engine.scenario.presets import preset
from layouts.explorer.brain_map import BrainMapView
from layouts.noc.load import Load, Senders
from layouts.noc.sentences import busiest
from layouts.region_names import mid_sentence
from layouts.scene import Scene
from layouts.theme import LIGHT

CONNECTOME = load_connectome("dk84")
LABELS = tuple(f"rA{i}" for i in range(84))
LABELLED = dataclasses.replace(CONNECTOME, names=CONNECTOME.labels)


@pytest.mark.parametrize(
    ("name", "label", "said"),
    [
        ("B", "B", "B"),
        ("Thalamus", "Thalamus", "Thalamus"),
        ("rA1", "rA1", "rA1"),
        ("Lingual gyrus of Gratiolet", "L.X9", "lingual gyrus of Gratiolet"),
        ("V1, left", "L.V1", "V1, left"),
        ("Ñandú", "Ñandú", "Ñandú"),
    ],
)
def test_labels_keep_their_case_and_names_in_words_lose_a_capital(name, label, said):
    one = dataclasses.replace(
        CONNECTOME, names=(name, *CONNECTOME.names[1:]), labels=(label, *CONNECTOME.labels[1:])
    )
    assert mid_sentence(one, 0) == said


def test_the_sentences_of_brain_and_chip_keep_the_labels_of_a_file():
    scenario = preset("whole-brain-at-rest")
    scene = dataclasses.replace(Scene.sketch(scenario, CONNECTOME), connectome=LABELLED)
    view = BrainMapView(LIGHT, None)
    view.lay_out(scene)
    network = scene.network
    counts = np.zeros((1000, network.n_populations), np.uint16)  # the later a region, the higher its rate
    counts[0] = network.population_sizes * (1 + network.population_region)
    view.show(SimpleNamespace(counts=counts, duration_ms=1000, transient_ms=0))
    first, last = CONNECTOME.labels[0], CONNECTOME.labels[-1]
    assert last in view.sentence
    assert first in view.sentence
    fabric: Fabric = scene.fabric
    senders = Senders(scene)
    links = np.zeros(fabric.topology.n_links, np.int64)
    links[np.argmax(senders.routes(np.ones(84, bool)))] = 5
    none = np.zeros(fabric.topology.n_tiles, np.int64)
    said = busiest(scene, senders, Load(1000, links, none, none), senders.neurons.astype(float))
    assert any(label in said for label in CONNECTOME.labels)
