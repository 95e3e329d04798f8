"""The section Own data without a browser: asked, looked at, matched, compared, refused, aimed at."""

from __future__ import annotations

import base64
import pickle
import time
from types import SimpleNamespace

import numpy as np
import pytest

from dtb_app.controls.page_port import MAX_UPLOAD_BYTES
from dtb_app.pages import make_page
from dtb_app.pages.fit import SECTIONS
from dtb_app.session.session import Session
from engine import Scenario, Simulation, load_connectome
from engine.brain.connectome import read_connectome
from engine.fit import binned_region_rates_hz, fc_correlation, rate_fc
from engine.fit.evidence import FC_BIN_MS
from layouts.theme import DARK, LIGHT, SIMULATED
from tests.measured_files import LABELS, npy_of, nwb_of, signals, text_of, zip_of

DK84 = load_connectome("dk84")
ON = ("L.TH", "L.HI", "L.SFG", "L.PCAL", "R.TH", "R.HI")


@pytest.fixture(scope="module")
def run():
    """Six digital regions for two seconds."""
    on = {"default": "off", "digital": ON}
    return Simulation(Scenario(title="six", duration=2600.0, transient=100.0, regions=on)).run()


def section(recording=None, session=None):
    shown = {"run": recording}
    tools = SimpleNamespace(
        session=session or Session("two-regions"),
        services=None,
        say=lambda text, good=False: None,
        recording=lambda: shown["run"],
        theme=lambda: LIGHT,
        later=lambda handler: handler,
        choose_file=lambda accept: shown.update(asked=accept),
        shown=shown,
    )
    page = make_page(SECTIONS["data"], tools)
    page.opened()
    return page


def settle(page, seconds=60.0):
    end = time.monotonic() + seconds
    while page.is_working:
        assert time.monotonic() < end
        page.tick()
        time.sleep(0.01)


def sent(name, data, beside=()):
    """A file as the browser sends it."""
    encoded = base64.b64encode(data).decode()
    return {"name": name, "size": len(data), "data": encoded, "beside": list(beside)}


def opened(page, data, name="bold.csv", **answers):
    assert page.take_file(sent(name, data))
    settle(page)
    if answers:
        page.choose(**answers)
        page.press("read")
        settle(page)
    return page.tools.session.measured


SAID = {"interval_s": "0.72", "unit": "%"}


def bold(n_samples=60, labels=ON, seed=1):
    return text_of(signals(n_samples, len(labels), seed), labels)


def test_what_a_file_does_not_say_is_asked_in_small_inputs():
    page = section()
    held = opened(page, bold())
    assert held.opened is None
    assert set(page.values) == {"interval_s", "unit", "signal", "regions"}
    assert "some things are not in the file" in page.said["file"]
    page.choose(interval_s="0,72", unit="%", signal="bold")
    page.press("read")
    settle(page)
    assert held.opened.data.interval_s == 0.72
    assert "bold [%] of 6 regions, 60 samples every 0.72 s" in page.said["file"]
    assert page.said["matching"].startswith(
        "Regions6 of 6 regions matched to 84 of dk84: 6 by the same label"
    )
    page.choose(interval_s="2")
    page.press("read")
    settle(page)
    assert held.opened.data.interval_s == 2.0


def test_signals_and_connectivity_are_looked_at_without_a_run():
    page = section()
    held = opened(page, bold(), **SAID)
    data = held.opened.data
    assert list(page.views["signal"].data["measured"]["region"]) == list(ON)
    image = page.views["matrix"].data["measured"]["image"][0]
    np.testing.assert_allclose(
        image[~np.eye(6, dtype=bool)], rate_fc(data.values)[~np.eye(6, dtype=bool)], 1e-6
    )
    assert np.isnan(np.diag(image)).all()
    assert len(page.views["profile"].data["measured"]["x"]) == 6
    assert len(page.views["profile"].data["simulated"]["x"]) == 0
    assert page.control("compare").is_off
    assert "press Run above" in page.said["scores"]
    page.choose(regions=["R.HI"])
    assert list(page.views["signal"].data["measured"]["region"]) == ["R.HI"]
    assert "1 of 6 regions of bold.csv" in page.cards["signal"].said


