"""A fitted brain on the chip: the same brain where the chip is ideal, its own teacher, kept in a file."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from dtb_app.cli import main
from engine import DataError, ParameterError, Scenario, load_connectome
from engine.scenario.tuning import Tuning
from engine.scenario.tuning_file import keep_tuning
from engine.tuning import judge
from engine.tuning.student import fit_students, read_students, write_students
from engine.tuning.study import judge_seed

FOUR = load_connectome("four_regions")
TARGET = np.array([[1, 0.6, 0.1, -0.1], [0.6, 1, 0.0, 0.2], [0.1, 0.0, 1, 0.5], [-0.1, 0.2, 0.5, 1]])
NEUTRAL = Tuning.neutral(FOUR.labels, 1.0, 2.0)  # kept as long as somebody holds it
JUDGED = 1.0  # minutes
SETS = {"the first two": FOUR.labels[:2]}
TUNED = Scenario(connectome="four_regions", dt=0.5).with_values(
    {
        "network.neurons_per_region": 40,
        "network.in_degree": 30,
        "network.parameters.g_ampa": 1.0,
        "network.parameters.g_nmda": 0.5,
        "network.tuning": keep_tuning(NEUTRAL),
        "network.wiring_seed": 5,
        "seed": 3,
    }
)


@pytest.fixture(scope="module")
def found():
    return fit_students(
        TUNED,
        FOUR,
        TARGET,
        SETS,
        modes=("ideal", "calibrated"),
        tune_minutes=0.25,
        judge_minutes=JUDGED,
        workers=2,
    )


@pytest.mark.slow
def test_the_teacher_is_the_brain_as_it_is_judged_alone(found):
    alone = judge(TUNED, FOUR, TARGET, seed=judge_seed(TUNED.seed), minutes=JUDGED)
    assert found.teacher.r == pytest.approx(alone.r, abs=1e-6)
    assert found.teacher.max_1s_hz == pytest.approx(alone.max_1s_hz, abs=1e-4)
    assert (found.teacher.n_regions, found.n_pairs) == (0, 6)
    assert found.teacher_tuned_on.in_the_loop
    assert found.teacher_tuned_on.r != found.teacher.r


@pytest.mark.slow
def test_only_a_real_chip_is_tuned_on_with(found):
    told = [(s.mode, s.in_the_loop) for s in found.students]
    assert told == [("ideal", False), ("calibrated", False), ("calibrated", True)]
    assert found.of("the first two", "calibrated", True) is found.students[2]
    assert found.of("the first two", "ideal", True) is None
    plain, loop = found.students[1:]
    assert plain.r != loop.r


@pytest.mark.slow
def test_ideal_circuits_fire_as_the_teacher_and_mismatched_ones_do_not(found):
    ideal, calibrated, _ = found.students
    assert ideal.mean_hz == pytest.approx(found.teacher.mean_hz, rel=0.1)
    assert abs(calibrated.mean_hz - found.teacher.mean_hz) > abs(ideal.mean_hz - found.teacher.mean_hz)


@pytest.mark.slow
def test_a_file_gives_it_back_and_a_changed_one_is_refused(found, tmp_path):
    file = tmp_path / "students.json"
    write_students(file, found)
    assert read_students(file) == found
    broken = asdict(found)
    broken["students"][0]["mode"] = "perfect"
    file.write_text(json.dumps(broken))
    with pytest.raises(DataError, match=r"students\.json: students\.0\.mode"):
        read_students(file)


def test_what_has_no_tuning_or_no_region_is_refused():
    with pytest.raises(ParameterError, match=r"network\.tuning: must be given"):
        fit_students(TUNED.with_values({"network.tuning": ""}), FOUR, TARGET, SETS)
    with pytest.raises(ParameterError, match="got none in 'nobody'"):
        fit_students(TUNED, FOUR, TARGET, {"nobody": ()})


def test_the_command_line_says_what_is_wrong(capsys):
    assert main(["student", "whole-brain-at-rest", "--regions", "L.HI"]) == 2
    assert "network.tuning: must be given" in capsys.readouterr().err
    for options, words in (
        (["--regions", "L.HI,nowhere"], "must be simulated regions (got 'nowhere')"),
        (["--judge", "0.5"], "student.judge: must be at least 1 (got 0.5)"),
        (["--tune", "0.5"], "student.tune: must be 0 or at least 1 (got 0.5)"),
        (["--set", "regions.analog=[]"], "student.regions: must be given where none is on analog"),
    ):
        assert main(["student", "resting-twin", *options]) == 2
        assert words in capsys.readouterr().err


@pytest.mark.slow
def test_the_table_names_every_brain_and_the_baselines(found):
    from dtb_app.commands.tables.student import student_table

    text = student_table(replace(found, wiring=0.25))
    assert text.count("the first two (2)") == 3
    assert text.count("none, all digital") == 2
    assert "the wiring alone 0.250" in text
