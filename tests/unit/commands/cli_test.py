"""The command line, as a script would use it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import sample_data
from dtb_app.cli import main
from engine.scenario.presets import preset_names

FAST = ["--duration", "60", "--set", "regions.default=off", "--set", 'regions.digital=["L.TH"]']


def test_run_twice_gives_one_hash_and_the_promised_files(tmp_path, capsys):
    hashes = []
    for name in ("a", "b"):
        out = tmp_path / name
        assert main(["run", "whole-brain-at-rest", *FAST, "--out", str(out), "--json"]) == 0
        printed = json.loads(capsys.readouterr().out)
        assert printed == json.loads((out / "run.json").read_text())
        assert sorted(p.name for p in out.iterdir()) == ["rates.csv", "run.json", "spikes.h5"]
        hashes.append(printed["spike_hash"])
    assert hashes[0] == hashes[1]


def test_what_learned_is_summed_up(capsys):
    small = ["--set", "network.neurons_per_region=40", "--set", "network.in_degree=20"]
    assert main(["run", "homeostasis-on-chip", "--duration", "4100", *small]) == 0
    said = capsys.readouterr().out
    assert "  learning    L.TH → L.HI: mean weight 0." in said
    assert "; 1 updates by homeostasis, " in said
    assert "A year of biology would take the chip 8.8 hours." in said


def test_what_coarser_synapses_could_not_hold_of_a_tuning_is_told(capsys):
    assert main(["run", "resting-twin", *FAST]) == 0
    (said,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  tuning  ")]
    assert "8-bit synapses could not hold " in said
    assert ", 6-bit synapses could not hold " in said
    assert main(["run", "whole-brain-at-rest", *FAST]) == 0
    assert "  tuning  " not in capsys.readouterr().out


def test_seed_and_set_reach_the_scenario(capsys):
    assert (
        main(
            [
                "run",
                "two-regions",
                "--duration",
                "30",
                "--seed",
                "9",
                "--set",
                "network.coupling=1.5",
                "--threads",
                "2",
                "--json",
            ]
        )
        == 0
    )
    scenario = json.loads(capsys.readouterr().out)["scenario"]
    assert (scenario["seed"], scenario["network"]["coupling"]) == (9, 1.5)


REFUSED = [
    (["run", "whole-brain"], "Did you mean"),
    (["run", "two-regions", "--set", "network.couplin=1"], "unknown key 'couplin'"),
    (["run", "two-regions", "--set", "nonsense"], "must be KEY=VALUE"),
    (["run", "two-regions", "--threads", "0"], "must be at least 1"),
    (["run", "two-regions", "--seed", "x"], "invalid int value"),
    (["run", "whole-brain-at-rest", "--set", "regions.default=analog"], "needs 42 chips"),
    (["bench", "no-such-bench"], "unknown name"),
    (["bench", "twin", "--noise-driven=-1"], "bench.noise-driven: must be from 0"),
    (["check", "no-such-file.toml"], "cannot be read"),
    (["frobnicate"], "invalid choice"),
    (["noc", "--topology", "toros"], "Did you mean 'torus'"),
    (["noc", "--rate", "1.2"], "rate: must be from 0 to 1"),
    (["noc", "--rate", "nan"], "rate: must be from 0 to 1"),
    (["noc", "--size", "0x8"], "must be two whole numbers from 1 to 32"),
    (["noc", "--size", "8by8"], "size: must be WxH"),
    (["noc", "--pattern", "bitcom"], "Did you mean 'bitcomp'"),
    (["noc", "--cycles", "0"], "cycles: must be from 1"),
    (["noc", "--topology", "two_level", "--group-size", "65"], "noc.group_size: must be at most"),
    (["run", "two-regions", "--set", "noc.topology=rign"], "topology"),
]


@pytest.mark.parametrize(("arguments", "sentence"), REFUSED, ids=lambda v: str(v)[:40])
def test_refusals_are_one_sentence_and_exit_2(arguments, sentence, capsys):
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr()
    assert code == 2
    assert sentence in said.err
    assert said.out == ""
    assert said.err.count("\n") == 1


def test_a_refused_run_writes_nothing(tmp_path, capsys):
    out = tmp_path / "never"
    bad = ["run", "whole-brain-at-rest", "--set", "regions.default=analog", "--out", str(out)]
    assert main(bad) == 2
    assert not out.exists()


def test_check_says_everything(tmp_path, capsys):
    good = tmp_path / "good.toml"
    good.write_text('title = "x"\n')
    assert main(["check", str(good)]) == 0
    assert capsys.readouterr().out == "good.toml: fine.\n"
    bad = tmp_path / "bad.toml"
    bad.write_text("foo = 1\n[network]\nin_degree = -1\n")
    assert main(["check", str(bad), "--json"]) == 2
    said = capsys.readouterr()
    assert len(json.loads(said.out)["problems"]) == 2
    unknown = tmp_path / "unknown.toml"
    unknown.write_text('[regions]\nanalog = ["L.HIP"]\n')
    assert main(["check", str(unknown)]) == 2
    assert "Did you mean" in capsys.readouterr().err


def test_check_names_every_label_up_to_some(tmp_path, capsys):
    some = tmp_path / "some.toml"
    some.write_text('[regions]\nanalog = ["L.HIP", "x"]\noff = ["y"]\n')
    assert main(["check", str(some)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    for label, line in zip(("'L.HIP'", "'x'", "'y'"), lines, strict=True):
        assert label in line
    many = tmp_path / "many.toml"
    many.write_text(f"[regions]\nanalog = {[f'x{i}' for i in range(27)]}\n")
    assert main(["check", str(many), "--json"]) == 2
    said = capsys.readouterr()
    assert said.err.splitlines()[-1] == "… and 7 more."
    assert len(json.loads(said.out)["problems"]) == 27


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.zip", b"PK\x05\x06" + b"\0" * 18), ("x.csv", b"1,2\n3"), ("x.toml", b"\xff\xfe")],
)
def test_check_refuses_nonsense(name, content, tmp_path, capsys):
    path = tmp_path / name
    path.write_bytes(content)
    assert main(["check", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(name)
    assert "Traceback" not in said


def test_presets_lists_every_shipped_scenario(capsys):
    assert main(["presets", "--json"]) == 0
    assert tuple(json.loads(capsys.readouterr().out)) == preset_names()


def test_the_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "dtb_app", "presets"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0
    assert "hippocampus-on-analog" in done.stdout


def test_a_snapshot_goes_on_to_the_same_spikes_and_branches(tmp_path, capsys):
    half = str(tmp_path / "half.h5")
    base = ["run", "two-regions", "--duration", "300", "--json"]
    hashes = []
    for more in (
        ["--snapshot", f"120:{half}"],
        ["--continue", half],
        ["--continue", half, "--set", 'lesion=[{"region":"L.TH"}]'],
    ):
        assert main([*base, *more]) == 0
        hashes.append(json.loads(capsys.readouterr().out)["spike_hash"])
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("wish", ["120", "x:half.h5", "300:half.h5", "12:"])
def test_a_snapshot_that_cannot_be_is_refused(wish, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["run", "two-regions", "--duration", "300", "--snapshot", wish]) == 2
    assert "--snapshot: must" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_noc_prints_one_object_with_the_promised_names(capsys):
    arguments = [
        "noc",
        "--topology",
        "torus",
        "--size",
        "4x4",
        "--pattern",
        "uniform",
        "--rate",
        "0.2",
        "--cycles",
        "2000",
        "--seed",
        "3",
        "--json",
    ]
    printed = []
    for _ in range(2):
        assert main(arguments) == 0
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        printed.append(json.loads(said.out))
    assert said.err == ""  # nothing left to compile
    found = printed[0]
    assert found == printed[1]
    assert {
        "mean_latency_cycles",
        "zero_load_cycles",
        "mean_wait_cycles",
        "accepted_rate",
        "mean_hops",
        "max_link_load",
        "link_load",
        "injected",
        "delivered",
        "dropped",
        "in_flight",
    } <= set(found)
    assert len(found["link_load"]) == 64
    assert found["link_load"]["3,0>0,0"] > 0
    assert found["zero_load_cycles"] == 4.0
    assert found["injected"] == found["delivered"] + found["dropped"] + found["in_flight"]
    assert max(found["link_load"].values()) == found["max_link_load"]


def test_noc_says_in_words_what_happened(capsys):
    assert main(["noc", "--pattern", "transpose", "--rate", "0.2", "--cycles", "1000"]) == 0
    said = capsys.readouterr().out
    assert "0.1429 packets per tile per cycle" in said
    assert "this is beyond it" in said


@pytest.mark.slow
def test_check_measures_a_connectome_as_a_graph(capsys):
    assert main(["check", "two-regions", "--graph"]) == 0
    said = capsys.readouterr().out
    assert "Small-world index" in said
    assert "rewired: 1" in said
    assert main(["check", str(sample_data.path("dk84.tvb")), "--graph", "--json"]) == 0
    graph = json.loads(capsys.readouterr().out)["graph"]
    assert next(row["value"] for row in graph if row["measure"] == "Regions, pairs kept") == "84, 523"
