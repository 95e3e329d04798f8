"""Pictures of a report: what is drawn is what was counted, at its place on its scale."""

from __future__ import annotations

import re

import numpy as np
import pytest

from engine import Simulation, preset
from engine.export.pictures.picture import lobe_order
from engine.export.pictures.run_pictures import run_pictures
from engine.export.plot import Scale, bars, line
from engine.fit.metrics.spectrum import spectrum_of
from engine.markup import parts


@pytest.fixture(scope="module")
def recording():
    small = {"duration": 3500.0, "network.neurons_per_region": 20, "network.in_degree": 10}
    return Simulation(preset("hippocampus-on-analog").with_values(small)).run()


@pytest.fixture(scope="module")
def pictures(recording):
    found = run_pictures(recording.evidence(), recording.network, recording.connectome)
    return {picture.title: picture for picture in found}


def paths(picture, kind: str) -> list[str]:
    return re.findall(rf'<path class="{kind}" d="([^"]*)"', picture.drawn)


def test_scales_map_their_ends_and_hold_what_is_outside():
    x = Scale(0.0, 10.0, 100.0, 0.0)
    assert x([0.0, 2.5, 10.0, 99.0, -1.0]).tolist() == [100.0, 75.0, 0.0, 0.0, 100.0]
    f = Scale(1.0, 100.0, 0.0, 50.0, is_log=True)
    assert f([1.0, 10.0, 100.0, 0.1]).tolist() == [0.0, 25.0, 50.0, 0.0]
    assert Scale(3.0, 3.0, 1.0, 9.0)(3.0) == 1.0


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (Scale(0.0, 10.0, 0, 1), [0, 2, 4, 6, 8, 10]),
        (Scale(57.0, 60.0, 0, 1), [57, 58, 59, 60]),
        (Scale(-0.1, 1.0, 0, 1), [0, 0.5, 1]),
        (Scale(2.0, 100.0, 0, 1, True), [2, 5, 10, 20, 50, 100]),
        (Scale(0.5, 4e4, 0, 1, True), [1, 10, 100, 1000, 10_000]),
    ],
)
def test_ticks_are_round_numbers_on_the_scale(scale, expected):
    assert scale.ticks() == pytest.approx(expected)


def test_paths_go_through_their_points():
    assert line([0.0, 1.0], [2.0, 3.04]) == "M0.0 2.0L1.0 3.0"
    assert bars(np.array([0.0, 5.0]), np.array([10.0, 3.0]), 4.0, 10.0) == "M5.0 10.0V3.0h4.0V10.0Z"


@pytest.mark.slow
def test_every_picture_of_a_brain_is_there(pictures):
    assert list(pictures) == [
        "Rates on the brain",
        "Spikes",
        "Rates over time",
        "Power spectrum",
        "Rates over neurons",
        "Functional connectivity",
        "Pair by pair",
    ]
    for picture in pictures.values():
        assert picture.said.endswith(".")
        drawn = " ".join(re.findall(r' d="([^"]*)"', picture.drawn))
        assert drawn
        assert not re.search("nan|inf", drawn)


def test_the_raster_has_a_stroke_for_every_spike_it_counts(recording, pictures):
    picture = pictures["Spikes"]
    n = int(picture.said.split(" spikes of ")[0].replace(",", ""))
    strokes = [
        re.findall(r"M[\d.]+ [\d.]+v", d)
        for d in re.findall(r'class="spikes [^"]*" d="([^"]*)"', picture.drawn)
    ]
    assert sum(map(len, strokes)) == n > 50
    shown = int(re.search(r"of ([\d,]+) of the", picture.said)[1])
    assert shown == 168
    # two neurons of each region, the first and the middle one, in the last three seconds or fewer
    chosen = np.concatenate([recording.network.region_start, recording.network.region_start + 10])
    begin = 0.5 * (3500 - recording.transient_ms)
    window = float(re.search(r"last ([\d.]+) s", picture.said)[1]) * 1000
    assert window >= begin
    first = round((3500 - window) / recording.scenario.dt)
    assert n == np.isin(recording.spike_ids[recording.spike_steps >= first], chosen).sum()


def test_the_brain_says_each_regions_rate(recording, pictures):
    network = recording.network
    spikes = recording.population_rates_hz * network.population_sizes
    rates = spikes.reshape(84, -1).sum(axis=1) / network.region_sizes
    titles = set(re.findall(r"<title>([^<]*)</title>", pictures["Rates on the brain"].drawn))
    for label, rate, backend in zip(network.labels, rates, network.backend, strict=True):
        if any(title.startswith(f"{label}:") for title in titles):
            assert f"{label}: {rate:.2f} Hz, {backend}" in titles
    assert len(titles) > 70
    assert "2 of them, outlined, ran on the model of an analog chip" in pictures["Rates on the brain"].said


def test_numbers_under_pictures_are_those_of_the_scores(recording, pictures):
    scores = recording.scores()
    assert f"r = {scores['fc_r'].value:.2f}" in pictures["Pair by pair"].said
    assert f"{scores['fc_r'].n:,} pairs" in pictures["Pair by pair"].said
    assert paths(pictures["Pair by pair"], "points")[0].count("M") == scores["fc_r"].n
    said = pictures["Power spectrum"].said
    assert f"{scores['peak_power'].value:.1f} times" in said
    assert f"at {scores['spectrum_peak'].value:g} Hz" in said
    found = spectrum_of(recording.evidence())
    assert paths(pictures["Power spectrum"], "line ink")[0].count("L") == found.power.size - 1


def test_the_matrix_paints_every_known_pair_once(recording, pictures):
    order = lobe_order(recording.network, recording.connectome)
    assert sorted(order) == list(range(84))
    fc, measured = recording.evidence().simulated_fc, recording.connectome.fc_matrix
    both = np.tril(fc[np.ix_(order, order)], -1) + np.triu(measured[np.ix_(order, order)], 1)
    painted = np.isfinite(both) & (both != 0) & ~np.eye(84, dtype=bool)
    cell = (370.0 - 16.0) / 84
    drawn = np.zeros((84, 84), int)
    for d in re.findall(r'class="shade[^"]*" d="([^"]*)"', pictures["Functional connectivity"].drawn):
        for x, y, width in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v", d):
            row, first = round((float(y) - 22.0) / cell), round((float(x) - 8.0) / cell)
            drawn[row, first : first + round(float(width) / cell)] += 1
    assert (drawn == painted).all()


def test_a_brain_without_known_places_is_not_drawn_as_one():
    small = {"duration": 60.0, "network.neurons_per_region": 10, "network.in_degree": 5}
    run = Simulation(preset("mouse-at-rest").with_values(small)).run()
    titles = [p.title for p in run_pictures(run.evidence(), run.network, run.connectome)]
    assert titles == ["Spikes", "Rates over time"]


def test_identifiers_are_links_and_all_else_is_text():
    said = str(parts.cited("Cite <b>: doi:10.1038/s41467-023-38626-y. And 10.1000/x(1), 3.10/4"))
    assert said.count("<a ") == 2
    assert 'href="https://doi.org/10.1038/s41467-023-38626-y"' in said
    assert "Cite &lt;b&gt;: doi:<a" in said
    assert said.endswith("(1), 3.10/4")
    assert 'href="https://doi.org/10.1000/x&#34;' not in str(parts.cited('10.1000/x"onclick="y'))
