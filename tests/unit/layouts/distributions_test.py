"""Distributions of finished runs: what is counted, how it is binned, how far runs lie apart."""

from __future__ import annotations

import json

import numpy as np
import pytest
from bokeh.document import Document
from scipy.stats import ks_2samp

from engine import Simulation
from layouts.explorer.distributions import QUANTITIES, Distributions, samples_of, shares, spreads_of
from layouts.theme import DARK, LIGHT


@pytest.fixture(scope="module")
def other(small):
    return Simulation(small.with_values({"seed": 7})).run()


@pytest.fixture(scope="module")
def spreads(small_recording, other):
    return spreads_of([small_recording, other])


@pytest.fixture
def view(spreads):
    view = Distributions(LIGHT)
    view.update(["A", "C"], spreads)
    return view


def lines(figure):
    return [renderer.data_source.data for renderer in figure.renderers]


def test_rates_and_intervals_are_those_of_the_run_after_its_transient(small_recording):
    samples = samples_of(small_recording)
    network = small_recording.network
    means = small_recording.mean_rate_hz()
    n_excitatory = network.population_sizes[network.population_is_excitatory].sum()
    expected = (
        means["E"] * n_excitatory + means["I"] * (network.n_neurons - n_excitatory)
    ) / network.n_neurons
    assert np.average(samples["region_rates"], weights=network.region_sizes) == pytest.approx(expected)
    assert samples["neuron_rates"].mean() == pytest.approx(expected, rel=0.01)  # a step at the edges
    first = small_recording.transient_ms
    by_hand = []
    for neuron in range(network.n_neurons):
        times = (small_recording.spike_steps[small_recording.spike_ids == neuron] + 1) * 0.1
        by_hand.extend(np.diff(times[times >= first]))
    assert np.sort(samples["intervals"]) == pytest.approx(np.sort(by_hand))


def test_every_value_lies_in_a_bin_and_whole_multiples_never_on_an_edge():
    rng = np.random.default_rng(5)
    rates = [2.5 * rng.integers(0, 90, 400), 2.5 * rng.integers(0, 40, 300)]
    edges, parts = shares(rates, 2.5)
    assert [part.sum() for part in parts] == pytest.approx([100.0, 100.0])
    assert not np.isclose(edges[:, None] % 2.5, 0.0).any()
    assert np.diff(edges) / 2.5 == pytest.approx(np.round(np.diff(edges) / 2.5))
    edges, parts = shares([rng.exponential(30, 500), rng.exponential(3, 50)], is_log=True)
    assert [part.sum() for part in parts] == pytest.approx([100.0, 100.0])
    assert np.diff(np.log(edges)) == pytest.approx(np.diff(np.log(edges))[0])
    for silent in ([np.zeros(0), np.zeros(0)], [np.zeros(4), np.zeros(0)]):
        edges, parts = shares(silent)
        assert edges.size > 1
        assert sum(part.sum() for part in parts) == 100.0 * any(s.size for s in silent)


def test_runs_are_held_against_the_first(small_recording, other, spreads):
    a, b = samples_of(small_recording), samples_of(other)
    for spread in spreads:
        name = spread.quantity.name
        expected = ks_2samp(a[name], b[name], method="asymp").statistic
        assert spread.distances == [0.0, pytest.approx(expected)]
        assert spread.sizes == [a[name].size, b[name].size]
    assert spreads[2].distances[1] > 0


def test_a_line_a_run_with_its_own_colour_and_dash(view, spreads):
    assert [f.xaxis.axis_label for f in view.figures] == [f"{q.label} [{q.unit}]" for q in QUANTITIES]
    for figure, spread in zip(view.figures, spreads, strict=True):
        drawn = lines(figure)
        assert [data["run"][0] for data in drawn] == ["A", "C"]
        for data, part in zip(drawn, spread.parts, strict=True):
            assert data["share"][1:-1:2] == pytest.approx(part)
        glyphs = [renderer.glyph for renderer in figure.renderers]
        assert len({g.line_color for g in glyphs}) == len({str(g.line_dash) for g in glyphs}) == 2
        assert figure.y_range.end > max(part.max() for part in spread.parts)


def test_the_sentence_says_distance_and_n(view, spreads):
    assert view.sentence.startswith("C against A: rate of a region KS ")
    for spread in spreads:
        n, m = spread.sizes
        assert f"{spread.quantity.label} KS {spread.distances[1]:.3f} (n = {n:,} and {m:,})" in view.sentence


def test_a_run_without_intervals_says_so(small_recording):
    silent = Simulation(small_recording.scenario.with_values({"duration": 2.0, "transient": 0.0})).run()
    view = Distributions(DARK)
    view.update(["A", "B"], spreads_of([small_recording, silent]))
    assert "interval between spikes cannot be compared (n = " in view.sentence
    assert " and 0)." in view.sentence


def test_restyled_it_has_no_colour_of_the_other_theme(view):
    document = Document()
    for figure in view.figures:
        document.add_root(figure)
    view.restyle(DARK)
    text = json.dumps(document.to_json(deferred=False))
    light, dark = ({t.panel, t.ink, t.muted, t.line, *t.lobes.values()} for t in (LIGHT, DARK))
    assert [colour for colour in light - dark if colour in text] == []
    assert DARK.panel in text