def test_a_comparison_has_every_score_that_applies_and_draws_both_sides_apart(run):
    page = section(run)
    held = opened(page, bold(400), **SAID)
    assert page.control("compare").label == "Compare with this run"
    page.press("compare")
    settle(page)
    found = page.found
    assert [s.name for s in found.scores] == ["fc_r", "fc_ccc", "fc_rmse", "fc_halves", "measured_halves"]
    picked = run.network.region_index
    counted, network = run.counts, run.network
    region = network.region_index[network.population_region]
    sizes, start = network.population_sizes, run.transient_ms
    simulated = rate_fc(binned_region_rates_hz(counted, region, sizes, FC_BIN_MS, start, n_regions=84))
    r, n = fc_correlation(simulated, held.opened.measured_fc().matrix, picked)
    assert (found.scores[0].value, found.scores[0].n) == (pytest.approx(r), n)
    assert n == 15
    assert "against correlations of bold.csv" in found.scores[0].basis
    for score in found.scores:
        assert score.label in page.said["scores"]
        assert f"{score.n:,} {score.n_unit}" in page.said["scores"]
    assert found.scores[2].value > found.scores[2].baseline  # by chance: these data are noise
    assert page.said["scores"].count("▼ no better") >= 1
    assert "▲" not in _row(page, "Difference of functional connectivity (RMSE)")
    profile = page.views["profile"]
    assert list(profile.data["simulated"]["region"]) == list(profile.data["measured"]["region"])
    glyph = profile.figure.select_one("simulated").glyph
    assert glyph.fill_color == LIGHT.panel
    assert {"fill_color": glyph.fill_color, "line_color": glyph.line_color} == SIMULATED.mark(LIGHT)
    page.restyle(DARK)
    assert profile.figure.select_one("measured").glyph.fill_color == DARK.ink


def _row(page, label) -> str:
    """A row of the table of scores, as it reads."""
    words = page.said["scores"]
    return words[words.index(label) :].split("pairs", 2)[1][:30]


def test_the_connectomes_own_connectivity_scores_as_the_run_does_without_a_file(run):
    page = section(run)
    page.press("example-fc")
    settle(page)
    page.press("compare")
    settle(page)
    own = run.scores()
    for score in page.found.scores:
        assert score.value == pytest.approx(own[score.name].value, abs=1e-5), score.name
        assert score.baseline == pytest.approx(own[score.name].baseline, abs=1e-5), score.name


def test_another_run_or_other_data_make_a_comparison_old(run, small_recording):
    page = section(run)
    opened(page, bold(), **SAID)
    page.press("compare")
    settle(page)
    assert "compare again" not in page.said["scores"]
    page.tools.shown["run"] = small_recording
    page.run_shown()
    assert "compare again" in page.said["scores"]
    opened(page, bold(seed=5), "other.csv", **SAID)
    assert page.found is None
    assert "Compare works out" in page.said["scores"]


def test_measured_spikes_are_held_against_rates(run):
    page = section(run)
    units = {"times": [0.1, 0.4, 0.2, 0.9, 0.5], "ends": [2, 3, 5], "regions": ["L.TH", "L.TH", "L.HI"]}
    held = opened(page, nwb_of(values=None, **units), "units.nwb")
    assert held.opened.data.kind == "spikes"
    assert "5 spikes of 3 units in 2 regions" in page.said["file"]
    image = page.views["raster"].data["measured"]["image"][0]
    assert image.sum() == 5
    rates = page.views["profile"].data["measured"]
    assert dict(zip(rates["region"], rates["y"], strict=True)) == {"L.HI": 2.0, "L.TH": 1.5}
    page.press("compare")
    settle(page)
    rmse, pattern = page.found.scores
    hz = {label: run.as_json()["region_rate_hz"][label] for label in ("L.TH", "L.HI")}
    assert rmse.n == 2
    assert min(min(v.values()) for v in hz.values()) < np.nanmax(page.found.simulated)
    assert pattern.value is None
    assert "at least 4 must have both rates (now 2)" in pattern.sentence
    assert page.control("target").is_off


def test_regions_are_matched_in_the_table_and_counted():
    page = section()
    held = opened(page, bold(labels=("L.TH", "L.HI", "a", "b", "c", "d")), **SAID)
    assert "2 of 6 regions matched" in page.said["matching"]
    assert "Without a region here: a, b, c, d." in page.said["matching"]
    assert [row["theirs"] for row in page.map_rows[:4]] == ["a", "b", "c", "d"]
    page.match("a", "R.TH")
    settle(page)
    assert held.opened.matching.n_matched == 3
    assert "3 of 6 regions matched" in page.said["matching"]
    page.match("b", "nowhere")
    settle(page)
    assert "must end in a region of dk84 (got 'nowhere')" in page.said["trouble"]
    assert held.opened.matching.n_matched == 3
    page.match("a", "")
    settle(page)
    assert held.opened.matching.n_matched == 2


def test_data_of_another_atlas_are_looked_at_and_not_compared(run):
    page = section(run)
    held = opened(page, bold(labels=("q1", "q2", "q3", "q4", "q5", "q6")), **SAID)
    assert "0 of 6 regions matched" in page.said["matching"]
    assert "The data can be looked at" in page.said["matching"]
    assert len(page.views["signal"].data["measured"]["region"]) == 6
    page.press("compare")
    settle(page)
    assert "must share at least 4 regions with the connectome (got 0)" in page.said["trouble"]
    page.press("target")
    assert "must share at least 4 regions" in page.said["trouble"]
    assert held.target is None


