"""Dose and response of an electrode, from Python and by `dtb sweep`."""

from __future__ import annotations

import csv
import json

import pytest

from dtb_app.cli import main
from engine.twin.stimulation import dose, study
from engine.twin.stimulation.dose import DOSE_UNITS, DoseStudy
from engine.twin.stimulation.electrode import electrode
from engine.twin.stimulation.study import case_of, keep, run_condition, untreated

SWEEP = ["sweep", "closed-loop", "--patients", "1", "--set", "seed=11", "--workers", "1"]


@pytest.fixture
def brief(monkeypatch):
    """Treatments of 2 s."""
    monkeypatch.setattr(dose, "TREATED_S", 2.0)
    monkeypatch.setattr(study, "TREATED_S", 2.0)
    monkeypatch.setattr(dose, "untreated", lambda patient, seed, check: untreated(patient, seed, check, 2.0))


def test_a_dose_is_judged_as_a_trial_judges_it(brief):
    case, base = case_of(11, 0), electrode()
    row = DoseStudy(11, 1).row(base)
    kept = keep(run_condition(case, "open_loop", base, 0.0))
    before = keep(untreated(case.patient, case.judged_seed, seconds=2.0))
    assert row["effect"] == pytest.approx(kept.effect(before), rel=1e-5)
    assert row["charge_uc"] == pytest.approx(kept.charge_uc, rel=1e-5)
    assert row["energy_uj"] == pytest.approx(kept.energy_uj, rel=1e-5)
    assert row["effect_low"] is None


def test_no_current_has_no_effect_and_no_price(brief):
    circuits = DoseStudy(11, 2)
    row = circuits.row(electrode(amplitude_ma=0.0))
    assert row.keys() == DOSE_UNITS.keys()
    assert (row["effect"], row["gpi_effect"], row["charge_uc"], row["energy_uj"]) == (0, 0, 0, 0)
    assert row["effect_per_uc"] is None
    assert row["chance_effect"] != 0
    assert circuits.row(electrode(amplitude_ma=4.0))["effect"] > 0.2


def test_a_sweep_over_doses_writes_a_row_each_refuses_what_may_harm_and_goes_on(brief, tmp_path, capsys):
    out = tmp_path / "doses"
    asked = [*SWEEP, "--vary", "electrode.amplitude_ma=0.5,4,25", "--out", str(out)]
    assert main([*asked, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["units"]["electrode.amplitude_ma"] == "mA"
    weak, strong, unsafe = printed["runs"]
    assert weak["effect"] < strong["effect"]
    assert weak["charge_uc"] == pytest.approx(strong["charge_uc"] / 8, rel=0.1)
    assert "Shannon's limit" in unsafe["error"]
    assert unsafe["effect"] is None
    rows = list(csv.DictReader((out / "results.csv").read_text().splitlines()))
    assert [row["effect"] for row in rows] == [str(weak["effect"]), str(strong["effect"]), ""]
    assert sorted(p.name for p in out.glob("run-*.json")) == ["run-0001.json", "run-0002.json"]
    (out / "run-0002.json").write_text("{}")
    kept = (out / "run-0001.json").stat().st_mtime_ns
    assert main(asked) == 0
    said = capsys.readouterr()
    assert "goes on: 1 of 2 are done" in said.err
    assert "not for clinical use" in said.out
    assert (out / "run-0001.json").stat().st_mtime_ns == kept
    assert list(csv.DictReader((out / "results.csv").read_text().splitlines())) == rows


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--vary", "electrode.frequency_hz=20,1300"], "must be from 1 to 250 Hz (got 1300)"),
        (["--vary", "electrode.frequency=20,30"], "Did you mean 'frequency_hz'?"),
        (["--vary", "electrode.frequency_hz=20", "--vary", "network.coupling=1,2"], "electrode only"),
        (["--vary", "electrode.frequency_hz=20", "--set", "electrode.frequency_hz=30"], "--set holds"),
        (["--vary", "electrode.amplitude_ma=24,25"], "Shannon's limit"),
        (["--vary", "electrode.frequency_hz=20", "--duration", "5"], "must be left out"),
        (["--vary", "electrode.frequency_hz=20", "--patients", "0"], "must be from 1 to 100"),
    ],
)
def test_what_is_no_sweep_of_an_electrode_is_refused_in_a_sentence(more, sentence, tmp_path, capsys):
    assert main([*SWEEP, *more, "--out", str(tmp_path / "none")]) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""
    assert not (tmp_path / "none").exists()


def test_an_electrode_stands_in_no_other_preset_and_patients_in_no_other_sweep(tmp_path, capsys):
    asked = ["--vary", "electrode.frequency_hz=20", "--out", str(tmp_path / "none")]
    assert main(["sweep", "two-regions", *asked]) == 2
    assert "must be closed-loop-stimulation" in capsys.readouterr().err
    asked[1] = "seed=1,2"
    assert main(["sweep", "two-regions", "--patients", "3", *asked]) == 2
    assert "where no electrode.* is varied" in capsys.readouterr().err


def test_keys_of_the_electrode_are_listed(capsys):
    assert main(["keys", "electrode.frequency", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["electrode.frequency_hz"]
    assert (found["unit"], found["low"], found["high"], found["default"]) == ("Hz", 1, 250, 130)
