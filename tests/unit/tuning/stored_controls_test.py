"""Controls of a fit in a file: as the command printed them, refused where it is something else."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

import sample_data
from dtb_app.samples.make_fit_controls import COMMAND
from engine.errors import DataError
from engine.stored_results import write_stored
from engine.tuning.stored_controls import controls_of, read_controls


@pytest.fixture(scope="module")
def shipped():
    return read_controls(sample_data.path("fit-controls"))


def report_like(found):
    kept = asdict(found)
    base = {name: kept[name] for name in ("wiring", "linear", "rewired", "shuffled")}
    return {**kept, "baselines": base, "fcd_ks": None, "wall_s": 1.0}


def test_a_report_is_kept_to_the_same_numbers(shipped, tmp_path):
    told = {
        "title": shipped.title,
        "connectome": shipped.connectome,
        "command": shipped.command,
        "versions": shipped.versions,
    }
    again = controls_of(report_like(shipped), **told)
    assert again == shipped
    write_stored(tmp_path / "controls.json", again)
    assert (tmp_path / "controls.json").read_bytes() == sample_data.path("fit-controls").read_bytes()
    assert read_controls(tmp_path / "controls.json") == shipped


def test_the_shipped_ones_say_how_they_are_made_and_are_all_there(shipped):
    assert shipped.command == COMMAND
    assert len(shipped.refits.r) == 5
    assert shipped.held_out.n == shipped.n_pairs // 2
    assert shipped.n_parameters > shipped.n_pairs


def test_a_fit_without_controls_is_not_kept(shipped):
    report = report_like(shipped)
    with pytest.raises(TypeError):
        controls_of({**report, "refits": None}, title="", connectome="", command="", versions={})


@pytest.mark.parametrize(
    ("name", "value"), [("rewired", None), ("held_out", {"r": 1.0}), ("n_pairs", "many"), ("more", 1)]
)
def test_something_else_is_refused(shipped, tmp_path, name, value):
    file = tmp_path / "controls.json"
    file.write_text(json.dumps({**asdict(shipped), name: value}))
    with pytest.raises(DataError):
        read_controls(file)
