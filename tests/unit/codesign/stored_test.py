"""Stored results: what is broken is refused, and the shipped ones belong to the present engine."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import sample_data
from engine import Simulation, load_connectome, preset
from engine.codesign import (
    COSTS,
    DISTANCE,
    KNOBS,
    MEASURES,
    N_EVALS,
    Attribution,
    Calibration,
    CalibrationState,
    Observation,
    Origin,
    Repeat,
    Repeats,
    Results,
    TradeOff,
    Validation,
    compare,
    read_results,
    shortened,
    standing_of,
    student_of,
    teacher_of,
    with_noise,
    write_results,
)
from engine.codesign.attribution import Cost
from engine.codesign.calibration import HeldOut
from engine.codesign.trade_off import Point
from engine.errors import DataError


@pytest.fixture(scope="module")
def results(small):
    standings = {name: standing_of(m, [0.2, 0.4], [0.1, 0.1], 1.0, 0.01, 7) for name, m in MEASURES.items()}
    per_chip = {name: [0.2, math.nan] for name in MEASURES}
    controls = {"chaos": {"value": None, "expected": "x", "passed": True, "sentence": "It holds."}}
    costs = (Cost("leak", 0.5, 0.1, 0.3, 0.1),)
    held = HeldOut(("a", "b"), (2.0, 2.0), (1.0, 1.0))
    moves = [[[0.1] * len(KNOBS), [0.2] * len(KNOBS)]]
    state = CalibrationState(small.digest(), 2.0, [1.9], [3, -1], 1.6, moves, [[1.5, 1.7]])
    fits = (Repeat(7, 11, 2.0, 1.0, 2.0, 1.9, 1.0, True, 0.9),)
    coarse = small.with_values({"analog.weight_bits": 2})
    points = (
        Point(coarse, 2, 1.0, "auto", 3.0, 0.1, dict.fromkeys(COSTS, 1.0)),
        Point(small, small.analog.weight_bits, 1.0, 8, np.inf, 0.0, {}, "does not fit"),
    )
    seeds = (7, 8), (1, 2)
    return Results(
        Origin("make", "none", "small", small.digest(), "c", 7, 1, "t", "s", {"numpy": "2"}, {}),
        Validation(small, ("L.HI",), standings, controls, seeds[1], seeds[0], 240, per_chip),
        Attribution(small, ("L.HI",), {DISTANCE: costs}, {DISTANCE: 0.1}, {DISTANCE: 1.5}, {}, *seeds, ()),
        Calibration(
            small.with_values({"analog.bias_offset": 3.0}),
            small,
            state,
            True,
            held,
            held,
            held,
            held,
            0.9,
            {"cv_ks": (2.0, 1.0)},
        ),
        Repeats(fits, 2, 4),
        TradeOff(small, points, *seeds),
    )


def test_what_was_written_is_read_again(results, tmp_path):
    file, again = tmp_path / "a.json", tmp_path / "b.json"
    write_results(file, results)
    found = read_results(file)
    write_results(again, found)
    assert file.read_bytes() == again.read_bytes()
    for kind in ("attribution", "calibration", "trade_off"):
        assert getattr(found, kind).as_json() == getattr(results, kind).as_json()
    assert found.validation.standings == results.validation.standings
    assert np.isnan(found.validation.per_chip["cv_ks"][1])
    assert found.trade_off.points[1].distance == np.inf
    assert [p.scenario for p in found.trade_off.points] == [p.scenario for p in results.trade_off.points]


def test_a_result_may_be_missing(results, tmp_path):
    write_results(tmp_path / "a.json", Results(results.origin, validation=results.validation))
    found = read_results(tmp_path / "a.json")
    assert found.calibration is None
    assert found.validation is not None


def put(place, value):
    """A change of a file: the value at a dotted place, or its removal."""

    def change(data):
        *path, last = place.split(".")
        for key in path:
            data = data[int(key) if isinstance(data, list) else key]
        last = int(last) if isinstance(data, list) else last
        if value is None:
            del data[last]
        else:
            data[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("format", 1), "format: must be 2 \\(got 1\\)"),
        (put("format", None), "format: must be as it would be written"),
        (put("validation.n_neurons", None), "n_neurons"),
        (put("validation.n_neurons", "240"), "validation.n_neurons: must be a whole number"),
        (put("validation.more", 1), "validation.more: must be left out"),
        (put("validation.per_chip.cv_ks", [0.1]), "chips missing in cv_ks"),
        (put("validation.per_chip.cv_ks", None), "chips of other measures"),
        (put("validation.standings.cv_ks.grade", "superb"), "cv_ks.grade: must be .within.,"),
        (put("validation.standings.cv_ks.value", {"float": "nan"}), "cv_ks.value: must be a number"),
        (put("validation.controls.chaos.passed", "yes"), "control chaos"),
        (put("validation.scenario.seed", 99), "validation of another scenario"),
        (put("validation.scenario.sead", 1), "sead"),
        (put("attribution.scenario.seed", 99), "attribution of another scenario"),
        (put("attribution.costs.distance.0.term", "luck"), "unknown term"),
        (put("attribution.costs.distance.0.on", {"float": "inf"}), "costs.distance.0.on: must be a number"),
        (put("attribution.none", {}), "other measures"),
        (put("calibration.state.digest", "x"), "calibration of another scenario"),
        (put("calibration.state.moves.0.0", [1.0]), "state.moves.0.0: must have at least 6 entries"),
        (put("calibration.state.distances.0", [1.0]), "moves without distances"),
        (put("calibration.state.trims", [500]), "state.trims.0: must be at most"),
        (put("calibration.spotless", {"float": "nan"}), "calibration.spotless: must be a number"),
        (put("repeats.fits", []), "repeats.fits: must have at least 1 entries"),
        (put("repeats.fits.0.chip_seed", 8), "repeats of another chip"),
        (put("repeats.fits.0.factor", {"float": "inf"}), "repeats.fits.0.factor: must be a number"),
        (put("repeats.fits.0.after", -1.0), "fits.0.after: must be greater than 0"),
        (put("calibration.held_out.after", [1.0]), "conditions missing"),
        (put("trade_off.points", []), "points: must have at least 1 entries"),
        (put("trade_off.points.0.bits", 3), "other bits"),
        (put("trade_off.points.0.costs.area", None), "costs missing"),
        (put("trade_off.points.0.distance", {"float": "nan"}), "not finite"),
        (put("origin.scenario_digest", "x"), "another scenario"),
        (put("origin", None), "origin"),
    ],
)
def test_what_is_broken_is_refused_in_a_sentence(results, tmp_path, change, said):
    file = tmp_path / "results.json"
    write_results(file, results)
    data = json.loads(file.read_text())
    change(data)
    file.write_text(json.dumps(data))
    with pytest.raises(DataError, match=f"^results.json: .*{said}"):
        read_results(file)


@pytest.mark.parametrize("text", ["", "[1", "[]", "NaN", '{"format": NaN}', "{" * 99_999, "\x00"])
def test_what_is_no_result_at_all_is_refused(tmp_path, text):
    file = tmp_path / "results.json"
    file.write_text(text)
    with pytest.raises(DataError, match=r"^results\.json: (must be|origin: must be given)"):
        read_results(file)
    with pytest.raises(DataError, match="cannot be read"):
        read_results(tmp_path / "none.json")


def test_too_large_a_file_is_refused_unread(tmp_path):
    file = tmp_path / "results.json"
    file.write_bytes(b" " * 4_000_001)
    with pytest.raises(DataError, match=r"^results.json: must be at most 4000000 bytes \(got 4000001\)"):
        read_results(file)


# ---- the shipped file ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped():
    return read_results(sample_data.path("codesign"))


def test_the_shipped_results_are_of_the_first_preset_as_the_page_shortens_it(shipped):
    scenario = shortened(preset(shipped.origin.preset))
    assert shipped.origin.scenario_digest == scenario.digest()
    assert shipped.origin.title == scenario.title
    assert shipped.origin.connectome_sha256 == load_connectome(scenario.connectome).checksum
    assert shipped.origin.missing == {}
    v = shipped.validation
    assert (len(v.chip_seeds), len(v.noise_seeds)) == (5, 4)
    assert (len(shipped.attribution.chip_seeds), len(shipped.attribution.noise_seeds)) == (3, 2)
    assert shipped.calibration.state.n_evals == shipped.repeats.n_evals == N_EVALS
    chips = [f.chip_seed for f in shipped.repeats.fits]
    assert chips == [7, 8, 9]
    assert shipped.repeats.fits[0].factor == pytest.approx(shipped.calibration.held_out.factor)
    assert min(f.factor for f in shipped.repeats.fits) > 1.0
    assert len(shipped.trade_off.points) == 30


@pytest.mark.slow
def test_the_present_engine_makes_the_spikes_and_a_score_of_the_shipped_results(shipped):
    origin, v = shipped.origin, shipped.validation
    connectome = load_connectome(v.scenario.connectome)
    student = student_of(with_noise(v.scenario, origin.noise_seed), origin.chip_seed)
    teacher = with_noise(teacher_of(v.scenario, connectome), origin.noise_seed)
    runs = [Simulation(s, connectome).run() for s in (teacher, student)]
    assert [r.spike_hash for r in runs] == [origin.teacher_spikes, origin.student_spikes]
    assert (origin.chip_seed, origin.noise_seed) == (v.chip_seeds[0], v.noise_seeds[0])
    found = compare(*(Observation.of(r, v.labels) for r in runs))
    for name in ("rate_error_hz", "cv_ks"):
        assert v.per_chip[name][0] == pytest.approx(found[name][0], rel=1e-12)
