"""What comes in kinds takes one more: a toy of each kind, walked from the scenario to the export."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import panel as pn
import pytest

from dtb_app.cli import main
from dtb_app.controls.parameter_form import hardware_sections, model_sections
from dtb_app.explorer.tabs import Tabs
from dtb_app.pages import EXPLORER, PAGES, DeepPage, PageEntry
from dtb_app.pages.fit import SECTIONS
from engine import ParameterError, Scenario, Simulation, capacity_of, load_connectome
from engine.backends.digital.lif import LifCells
from engine.brain.network import dtb_sizes
from engine.export.nest import nest_script
from engine.export.run_folder import RunFolder
from engine.export.run_report import report_html
from engine.fit import METRICS, Metric, TableRow
from engine.fit.forward import BALLOONS, INDICATORS, KERNELS, SIGNALS, Signal
from engine.model.neuron import Neuron
from engine.model.neurons import NEURONS
from engine.model.recipes import RECIPES, Recipe
from engine.model.topologies import TOPOLOGIES, TopologyKind
from engine.noc.studies.side_by_side import side_by_side
from engine.noc.topology.topology import Topology
from engine.registry import Registry
from layouts.explorer.brain_map import BrainMapView
from layouts.explorer.fit_panel import FitPanel
from layouts.explorer.run_table import compare
from layouts.noc.map import NocMapView
from layouts.noc.small_maps import SmallMaps
from layouts.scene import Scene
from layouts.theme import LIGHT

HERE = "tests.contract.registries_test"
CONNECTOME = load_connectome("dk84")
BASE = {"duration": 300.0, "transient": 50.0, "regions": {"default": "off", "digital": ["L.TH", "L.SFG"]}}
REGISTRIES = [NEURONS, TOPOLOGIES, METRICS, RECIPES, PAGES, SECTIONS, SIGNALS, BALLOONS, INDICATORS, KERNELS]


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.what)
def test_an_unknown_name_is_refused_and_the_known_ones_are_listed(registry):
    assert len(set(registry.names)) == len(registry) > 1
    with pytest.raises(ParameterError, match=f"must be a known one .got 'nobody'.*{registry.names[0]}"):
        registry["nobody"]
    with pytest.raises(ValueError, match="two records"):
        registry.add(registry[registry.names[0]])


@pytest.mark.parametrize("key", ["network.excitatory_neuron", "network.recipe", "noc.topology"])
def test_a_scenario_refuses_a_name_that_no_record_has(key):
    with pytest.raises(ParameterError, match=f"{key}: must be '.*got 'nobody'"):
        Scenario().with_values({key: "nobody"})


def test_a_record_is_there_while_it_is_tried_out_and_no_longer():
    registry: Registry[SimpleNamespace] = Registry("toy", [SimpleNamespace(name="a", label="A")])
    labels = registry.labels
    with registry.also(SimpleNamespace(name="b", label="B")):
        assert (registry.names, dict(labels)) == (("a", "b"), {"a": "A", "b": "B"})
    assert "b" not in registry
    assert list(labels) == ["a"]


def walk(values, tmp_path, **more):
    """Capacity, run, a picture, the folder of the run, the report; the recording and the folder."""
    scenario = Scenario(**{**BASE, **values})
    again = Scenario.from_toml(scenario.to_toml())
    assert again == scenario
    assert capacity_of(scenario, CONNECTOME).memory_mb > 0
    simulation = Simulation(scenario, CONNECTOME)
    recording = simulation.run()
    view = BrainMapView(LIGHT, None)
    view.lay_out(Scene.of(simulation))
    view.show(recording)
    assert recording.spike_ids.size > 100
    assert "fires" in view.sentence
    recording.write(tmp_path / "run")
    folder = RunFolder.read(tmp_path / "run")
    assert folder.scenario == scenario
    assert "<table" in report_html(folder.run, folder.scenario.to_toml())
    return recording, folder


def labels_of(sections, key):
    """What a form calls the names of a choice."""
    return next(field["labels"] for s in sections for field in s["fields"] if field["key"] == key)


# ---- a neuron ------------------------------------------------------------------------------------


class ToyCells(LifCells):
    """The recipe's neuron under half as much background again."""

    def constants(self, ou_mean):
        return super().constants(1.5 * ou_mean)


