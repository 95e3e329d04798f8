"""Measured data on the command line: looked at, asked about, held against a connectome and a run."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dtb_app.cli import main
from engine import load_connectome
from engine.export.run_folder import RunFolder
from engine.fit import fc_correlation, rate_fc
from engine.fit.functional_connectivity import structure_baseline
from tests.measured_files import npy_of, signals, text_of

DK84 = load_connectome("dk84")
LABELS = ("L.TH", "L.HI", "L.SFG", "L.PCAL", "R.TH")
VALUES = signals()
SAID = ["--interval-s", "0.72", "--unit", "%"]
RUN = ["run", "whole-brain-at-rest", "--set", "regions.default=off", "--set", "network.neurons_per_region=40"]
RUN += ["--set", "network.in_degree=20", "--set", f"regions.digital={json.dumps(LABELS)}", "--duration"]


@pytest.fixture
def bold(tmp_path):
    path = tmp_path / "bold.csv"
    path.write_bytes(text_of(VALUES, LABELS))
    return str(path)


def said(capsys, *arguments, code=0):
    try:
        found = main(["data", *arguments])
    except SystemExit as stop:
        found = stop.code
    assert found == code
    return capsys.readouterr()


def test_data_are_told_and_compared(bold, capsys):
    lines = said(capsys, bold, *SAID, "--signal", "bold").out.splitlines()
    assert lines[0] == ("bold.csv: bold [%] of 5 regions, 40 samples every 0.72 s, 28.8 s (table of text).")
    assert lines[1] == "  matched     5 of 5 regions with 84 of dk84: 5 by the same label"
    assert lines[2].startswith("  no data     L.BSTS, L.CACG,")
    assert lines[2].endswith(" and 67 more")
    places = [DK84.index(label) for label in LABELS]
    fc = rate_fc(VALUES)
    r, _ = fc_correlation(fc, DK84.fc_matrix[np.ix_(places, places)])
    assert lines[3] == f"  FC          r = {r:.3f} with that of dk84, 10 pairs"
    weights = DK84.weights[np.ix_(places, places)]
    wiring, logged = (structure_baseline(weights, fc, log=log)[0] for log in (False, True))
    assert lines[4] == (
        f"  wiring      r = {wiring:.3f} with the weights, r = {logged:.3f} with log(1 + weight), 10 pairs"
    )
    assert len(lines) == 5


def test_what_is_open_is_listed_and_the_code_is_2(tmp_path, capsys):
    path = tmp_path / "x.npy"
    path.write_bytes(npy_of(VALUES))
    found = said(capsys, str(path), code=2)
    assert found.out == ""
    assert found.err.splitlines() == [
        "x.npy: must be said first:",
        "  --orientation time-rows|region-rows  Are the rows samples or regions? time-rows: 40 samples of "
        "5 regions; region-rows: 5 samples of 40 regions.",
        "  --interval-s S  How long is it from a sample to the next?",
        "  --unit WORD  What unit have the values (a.u. where they have none)?",
    ]
    asked = json.loads(said(capsys, str(path), "--unit", "%", "--json", code=2).out)
    assert asked["ok"] is False
    assert [question["key"] for question in asked["questions"]] == ["orientation", "interval_s"]


def test_one_object_says_it_all(bold, capsys):
    found = json.loads(said(capsys, bold, *SAID, "--json", "--map", "L.HI=").out)
    assert (found["ok"], found["kind"], found["n_regions"], found["n_samples"]) == (True, "series", 5, 40)
    assert found["origin"]["said"] == {"interval_s": 0.72, "unit": "%"}
    assert found["unmatched_theirs"] == ["L.HI"]
    assert len(found["unmatched_ours"]) == 80
    assert (found["fc"]["n_matched"], found["fc"]["own_n"]) == (4, 6)


def test_names_are_mapped_proposed_and_accepted(tmp_path, capsys):
    path = tmp_path / "x.csv"
    path.write_bytes(text_of(VALUES, ("lh-TH", "thing", "lh-Hippocampi", "SFG_L", "qzxqzx")))
    found = said(capsys, str(path), *SAID).out
    assert "  near        lh-Hippocampi=L.HI: take all with --accept, or say each with --map\n" in found
    assert "  unmatched   thing, qzxqzx\n" in found
    assert "  FC          x.csv: must share at least 4 regions with the connectome (got 2)." in found
    found = said(capsys, str(path), *SAID, "--accept", "--map", "thing=R.TH").out
    assert (
        "matched     4 of 5 regions with 84 of dk84: 1 by the user's word; 2 by the same label, its side or"
        " signs written in another way; 1 by the nearest name, accepted\n"
    ) in found
    assert ", 6 pairs" in found


def test_names_come_from_a_file_or_from_the_connectome(tmp_path, capsys):
    data, names = tmp_path / "x.npy", tmp_path / "names.txt"
    data.write_bytes(npy_of(signals(30, 84)))
    names.write_text("\n".join(DK84.labels[::-1]), encoding="utf-8")
    given = [str(data), *SAID, "--orientation", "time-rows"]
    for labels in ("connectome", str(names)):
        found = said(capsys, *given, "--labels", labels, "--json").out
        assert [row["ours"] for row in json.loads(found)["matching"]] == list(
            DK84.labels if labels == "connectome" else DK84.labels[::-1]
        )


def test_spikes_have_rates(tmp_path, capsys):
    path = tmp_path / "spikes.csv"
    path.write_text("t_s,unit,region\n0.1,1,L.TH\n0.2,1,L.TH\n0.3,2,L.HI\n", encoding="utf-8")
    lines = said(capsys, str(path), "--duration-s", "2").out.splitlines()
    assert lines[0] == "spikes.csv: 3 spikes of 2 units in 2 regions, 2 s (table of text)."
    assert lines[-2:] == [
        "  L.TH        1 unit, 2 spikes, 1.00 Hz, CV n/a",
        "  L.HI        1 unit, 1 spike, 0.50 Hz, CV n/a",
    ]


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        (["--map", "L.TH"], "--map: must be THEIRS=OURS"),
        (["--map", "L.TH=L.HI", "--map", "L.TH=R.TH"], "--map: must name each region of the data once"),
        (["--map", "L.TX=L.HI"], "Did you mean 'L.TH'?"),
        (["--interval-s", "-1"], "interval_s: must be from 1e-05 to 600 s (got -1.0)."),
        (["--orientation", "sideways"], "invalid choice"),
        (["--leave-out", "L.XX"], "must have the region that is left out"),
        (["--connectome", "dk85"], "Did you mean 'dk84'?"),
        (["--labels", "no-such-file"], "no-such-file: cannot be read"),
    ],
)
def test_what_cannot_be_is_one_sentence(bold, extra, sentence, capsys):
    found = said(capsys, bold, *SAID, *extra, code=2)
    assert found.out == ""
    assert sentence in found.err
    assert found.err.count("\n") == 1


def test_a_missing_file_is_one_sentence(capsys):
    assert (
        said(capsys, "no-such.csv", code=2).err
        == "no-such.csv: cannot be read (No such file or directory).\n"
    )


def test_a_run_is_held_against_the_data(bold, tmp_path, capsys):
    out = tmp_path / "run"
    assert main([*RUN, "3200", "--data", bold, *SAID, "--out", str(out), "--json"]) == 0
    with_data = json.loads(capsys.readouterr().out)
    assert main([*RUN, "3200", "--json"]) == 0
    without = json.loads(capsys.readouterr().out)
    assert with_data["spike_hash"] == without["spike_hash"]
    assert with_data["connectome_sha256"] == without["connectome_sha256"]
    assert "measured_fc" not in without
    measured = with_data["measured_fc"]
    assert (measured["name"], measured["regions"]) == ("bold.csv", 5)
    assert len(measured["sha256"]) == 64
    places = [DK84.index(label) for label in LABELS]
    fc = rate_fc(VALUES)
    logged, n = structure_baseline(DK84.weights[np.ix_(places, places)], fc, log=True)
    assert with_data["fit"]["fc_r"]["baseline"] == pytest.approx(logged)
    assert without["fit"]["fc_r"]["baseline"] != pytest.approx(logged)
    assert with_data["fit"]["fc_r"]["n"] == n == 10
    against_data = {"fc_r", "fc_ccc", "fc_rmse", "fcd_ks"}
    kept = {key: with_data["fit"][key] for key in with_data["fit"] if key not in against_data}
    assert kept == {key: without["fit"][key] for key in kept}
    assert RunFolder.read(out).connectome() == DK84
    assert main(["export", str(out), "--to", "report", "--out", str(tmp_path / "r.html")]) == 0
    report = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "bold.csv" in report
    assert measured["sha256"] in report
    assert main([*RUN, "30", "--data", bold, *SAID]) == 0
    assert (
        f"  fit to      bold.csv (sha256 {measured['sha256'][:12]}), 5 regions\n" in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        (["--data", "{bold}"], "bold.csv: must be said first:\n  --interval-s S"),
        (["--unit", "%"], "--unit: must come with --data FILE (got none)."),
        (["--accept"], "--accept: must come with --data FILE (got none)."),
        (
            ["--data", "{bold}", *SAID, "--set", 'regions.digital=["L.TH","L.HI"]'],
            "must have at least 4 of the",
        ),
        (["--data", "{bold}", *SAID, "--map", "L.HI=", "--map", "L.TH="], "must share at least 4 regions"),
        (["--data", "{spikes}", "--duration-s", "1"], "to have functional connectivity (got spikes)."),
    ],
)
def test_a_run_refuses_data_that_do_not_do(bold, tmp_path, extra, sentence, capsys):
    spikes = tmp_path / "spikes.csv"
    spikes.write_text("t_s,unit\n0.1,1\n", encoding="utf-8")
    out = tmp_path / "never"
    arguments = [a.replace("{bold}", bold).replace("{spikes}", str(spikes)) for a in extra]
    assert main([*RUN, "30", "--out", str(out), *arguments]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert sentence in found.err
    assert not out.exists()
