"""What was made up of a connectome stands in check, in a run's words and in run.json."""

from __future__ import annotations

import json

import pytest

from dtb_app.cli import main
from engine import Simulation, preset

BARE = "0,1,2\n1,0,3\n2,3,0\n"
TRACT = 'connectome = "bare.csv"\nduration = 20.0\ntransient = 0.0\n[network]\ndelays = "tract"\n'
MADE_UP = "delays come from made-up lengths, since the file has no tract lengths"
CIRCLE = "no tract lengths: straight distances between the places on that circle"


@pytest.fixture
def scenario(tmp_path):
    (tmp_path / "bare.csv").write_text(BARE)
    (tmp_path / "s.toml").write_text(TRACT)
    return tmp_path / "s.toml"


def test_check_says_what_was_made_up(scenario, capsys):
    assert main(["check", str(scenario.with_name("bare.csv"))]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "bare.csv: fine."
    assert f"  {CIRCLE}" in lines
    assert main(["check", str(scenario), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["problems"] == []
    assert found["notes"][-1] == {"field": "delays", "kind": "invented", "said": MADE_UP}
    assert CIRCLE in [note["said"] for note in found["notes"]]
    scenario.write_text('connectome = "dk84"\n')
    assert main(["check", str(scenario), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == []


def test_a_run_says_what_was_made_up_and_whose_connectome_it_had(scenario, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["run", str(scenario), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert f"  connectome  {CIRCLE}" in said
    assert f"  connectome  {MADE_UP}" in said
    run = json.loads((out / "run.json").read_text())
    assert run["connectome"]["name"] == "bare"
    assert run["connectome"]["sha256"] == run["connectome_sha256"]
    assert run["connectome"]["source"].startswith("bare.csv (matrix of weights)")
    assert run["connectome"]["notes"][-1]["said"] == MADE_UP


def test_a_shipped_connectome_has_nothing_to_say(capsys):
    simulation = Simulation(preset("two-regions").with_values({"duration": 5.0}))
    found = simulation.run().as_json()["connectome"]
    simulation.close()
    assert (found["name"], found["regions"], found["notes"]) == ("dk84", 84, [])
    assert "Schirner" in found["source"]


def test_a_path_that_is_typed_starts_where_it_is_typed(scenario, tmp_path, monkeypatch, capsys):
    here = tmp_path / "here"
    here.mkdir()
    (here / "my.csv").write_text(",a,b\na,0,1\nb,1,0\n")
    monkeypatch.chdir(here)
    base = ["run", str(scenario), "--json"]
    assert main([*base, "--set", "connectome=my.csv"]) == 0
    assert json.loads(capsys.readouterr().out)["connectome"]["regions"] == 2
    assert main(base) == 0  # the file's own path starts beside the file
    assert json.loads(capsys.readouterr().out)["connectome"]["regions"] == 3
    assert main([*base, "--set", "connectome=bare.csv"]) == 2


@pytest.mark.parametrize(
    "command", [["sweep", "--vary", "network.coupling=1:2:2", "--workers", "1", "--out", "table"], ["run"]]
)
def test_every_command_looks_for_a_typed_path_in_this_folder(
    command, scenario, tmp_path, monkeypatch, capsys
):
    here = tmp_path / "here"
    here.mkdir()
    (here / "my.csv").write_text(",a,b\na,0,1\nb,1,0\n")
    monkeypatch.chdir(here)
    name, *more = command
    assert main([name, str(scenario), *more, "--set", "connectome=my.csv"]) == 0
    assert main([name, str(scenario), *more, "--set", "connectome=bare.csv"]) == 2
    assert "must be a shipped one or a file" in capsys.readouterr().err