TOY_NEURON = Neuron("toy_with_a_name_of_its_own", "Toy", "A toy", f"{HERE}:ToyCells", rows=12, step_cost=50.0)


def test_a_neuron(tmp_path):
    plain = Scenario(**BASE)
    with NEURONS.also(TOY_NEURON):
        values = {"network": {"excitatory_neuron": TOY_NEURON.name}}
        recording, folder = walk(values, tmp_path)
        scenario = recording.scenario
        assert (
            labels_of(model_sections(scenario, True), "network.excitatory_neuron")[TOY_NEURON.name] == "Toy"
        )
        slower = capacity_of(scenario, CONNECTOME).real_time_factor
        assert slower > 1.5 * capacity_of(plain, CONNECTOME).real_time_factor
        as_lif = Simulation(plain, CONNECTOME).run().mean_rate_hz()["E"]
        assert recording.mean_rate_hz()["E"] > 1.5 * as_lif
        with pytest.raises(ParameterError, match=TOY_NEURON.name):
            nest_script(folder.scenario, CONNECTOME)
        on_chip = {
            **BASE,
            "regions": {"default": "off", "analog": ["L.TH"]},
            "neuron": [{"region": "L.TH", "model": TOY_NEURON.name}],
        }
        with pytest.raises(ParameterError, match="must be one of lif, adex, adex_current"):
            Simulation(Scenario(**on_chip), CONNECTOME)
    with pytest.raises(ParameterError, match="excitatory_neuron: must be"):
        plain.with_values({"network.excitatory_neuron": TOY_NEURON.name})


# ---- a topology ----------------------------------------------------------------------------------


def ring(width, height):
    """Every tile linked to the next and the one before."""
    n = width * height
    here = np.arange(n)
    links = np.concatenate([np.column_stack((here, (here + s) % n)) for s in (1, -1)])
    y, x = np.divmod(here, width)
    return Topology("ring", width, height, links, np.column_stack((x, y)))


def ring_routes(topology):
    """The shorter way round."""
    n = topology.n_tiles
    ahead = (np.arange(n)[None, :] - np.arange(n)[:, None]) % n
    link = np.where(2 * ahead <= n, np.arange(n)[:, None], n + np.arange(n)[:, None])
    return np.where(ahead == 0, -1, link)[None], np.zeros((n, n), np.uint8)


TOY_TOPOLOGY = TopologyKind("ring", "Ring", f"{HERE}:ring", f"{HERE}:ring_routes", channels=2)


