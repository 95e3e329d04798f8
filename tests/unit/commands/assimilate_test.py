"""`dtb assimilate`: a result and its table, going on from a state, refusals."""

from __future__ import annotations

import json
import signal

import numpy as np
import pytest

from dtb_app.cli import main
from engine import load_connectome
from engine.assimilation.members import BrainMembers

FOUR = load_connectome("four_regions")
SCENARIO = """
title = "small"
connectome = "four_regions"
dt = 0.5
[network]
neurons_per_region = 20
in_degree = 16
"""


@pytest.fixture
def assimilate(tmp_path, capsys):
    (tmp_path / "small.toml").write_text(SCENARIO, encoding="utf-8")

    def run(*more):
        size = "--members", "6", "--tr", "400", "--trs", "6"
        out = "--out", str(tmp_path / "found.json")
        code = main(["assimilate", str(tmp_path / "small.toml"), *size, *out, *more])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.mark.slow
def test_a_twin_experiment_says_what_was_learnt_beside_its_baselines(assimilate, tmp_path):
    state = str(tmp_path / "state.h5")
    options = "--synthetic", "--observe", "rate", "--regions", *FOUR.labels[:2]
    code, out, err = assimilate(*options, "--resume", state)
    assert code == 0, err
    report = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert report["driven"] == list(FOUR.labels[:2])
    assert report["held_out"] == list(FOUR.labels[2:])
    assert [row["region"] for row in report["parameters"]] == list(FOUR.labels[:2])
    assert all(row["z"] is not None for row in report["parameters"])
    assert "persistence" in out
    assert "learnt by chance" in out
    code, out, err = assimilate(*options, "--resume", state, "--json")
    assert code == 0, err
    again = json.loads(out)
    assert {k: v for k, v in again.items() if k != "wall_s"} == {
        k: v for k, v in report.items() if k != "wall_s"
    }
    assert assimilate(*options, "--resume", state, "--seed", "2")[0] == 2


@pytest.mark.slow
def test_measured_bold_is_taken_for_the_regions_it_has(assimilate, tmp_path):
    series = np.random.default_rng(1).standard_normal((8, 3)).cumsum(axis=0)
    rows = [",".join(FOUR.labels[:3]), *(",".join(f"{v:.5f}" for v in row) for row in series)]
    (tmp_path / "bold.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    said = "--data", str(tmp_path / "bold.csv"), "--interval-s", "0.4", "--unit", "%", "--signal", "bold"
    held = "--orientation", "time-rows", "--held-out", FOUR.labels[1], "--json"
    code, out, err = assimilate(*said, *held)
    assert code == 0, err
    report = json.loads(out)
    assert report["driven"] == [FOUR.labels[0], FOUR.labels[2]]
    assert report["held_out"] == [FOUR.labels[1]]
    assert report["is_relative"]
    assert report["n_trs"] == 6
    assert report["parameters"][0]["z"] is None


@pytest.mark.slow
def test_an_offline_fit_is_told_beside_neutral_parameters(assimilate):
    code, out, err = assimilate(
        "--synthetic", "--observe", "rate", "--offline", "--generations", "2", "--trs", "8"
    )
    assert code == 0, err
    assert "neutral" in out
    assert "held out" in out


@pytest.mark.slow
@pytest.mark.parametrize(("more", "at"), [((), 5), (("--offline", "--generations", "3", "--trs", "8"), 7)])
def test_what_is_broken_off_goes_on_to_the_same_result(assimilate, tmp_path, monkeypatch, more, at):
    options = "--synthetic", "--observe", "rate", "--json", *more
    whole = json.loads(assimilate(*options)[1])
    calls, advance = [], BrainMembers.advance

    def breaking(self, *given):
        calls.append(self.n_members)
        if self.n_members > 1 and calls.count(self.n_members) == at:
            signal.raise_signal(signal.SIGINT)
        return advance(self, *given)

    state = tmp_path / "state.h5"
    monkeypatch.setattr(BrainMembers, "advance", breaking)
    code, out, err = assimilate(*options, "--resume", str(state))
    assert code == 130
    assert out == ""
    assert "goes on from" in err
    kept = state.read_bytes()
    monkeypatch.setattr(BrainMembers, "advance", advance)
    code, out, err = assimilate(*options, "--resume", str(state))
    assert code == 0, err
    again = json.loads(out)
    assert {**again, "wall_s": 0} == {**whole, "wall_s": 0}
    assert state.read_bytes() != kept


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ((), "assimilate.data"),
        (("--synthetic", "--data", "x.csv"), "assimilate.data"),
        (("--synthetic", "--noise", "0"), "assimilate.noise"),
        (("--synthetic", "--offline", "--generations", "0"), "generations"),
        (("--synthetic", "--threads", "0"), "assimilate.threads"),
        (("--synthetic", "--members", "1"), "members"),
        (("--synthetic", "--parameters", "bais"), "bias"),
    ],
)
def test_what_is_refused_is_one_sentence(assimilate, more, sentence):
    code, out, err = assimilate(*more)
    assert code == 2
    assert sentence in err
    assert out == ""
    assert err.count("\n") == 1
