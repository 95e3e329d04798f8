"""`dtb validate` and `dtb sweep`, as a script would use them."""

from __future__ import annotations

import csv
import json

import pytest

from dtb_app.cli import main
from dtb_app.commands.asked.scenario_names import find_scenario

SMALL = ["--duration", "400", "--set", "regions.default=off", "--set", "transient=100"]
ANALOG = [*SMALL, "--set", 'regions.digital=["L.TH"]', "--set", 'regions.analog=["L.HI"]']


def test_a_scenario_is_found_by_the_beginning_of_its_name():
    assert find_scenario("hippocampus")[0].title == "Hippocampus on analog"
    assert find_scenario("limbic")[0].title == "Limbic system on analog"


def test_validate_prints_one_json_object(capsys):
    assert main(["validate", "hippocampus", *ANALOG, "--chips", "1", "--seeds", "2", "--json"]) == 0
    said = capsys.readouterr()
    data = json.loads(said.out)
    assert data["regions"] == ["L.HI"]
    assert data["metrics"]["victor_purpura"]["n"] > 0
    assert "done" in said.err


def test_validate_prints_a_table(capsys):
    assert (
        main(
            [
                "validate",
                "two-regions",
                "--duration",
                "400",
                "--set",
                "transient=100",
                "--chips",
                "1",
                "--seeds",
                "2",
            ]
        )
        == 0
    )
    said = capsys.readouterr().out
    assert "Spike trains (SPIKE)" in said
    assert "control replay         holds" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["validate", "whole-brain"], "regions.analog: must name at least one region"),
        (["validate", "hippocampus", "--chips", "0"], "validate.chips: must be from 1"),
        (["validate", "hippocampus", "--workers", "0"], "must be at least 1"),
        (["validate", "no-such-thing"], "must be a file or a preset"),
        (["sweep", "two-regions", "--out", "x"], "sweep.vary: must be given"),
        (["sweep", "two-regions", "--vary", "network.coupling=1:2", "--out", "x"], "whole N"),
        (["sweep", "two-regions", "--vary", "network.couplin=1:2:2", "--out", "x"], "Did you mean"),
        (
            ["sweep", "two-regions", "--vary", "seed=1:2:2", "--scheduler", "tcp://a:1", "--out", "x"],
            "must be left out",
        ),
        (["sweep", "two-regions", "--vary", "seed=1:99999:99999", "--out", "x"], "N from 1 to"),
    ],
)
def test_refusals_are_one_sentence_and_exit_2(arguments, sentence, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""
    assert said.err.strip().count("\n") <= ("--chips" in arguments or "--workers" in arguments)


@pytest.mark.parametrize("name", ["results.csv", "run-0001.json"])
def test_a_sweep_is_not_written_over(name, tmp_path, capsys):
    (tmp_path / name).write_text("precious")
    (tmp_path / "notes.txt").write_text("mine")
    assert main(["sweep", "two-regions", "--vary", "seed=1:2:2", "--out", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert name in said.err
    assert "another --out" in said.err
    assert (tmp_path / name).read_text() == "precious"
    assert {p.name for p in tmp_path.iterdir()} == {name, "notes.txt"}


def test_a_sweep_writes_a_table_and_a_file_each_run(tmp_path, capsys):
    out = tmp_path / "sweep"
    assert (
        main(
            [
                "sweep",
                "two-regions",
                "--duration",
                "60",
                "--vary",
                "network.coupling=0.5:1.5:3",
                "--vary",
                "seed=1,2",
                "--out",
                str(out),
                "--json",
            ]
        )
        == 0
    )
    printed = json.loads(capsys.readouterr().out)
    assert printed["vary"] == {"network.coupling": [0.5, 1.0, 1.5], "seed": [1, 2]}
    rows = list(csv.DictReader((out / "results.csv").read_text().splitlines()))
    assert [(r["network.coupling"], r["seed"]) for r in rows[:3]] == [
        ("0.5", "1"),
        ("0.5", "2"),
        ("1.0", "1"),
    ]
    assert sorted(p.name for p in out.glob("run-*.json")) == [f"run-000{k}.json" for k in range(1, 7)]
    run = json.loads((out / "run-0003.json").read_text())
    assert (run["scenario"]["network"]["coupling"], run["seed"]) == (1.0, 1)
    assert run["spike_hash"] == rows[2]["spike_hash"]


def test_a_run_that_fails_has_its_sentence_in_the_table(tmp_path, capsys):
    out = tmp_path / "sweep"
    assert (
        main(
            [
                "sweep",
                "two-regions",
                "--duration",
                "200",
                "--vary",
                "network.parameters.g_ampa=2,900",
                "--out",
                str(out),
                "--json",
            ]
        )
        == 0
    )
    fine, broken = json.loads(capsys.readouterr().out)["runs"]
    assert fine["error"] == ""
    assert "run away" in broken["error"]
