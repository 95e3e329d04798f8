"""Every writer of files: on a full disk what was there stays, nothing is left behind, exit 1."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from dtb_app.cli import main
from dtb_app.commands.sweep_folder import SweepFolder
from engine import Simulation, preset, write_snapshot
from engine.codesign import CalibrationState, write_state
from engine.errors import WriteError

SMALL = {"duration": 30.0, "network.neurons_per_region": 40, "network.in_degree": 20}
COMMAND = ["--set", "network.neurons_per_region=40", "--set", "network.in_degree=20"]


@pytest.fixture(scope="module")
def simulation():
    made = Simulation(preset("two-regions").with_values(SMALL))
    made.advance(20)
    return made


def sweep_folder(path: Path) -> SweepFolder:
    return SweepFolder(path, {"seed": [1, 2]}, {"scenario_digest": preset("two-regions").digest()})


def begun_sweep(path: Path) -> SweepFolder:
    folder = sweep_folder(path)
    if not folder.goes_on:
        folder.begin()
    return folder


STATE = CalibrationState("digest", 1.0, [], [], None, [], [])
WRITERS = {
    "run": lambda simulation, path: simulation.recording().write(path),
    "snapshot": lambda simulation, path: write_snapshot(path, simulation.snapshot()),
    "calibration": lambda simulation, path: write_state(path, STATE),
    "sweep": lambda simulation, path: sweep_folder(path).begin(),
    "run of a sweep": lambda simulation, path: begun_sweep(path).keep(1, {}),
    "table of a sweep": lambda simulation, path: begun_sweep(path).write_table(["run"], []),
}
COMMANDS = {
    "run": ["run", "two-regions", "--duration", "20", *COMMAND, "--out"],
    "snapshot": ["run", "two-regions", "--duration", "20", *COMMAND, "--snapshot"],
    "sweep": [
        "sweep",
        "two-regions",
        "--duration",
        "20",
        *COMMAND,
        "--vary",
        "seed=1,2",
        "--workers",
        "1",
        "--out",
    ],
    **{
        f"export to {to}": ["export", "RUN", "--to", to, "--out"]
        for to in ("csv", "nest", "pynn", "report", "sonata")
    },
}


def tree(folder: Path) -> dict[str, bytes | None]:
    return {str(p.relative_to(folder)): None if p.is_dir() else p.read_bytes() for p in folder.rglob("*")}


def fill_disk(monkeypatch, at: int, below: Path) -> list[Path]:
    """From the n-th write below a folder on there is no room for more than half of it."""
    whole, tried = Path.write_bytes, []

    def write_bytes(self: Path, data: bytes) -> int:
        if not self.is_relative_to(below) or not data:
            return whole(self, data)
        tried.append(self)
        if len(tried) < at:
            return whole(self, data)
        whole(self, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    return tried


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_leaves_all_as_it_was(name, simulation, tmp_path, monkeypatch):
    target = tmp_path / "target"
    WRITERS[name](simulation, target)
    for at in (1, 2, 3):
        before = tree(tmp_path)
        assert before
        with monkeypatch.context() as patch:
            tried = fill_disk(patch, at, tmp_path)
            said = ""
            try:
                WRITERS[name](simulation, target)
            except WriteError as error:
                said = str(error)
        if len(tried) < at:  # fewer files than that
            assert tried
            assert said == ""
            continue
        assert said.endswith("cannot be written (No space left on device).")
        assert tree(tmp_path) == before


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept") / "run"
    assert main([*COMMANDS["run"], str(folder)]) == 0
    return folder


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_on_a_full_disk_is_one_sentence_and_exit_1(name, run_folder, tmp_path, monkeypatch, capsys):
    command = [str(run_folder) if word == "RUN" else word for word in COMMANDS[name]]
    target = str(tmp_path / "target")
    fill_disk(monkeypatch, 1, tmp_path)
    capsys.readouterr()
    assert main([*command, f"10:{target}" if name == "snapshot" else target]) == 1
    said = capsys.readouterr().err
    assert said.splitlines()[-1].endswith("cannot be written (No space left on device).")
    assert target in said
    assert tree(tmp_path) == {}
