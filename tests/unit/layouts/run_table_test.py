"""Runs side by side: their names, what differs, and the table."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from engine import Scenario, Simulation, preset
from layouts.explorer.run_table import Line, compare, compare_html, run_changes, run_name
from layouts.theme import LIGHT

A = Scenario(title="Rest")
STIMULUS = {"region": "L.TH", "amplitude": 50.0}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"network.coupling": 1.3}, "coupling 1 → 1.3"),
        ({"noc.size": [4, 4]}, "mesh 8 × 8 → 4 × 4"),
        ({"regions.analog": ["L.HI", "R.HI"]}, "L.HI, R.HI → analog"),
        ({"regions.off": ["L.HI", "R.HI", "L.TH", "R.TH"]}, "L.HI, L.TH, R.HI … → off"),
        ({"regions.default": "analog"}, "all others analog"),
        ({"stimulus": [STIMULUS]}, "stimulus L.TH"),
        ({"lesion": [{"region": "L.TH"}]}, "lesion L.TH"),
        ({"title": "Renamed"}, "same again"),
        ({"seed": 2, "network.coupling": 1.3}, "seed 1 → 2, coupling 1 → 1.3"),
    ],
)
def test_a_run_is_named_by_what_it_changed(changes, name):
    assert run_name(A, A.with_values(changes)) == name


def test_many_changes_are_counted_and_a_name_stays_short():
    changes = {
        "seed": 2,
        "network.coupling": 1.3,
        "network.in_degree": 90,
        "dt": 0.05,
        "network.parameters.ou_mean": 380.0,
        "transient": 500.0,
    }
    name = run_name(A, A.with_values(changes))
    assert name.endswith("+4 more")
    assert len(run_changes(A, A.with_values(changes))) == 6
    assert len(name) <= 40
    assert len(run_name(None, Scenario(title="x" * 120))) == 40


def test_a_stimulus_moved_or_taken_away_is_said():
    with_one = A.with_values({"stimulus": [STIMULUS]})
    stronger = A.with_values({"stimulus": [{**STIMULUS, "amplitude": 80.0}]})
    assert run_name(with_one, stronger) == "stimulus amplitude 50 → 80"
    assert run_name(with_one, A) == "1 stimulus less"


def test_lesion_stimulus_learning_and_neurons_come_before_numbers():
    changes = {
        "duration": 3000.0,
        "seed": 2,
        "neuron": [{"region": "L.PCU"}],
        "plasticity": [{"source": "L.TH", "target": "L.HI"}],
        "stimulus": [STIMULUS],
        "lesion": [{"region": "L.TH"}, {"region": "R.TH"}],
    }
    assert run_changes(A, A.with_values(changes)) == [
        "lesion L.TH, R.TH",
        "stimulus L.TH",
        "learning L.TH → L.HI",
        "neurons of L.PCU",
        "duration 2 s → 3 s",
        "seed 1 → 2",
    ]


def test_a_lesion_moved_to_another_region_is_said():
    before, after = (A.with_values({"lesion": [{"region": r}]}) for r in ("L.TH", "L.HI"))
    assert run_name(before, after) == "lesion L.TH → L.HI"


def test_another_preset_is_named_by_its_title_and_what_differs_from_it():
    hub = preset("hub-lesion")
    assert run_name(A, hub) == run_name(None, hub) == hub.title
    assert run_name(A, hub.with_values({"seed": 9})).startswith(f"{hub.title}, seed ")


@pytest.fixture(scope="module")
def runs(small, small_recording):
    other = small.with_values({"network.coupling": 1.3, "seed": 9, "title": "other"})
    return [small_recording, Simulation(other).run()]


def test_what_was_chosen_differently_comes_first_with_its_declared_words(runs):
    chosen = {line.key: line for line in compare(runs) if line.key}
    assert set(chosen) == {"network.coupling", "seed"}
    assert chosen["network.coupling"].label == "Multiplies every long-range weight"
    assert chosen["network.coupling"].values == ("1", "1.3")
    assert [bool(line.key) for line in compare(runs)[:3]] == [True, True, False]


def test_numbers_are_the_recordings(runs):
    numbers = {line.label: line for line in compare(runs) if not line.key}
    for i, run in enumerate(runs):
        assert numbers["Rate, excitatory"].values[i] == f"{run.mean_rate_hz()['E']:.3f}"
        assert numbers["Packets"].values[i] == f"{run.flow.packets:,}"
        assert numbers["Spike hash"].values[i] == run.spike_hash[:12]
    assert numbers["Rate, excitatory"].unit == "Hz"
    assert numbers["Chip time (estimate)"].unit == "ms"
    assert numbers["Spike hash"].differs


def test_values_that_look_alike_when_short_are_written_in_full(small, small_recording):
    def lines(one, two):
        pair = []
        for stimulus in (one, two):
            scenario = small.with_values({"stimulus": [stimulus], "duration": 20.0})
            pair.append(Simulation(scenario).run())
        return [line for line in compare(pair) if line.key]

    (stimulus,) = lines({**STIMULUS, "start": 5.0}, {**STIMULUS, "start": 9.0})
    assert stimulus.differs
    assert "start 9" in stimulus.values[1]
    (stimulus,) = lines(STIMULUS, {**STIMULUS, "amplitude": 70.0})
    assert stimulus.values == ("L.TH 50", "L.TH 70")


def test_no_runs_make_no_rows():
    assert compare([]) == []


class _Cells(HTMLParser):
    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.cells, self.text, self.tags = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "td":
            self.cells.append(dict(attrs)["style"])

    def handle_data(self, data):
        self.text.append(data)


def test_the_table_has_heads_and_bold_only_where_the_first_run_differs():
    lines = [Line("Rate", "Hz", ("1", "2", "1")), Line("Seed", "", ("4", "4", "4"), "seed")]
    page = _Cells(compare_html(lines, LIGHT, ["A", "B", "C"]))
    bold = ["font-weight:600" in style for style in page.cells]
    assert bold == [False, True, False, False, False, False]
    assert all("tabular-nums" in style and "right" in style for style in page.cells)
    scopes = [attrs.get("scope") for tag, attrs in page.tags if tag == "th"]
    assert scopes == ["col"] * 4 + ["row"] * 2
    assert any(tag == "caption" for tag, _ in page.tags)


def test_whatever_a_visitor_typed_stays_text():
    nasty = '<img src=x onerror="alert(1)">&'
    html = compare_html([Line(nasty, nasty, (nasty,), nasty)], LIGHT, [nasty])
    page = _Cells(html)
    assert not any(tag == "img" for tag, _ in page.tags)
    assert sum(nasty in text for text in page.text) == 4


def test_what_coarser_synapses_could_not_hold_is_told_where_a_run_is_tuned():
    small = {"regions.default": "off", "regions.digital": ["L.TH"], "duration": 50.0, "transient": 0.0}
    tuned, plain = (
        Simulation(preset(name).with_values({**small, "regions.analog": []})).run()
        for name in ("resting-twin", "whole-brain-at-rest")
    )
    what = "Tuned weights that 8 bits, and 6, could not hold"
    (line,) = [line for line in compare([tuned, plain]) if line.label == what]
    held = tuned.reports["digital"]["tuned"]
    assert line.values[1] == "–"
    assert line.values[0].startswith(
        f"{sum(held['8_bit'].values()):,} and {sum(held['6_bit'].values()):,} of "
    )
    assert not [line for line in compare([plain, plain]) if line.label == what]
