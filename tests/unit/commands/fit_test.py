"""`dtb fit`: a tuning, its report, and going on from where it was broken off."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dtb_app.cli import main
from engine import load_connectome
from engine.scenario.tuning_file import load_tuning
from engine.tuning import Judgement

FOUR = load_connectome("four_regions")
SCENARIO = """
title = "small"
connectome = "four_regions"
dt = 0.5
[network]
neurons_per_region = 20
in_degree = 16
connectome_weights = "log"
wiring_seed = 1
"""


@pytest.fixture
def fit(tmp_path, capsys):
    (tmp_path / "small.toml").write_text(SCENARIO, encoding="utf-8")
    rows = ["," + ",".join(FOUR.labels)]
    fc = [[1, 0.6, 0.1, -0.1], [0.6, 1, 0.0, 0.2], [0.1, 0.0, 1, 0.5], [-0.1, 0.2, 0.5, 1]]
    rows += [f"{label}," + ",".join(map(str, row)) for label, row in zip(FOUR.labels, fc, strict=True)]
    (tmp_path / "fc.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")

    def run(*more, minutes="1"):
        where = str(tmp_path / "small.toml"), "--target", str(tmp_path / "fc.csv")
        times = "--minutes", minutes, "--judge", "1"
        code = main(["fit", *where, "--to", "fc", *times, "--out", str(tmp_path / "mine.json"), *more])
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


@pytest.mark.slow
def test_a_fit_writes_a_tuning_that_a_scenario_takes(fit, tmp_path, capsys):
    code, out, err = fit("--json", "--controls", "--refits", "2")
    assert code == 0, err
    report = json.loads(out)
    assert set(report["baselines"]) == {"wiring", "linear", "rewired", "shuffled"}
    assert None not in report["baselines"].values()
    assert report["held_out"]["n"] == 3
    assert len(set(report["refits"]["r"])) == 2
    assert all(-1 <= report["refits"][name] < 1 for name in ("fc", "tracts", "inhibition"))
    assert report["n_parameters"] == 2 * 12 + 4
    assert report["minutes"] == pytest.approx(1.0, abs=0.04)
    assert report["judged_seed"] != report["seed"]
    assert report["target"]["name"] == "fc.csv"
    tuning = load_tuning(str(tmp_path / "mine.json"))
    assert tuning.labels == FOUR.labels
    assert tuning.provenance["reached"]["r"] == report["r"]
    tuned = ["run", str(tmp_path / "small.toml"), "--duration", "200", "--json"]
    assert main([*tuned, "--set", f"network.tuning={tmp_path / 'mine.json'}"]) == 0
    with_it = json.loads(capsys.readouterr().out)
    assert with_it["scenario"]["network"]["tuning"].endswith(f"@sha256:{tuning.checksum[:16]}")
    assert main(tuned) == 0
    assert json.loads(capsys.readouterr().out)["spike_hash"] != with_it["spike_hash"]


@pytest.mark.slow
def test_a_fit_goes_on_from_its_state_to_the_same_tuning(fit, tmp_path, monkeypatch):
    four = np.full(4, 4.0)
    judged = Judgement(0.5, 6, 0.5, 0.5, 0.5, minutes=1.0, fc=np.eye(4), rates_hz=four, max_1s_hz=5.0, seed=1)
    monkeypatch.setattr("engine.tuning.judge", lambda *_, **__: judged)  # comes after the tuning
    state, out = tmp_path / "state.h5", str(tmp_path / "mine.json")
    assert fit("--resume", str(state), minutes="1")[0] == 0
    first = load_tuning(out)
    assert fit("--resume", str(state), minutes="1.2")[0] == 0
    halted = load_tuning(out)
    assert halted != first
    assert fit(minutes="1.2")[0] == 0
    assert load_tuning(out) == halted


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--minutes", "0.1"], "fit.minutes: must be at least 1"),
        (["--refits", "1"], "fit.refits: must be from 2 to 5"),
        (["--judge", "0"], "fit.judge: must be at least 1"),
        (["--threads", "0"], "fit.threads: must be at least 1"),
        (["--target", "nowhere.csv"], "nowhere.csv"),
        (["--set", "network.recipe=microcircuit"], "network"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_one_sentence(fit, more, said):
    code, out, err = fit(*more)
    assert code == 2
    assert out == ""
    assert said in err
    assert err.count("\n") <= 2


def test_a_state_of_another_fit_is_refused(fit, tmp_path):
    (tmp_path / "state.h5").write_bytes(b"something else")
    code, _, err = fit("--resume", str(tmp_path / "state.h5"))
    assert code == 2
    assert "must be the state of a fit" in err