def test_a_topology(tmp_path, capsys):
    with TOPOLOGIES.also(TOY_TOPOLOGY):
        noc = {"topology": "ring", "size": [3, 2], "feedback": True}
        recording, _ = walk({"noc": noc}, tmp_path)
        assert recording.fabric.topology.n_links == 12
        assert recording.flow.packets > 0
        simulation = Simulation(recording.scenario, CONNECTOME)
        view = NocMapView(LIGHT)
        view.lay_out(Scene.of(simulation))
        assert "3 × 2 ring" in view.caption
        assert labels_of(hardware_sections(recording.scenario), "noc.topology")["ring"] == "Ring"
        counts = recording.counts.sum(axis=0, dtype=np.int64)
        found = side_by_side(recording.scenario, recording.network, counts, 300.0, lambda *_: None)
        assert [one.topology.kind for one in found] == list(TOPOLOGIES.names)
        maps = SmallMaps(LIGHT)
        maps.show(found)
        assert "Ring" in maps.data["titles"]["text"]
        assert main(["noc", "--topology", "ring", "--size", "4x2", "--cycles", "2000", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["topology"] == "ring"


# ---- a metric ------------------------------------------------------------------------------------


def silent(evidence):
    """How many populations never fire."""
    share = float((evidence.counts.sum(axis=0) == 0).mean())
    return TOY_METRIC.score(
        value=share,
        n=evidence.counts.shape[1],
        baseline=1.0,
        low=0.0,
        high=1.0,
        basis="spikes",
        sentence=f"{share:.0%} of the populations are silent.",
    )


TOY_METRIC = Metric(
    "silent_share",
    "Silent populations",
    "Silent",
    "share",
    "populations",
    silent,
    baseline="a brain that never fires",
    table=(TableRow("Silent populations", "%", factor=100.0),),
)


def test_a_metric(tmp_path):
    with METRICS.also(TOY_METRIC):
        recording, folder = walk({}, tmp_path)
        scores = recording.scores()
        assert scores["silent_share"].value == 0.0
        panel = FitPanel(LIGHT)
        panel.update(scores)
        assert ">Silent</td><td>0 %</td><td>100 %</td>" in panel.table_html
        line = next(x for x in compare([recording, recording]) if x.label == "Silent populations")
        assert (line.unit, line.values) == ("%", ("0", "0"))
        assert folder.run["fit"]["silent_share"]["baseline_label"] == "a brain that never fires"
        assert "Silent populations" in report_html(folder.run, "")
    assert "silent_share" not in recording.scores()


# ---- a signal ------------------------------------------------------------------------------------


class Multiunit:
    """Spikes of each region in every millisecond."""

    def __init__(self, facts):
        self.region_of, self.n_regions = facts.region_of, facts.n_regions

    def advance(self, counts):
        return np.asarray(counts) @ np.eye(self.n_regions)[self.region_of]


TOY_SIGNAL = Signal(
    "multiunit", "Multi-unit", "mua", "spikes", 1.0, 1.0, 0.0, "All spikes.", "the engine", Multiunit
)


def test_a_signal(tmp_path):
    with SIGNALS.also(TOY_SIGNAL):
        recording, _ = walk({}, tmp_path)
        series = recording.signal("multiunit")
        assert series.values.sum() == recording.spike_ids.size
        out = tmp_path / "mua.csv"
        assert main(["export", str(tmp_path / "run"), "--to", "mua", "--out", str(out)]) == 0
        assert out.read_text(encoding="utf-8").startswith("# multiunit [spikes]: All spikes. Source: the")
    with pytest.raises(ParameterError, match="signal: must be a known one"):
        recording.signal("multiunit")


# ---- a recipe ------------------------------------------------------------------------------------


def even_sizes(scenario, labels, totals):
    """As many inhibitory neurons as the recipe dtb has, the others in two populations."""
    exc, inh = dtb_sizes(scenario, labels, totals).T
    return np.column_stack((exc - exc // 2, inh, exc // 2))


TOY_RECIPE = Recipe(
    "split",
    "Split",
    "parameters",
    "network.parameters.ou_mean",
    "Drive (pA)",
    ("E", "I", "E2"),
    (True, False, True),
    f"{HERE}:even_sizes",
    "engine.run.capacity:brain_capacity",
    "engine.run.assembly:assemble_brain",
)


def test_a_recipe(tmp_path):
    with RECIPES.also(TOY_RECIPE):
        recording, folder = walk({"network": {"recipe": "split"}}, tmp_path)
        assert recording.network.kinds == ("E", "I", "E2")
        assert (recording.population_rates_hz > 0).all()
        assert labels_of(model_sections(recording.scenario, False), "network.recipe")["split"] == "Split"
        with pytest.raises(ParameterError, match=r"must be dtb .*'split'"):
            nest_script(folder.scenario, CONNECTOME)


# ---- a page --------------------------------------------------------------------------------------


class ToyPage(DeepPage):
    """A page that counts how often it is opened."""

    def __init__(self, tools):
        super().__init__(tools)
        self.panel, self.n_opened = pn.pane.HTML("toy"), 0

    def opened(self):
        self.n_opened += 1


def test_a_page():
    with PAGES.also(PageEntry("toy", "Toy", "Only for the test.", f"{HERE}:ToyPage")):
        explorer = pn.Row()
        tabs = Tabs(PAGES, SimpleNamespace(theme=lambda: LIGHT), explorer, lambda: None)
        assert [tab["name"] for tab in tabs.bar.tabs] == [EXPLORER, *PAGES.names]
        tabs.open("toy")
        assert (tabs.active, tabs.page.n_opened, explorer.visible) == ("toy", 1, False)
        tabs.open("nobody")
        assert tabs.is_explorer
