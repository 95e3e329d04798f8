"""However a command ends: one sentence, an exit code, and what was done is kept."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dtb_app.cli import main
from dtb_app.commands.signals import Signals
from dtb_app.commands.sweep_folder import SweepFolder
from engine.export.run_folder import RunFolder
from engine.run.simulation import Simulation

ROOT = Path(__file__).resolve().parents[3]
SMALL = ["--set", "network.neurons_per_region=40", "--set", "network.in_degree=20"]
SWEEP = ["sweep", "two-regions", *SMALL, "--duration", "60", "--vary", "seed=1:4:4", "--workers", "1"]
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


def started(*arguments: str, **values) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "dtb_app", *arguments], cwd=ROOT, stderr=subprocess.PIPE, **values
    )


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
@pytest.mark.slow
def test_a_run_that_is_broken_off_keeps_what_was_recorded(number, code, tmp_path):
    half, out = tmp_path / "half.h5", tmp_path / "r"
    done = started(
        "run",
        "two-regions",
        *SMALL,
        "--duration",
        "10000000",
        "--snapshot",
        f"5:{half}",
        "--out",
        str(out),
        stdout=subprocess.PIPE,
    )
    while not half.exists() and done.poll() is None:
        time.sleep(0.05)
    time.sleep(0.3)
    done.send_signal(number)
    said, error = done.communicate(timeout=120)
    assert done.returncode == code
    assert said == b""
    last = error.decode().splitlines()[-1]
    assert last.startswith("stopped at ")
    assert last.endswith(f"what was recorded until then is in {out}.")
    assert b"Traceback" not in error
    folder = RunFolder.read(out)
    assert folder.run["stopped_early"]
    assert folder.run["duration_ms"] >= 5
    times, _ = folder.spikes()
    assert times.size == folder.run["n_spikes"]


def test_a_signal_before_anything_is_loaded_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(
        "dtb_app.cli.stranger", lambda: os.kill(os.getpid(), signal.SIGTERM) or time.sleep(60)
    )
    assert main(["presets"]) == 143
    assert capsys.readouterr().err == "stopped.\n"
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_sigterm_is_heard_where_ctrl_c_is_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Signals() as signals:
            signal.raise_signal(signal.SIGINT)
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)
        assert signals.exit_code == 143
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@needs_full
@pytest.mark.parametrize(
    "command",
    [
        ["presets"],
        ["--help"],
        ["run", "--help"],
        ["keys", "--json"],
        pytest.param(["run", "two-regions", *SMALL, "--duration", "20", "--json"], marks=pytest.mark.slow),
    ],
    ids=" ".join,
)
def test_an_output_that_is_full_is_one_sentence(command):
    with open("/dev/full", "wb") as full:
        done = started(*command, stdout=full)
        _, error = done.communicate(timeout=120)
    assert done.returncode == 1
    assert error.decode().splitlines()[-1] == ("output: cannot be read or written (No space left on device).")
    assert b"Traceback" not in error
    assert b"Exception ignored" not in error


def test_a_closed_pipe_is_quiet():
    read, write = os.pipe()
    os.close(read)
    done = started("presets", stdout=write)
    os.close(write)
    _, error = done.communicate(timeout=120)
    assert (done.returncode, error) == (1, b"")


@pytest.mark.skipif(os.name != "posix", reason="asks a shell to close an output")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["presets"], 0),
        (["--help"], 0),
        (["presets", "--nonsense"], 2),
        (["run", "two-regions", *SMALL, "--duration", "20", "--out", "r"], 0),
    ],
    ids=lambda given: " ".join(given[:2]) if isinstance(given, list) else None,
)
@pytest.mark.slow
def test_an_output_that_is_closed_takes_nothing_and_breaks_nothing(command, code, closed, tmp_path):
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-m", "dtb_app", *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stdout + done.stderr
    assert b"Exception ignored" not in done.stderr
    if command[0] == "run":
        assert RunFolder.read(tmp_path / "r").spikes()[0].size > 0


@pytest.mark.slow
def test_text_is_utf_8_whatever_the_locale(tmp_path):
    (tmp_path / "own.csv").write_text("Ψ,→\n0,1\n1,0\n", encoding="utf-8")
    (tmp_path / "s.toml").write_text(
        'title = "Ψ"\nconnectome = "own.csv"\nduration = 20.0\ntransient = 0.0\n', encoding="utf-8"
    )
    done = started(
        "run",
        str(tmp_path / "s.toml"),
        *SMALL,
        "--out",
        str(tmp_path / "r"),
        stdout=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    )
    said, error = done.communicate(timeout=120)
    assert done.returncode == 0, error
    assert said.decode().startswith("Ψ: ")
    rows = list(csv.DictReader((tmp_path / "r" / "rates.csv").read_text("utf-8").splitlines()))
    assert {row["region"] for row in rows} == {"Ψ", "→"}


def test_a_sweep_that_is_broken_off_keeps_its_runs_and_goes_on(tmp_path, monkeypatch, capsys):
    out = tmp_path / "s"
    assert main([*SWEEP, "--out", str(tmp_path / "whole"), "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    keep, kept = SweepFolder.keep, []

    def second_is_the_last(self, number, data):
        keep(self, number, data)
        kept.append(number)
        if len(kept) == 2:
            signal.raise_signal(signal.SIGINT)
            time.sleep(0.5)

    with monkeypatch.context() as patch:
        patch.setattr(SweepFolder, "keep", second_is_the_last)
        assert main([*SWEEP, "--out", str(out)]) == 130
    said = capsys.readouterr()
    assert said.out == ""
    assert f"which are in {out}; the same command goes on from there." in said.err
    rows = list(csv.DictReader((out / "results.csv").read_text("utf-8").splitlines()))
    assert [row["run"] for row in rows] == [str(number) for number in sorted(kept)]
    files = {p.name: p.stat().st_mtime_ns for p in out.glob("run-*.json")}
    assert main([*SWEEP, "--out", str(out), "--json"]) == 0
    said = capsys.readouterr()
    assert f"holds this very sweep, which goes on: {len(kept)} of 4 runs are done." in said.err
    hashes = [[row["spike_hash"] for row in found["runs"]] for found in (whole, json.loads(said.out))]
    assert hashes[0] == hashes[1]
    assert all((out / name).stat().st_mtime_ns == at for name, at in files.items())
    before = sorted(p.name for p in out.iterdir())
    assert main([*SWEEP, "--set", "network.coupling=2", "--out", str(out)]) == 2
    assert "without another sweep in it" in capsys.readouterr().err
    assert sorted(p.name for p in out.iterdir()) == before


PLACES = pytest.mark.parametrize(
    "command",
    [
        ["run", "two-regions", "--out"],
        [*SWEEP, "--out"],
        ["export", "two-regions", "--to", "csv", "--out"],
        ["validate", "two-regions", "--calibrate", "1", "--fitted"],
        ["validate", "two-regions", "--calibrate", "1", "--resume"],
    ],
    ids=lambda c: " ".join((c[0], c[-1])),
)


@PLACES
def test_a_place_that_cannot_be_written_is_refused_before_the_work(command, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(Simulation, "__init__", lambda *_, **__: 1 / 0)
    (tmp_path / "file").write_text("x")
    assert main([*command, str(tmp_path / "file" / "below")]) == 2
    said = capsys.readouterr().err
    assert str(tmp_path / "file" / "below") in said
    assert said.splitlines()[-1].count("must be a place that can be written") == 1
    assert (tmp_path / "file").read_text() == "x"


@PLACES
def test_a_dash_is_no_place_to_write_to(command, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("engine.run.simulation.Simulation.__init__", lambda *_, **__: 1 / 0)
    monkeypatch.chdir(tmp_path)
    assert main([*command, "-"]) == 2
    said = capsys.readouterr()
    owner = f"{command[0]}.{command[-1].removeprefix('--')}"
    assert f"{owner}: must be a name (got -, but nothing is written to standard output).\n" in said.err
    assert said.out == ""
    assert not list(tmp_path.iterdir())
