"""``dtb twin``: what it writes and prints, and what it refuses."""

from __future__ import annotations

import json

import pytest

from dtb_app.cli import main
from dtb_app.commands.tables.twin import scorecard_table
from engine.twin.trial import PARTS, TWINS, read_scorecard
from sample_data import path
from tests.unit.twin.trial_test import toys

__all__ = ["toys"]


def test_it_writes_and_prints_the_scorecard(toys, tmp_path, capsys):
    out = tmp_path / "there" / "t"
    assert main(["twin", "two-regions", "--patients", "2", "--seed", "4", "--out", str(out), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((out / "scorecard.json").read_text())
    assert (printed["preset"], printed["patients"], printed["seed"]) == ("two-regions", 2, 4)


def test_without_json_it_prints_a_table(toys, tmp_path, capsys):
    assert main(["twin", "two-regions", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "Toy: Is it asked?" in said
    assert "not for clinical use" in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["resting-twin"], "preset of a twin: must be a known one (got 'resting-twin')"),
        (["patient-drif"], "Did you mean 'patient-drift'"),
        (["patient-drift", "--patients", "0"], "twin.patients: must be from 1 to 100 (got 0)."),
        (["patient-drift", "--seed", "-3"], "twin.seed: must be from 0"),
        (["patient-drift", "--workers", "0"], "twin.workers: must be at least 1 (got 0)."),
    ],
)
def test_refusals_are_one_sentence_and_leave_nothing(given, said, tmp_path, capsys):
    assert main(["twin", *given, "--out", str(tmp_path / "new")]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.strip().splitlines()) == 1
    assert not (tmp_path / "new").exists()


def test_a_file_where_the_folder_should_be_is_refused(tmp_path, capsys):
    (tmp_path / "f").write_text("kept")
    assert main(["twin", "patient-drift", "--out", str(tmp_path / "f")]) == 2
    assert "twin.out: must be a folder" in capsys.readouterr().err
    assert (tmp_path / "f").read_text() == "kept"


@pytest.mark.parametrize("name", TWINS.names)
def test_the_table_of_every_preset_has_all_its_parts(name):
    said = scorecard_table(read_scorecard(path(f"twin.{name}")))
    for part in TWINS[name].parts:
        assert PARTS[part].sentence in said