@pytest.fixture(scope="module")
def with_data():
    """A section with signals of six regions."""
    page = section()
    opened(page, bold(), **SAID)
    return page


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.csv", b"L.TH,L.HI\n1,2\n3\n", "a.csv: every row must"),
        (
            "b.csv",
            text_of([[0.0, 1, 2], [2.0, 1, 3], [1.0, 4, 2]], ("time_s", "L.TH", "L.HI")),
            "run forward",
        ),
        (
            "c.csv",
            text_of([[0.0, 1, 2], [1e5, 1, 3], [2e5, 4, 2]], ("time_s", "L.TH", "L.HI")),
            "sampled every",
        ),
        ("d.npy", npy_of(np.array([{"a": 1}], dtype=object), allow_pickle=True), "d.npy: "),
        ("e.npy", pickle.dumps([1, 2, 3], protocol=4), "a pickle, which could run code"),
        ("f.mat", b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + b"\x80" * 40, "f.mat: "),
        ("g.bin", b"\x00\xff" * 400, "g.bin: "),
        ("h.csv", b"", "h.csv: must not be empty"),
    ],
)
def test_a_bad_file_is_one_sentence_and_what_was_open_stays(with_data, name, data, sentence):
    page, held = with_data, with_data.tools.session.measured
    before = held.opened
    page.take_file(sent(name, data))
    settle(page)
    said = page.said["trouble"]
    assert sentence in said
    assert said.startswith(f"{name}: ")
    assert "Traceback" not in said
    assert held.at_hand is before
    assert len(page.views["signal"].data["measured"]["region"]) == 6


def test_a_file_that_is_too_large_is_refused_before_it_is_sent():
    page = section()
    page.take_file({"name": "huge.csv", "size": 200_000_000, "data": ""})
    assert not page.is_working
    assert f"at most {MAX_UPLOAD_BYTES / 1e6:.0f} MB" in page.said["trouble"]
    assert "got 200.0 MB" in page.said["trouble"]


def test_constant_regions_are_named_and_can_be_left_out_at_a_press():
    values = signals(60, 6)
    values[:, 2] = 1.0
    page = section()
    before = opened(page, bold(), "before.csv", **SAID).opened
    held = opened(page, text_of(values, ON), "still.csv", **SAID)
    assert held.opened is before
    assert "every region must change over time (got 'L.SFG' constant)" in page.said["file"]
    assert "before.csv stays open" in page.said["file"]
    assert page.control("leave-out").label == "Leave out 1"
    page.press("leave-out")
    settle(page)
    assert held.opened.data.n_regions == 5
    assert "left out: L.SFG" in page.said["file"]
    assert not page.control("drop").is_shown


def test_a_file_that_is_asked_about_can_be_discarded():
    page = section()
    held = opened(page, bold(), **SAID)
    before = held.opened
    opened(page, bold(), "second.csv")
    assert "bold.csv stays open until then" in page.said["file"]
    page.press("drop")
    assert held.at_hand is before
    assert "second.csv" not in page.said["file"]


def test_a_target_is_held_for_the_session_and_can_be_cleared():
    session = Session("two-regions")
    page = section(session=session)
    assert "A fit aims at the measured connectivity of dk84." in page.said["target"]
    opened(page, bold(), **SAID)
    page.press("target")
    assert session.measured.target.matrix.shape == (84, 84)
    assert "A fit aims at bold.csv, 6 of 84 regions." in page.said["target"]
    page.press("untarget")
    assert session.measured.target is None
    assert not page.control("untarget").is_shown


@pytest.mark.slow
def test_another_connectome_is_matched_anew():
    session = Session("two-regions")
    page = section(session=session)
    held = opened(page, bold(), **SAID)
    session.connectome = read_connectome(b",L.TH,x\nL.TH,0,1\nx,1,0\n", "two.csv")
    page.scenario_changed()
    settle(page)
    assert held.opened.connectome is session.connectome
    assert "1 of 6 regions matched to 2 of two" in page.said["matching"]


def test_names_come_with_the_file_that_lies_beside_it():
    page = section()
    beside = [sent("mine_labels.csv", "\n".join(LABELS).encode())]
    page.take_file(sent("mine.csv", text_of(signals()), beside))
    settle(page)
    page.choose(**SAID)
    page.press("read")
    settle(page)
    assert page.tools.session.measured.opened.data.labels == LABELS
    page.take_file(sent("one.csv", bold(), [sent("two.csv", bold())]))
    assert "must be one file of data at a time (got one.csv, two.csv)" in page.said["trouble"]


def test_a_part_of_a_file_is_chosen():
    page = section()
    parts = {"one.npy": npy_of(signals(40, 5)), "two.npy": npy_of(signals(30, 6))}
    opened(page, zip_of(parts), "both.npz")
    assert set(page.values) == {"part", "regions"}
    page.choose(part="two")
    page.press("read")
    settle(page)
    assert {"orientation", "interval_s", "unit"} < set(page.values)
    page.choose(orientation="time-rows", **SAID)
    page.press("read")
    settle(page)
    assert page.tools.session.measured.opened.data.n_samples == 30


def test_the_chooser_offers_every_kind_that_is_read():
    page = section()
    page.press("choose")
    for ending in (".csv", ".npy", ".mat", ".nwb", ".h5"):
        assert ending in page.tools.shown["asked"]
