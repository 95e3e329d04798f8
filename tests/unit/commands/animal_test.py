"""``dtb animal``: options that belong together, what must be said of own files, and its answer."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dtb_app.cli import main
from engine import recorded
from engine.recorded import fitting


@pytest.fixture
def files(tmp_path):
    random = np.random.default_rng(1)
    spikes = np.sort(random.uniform(0, 2000, 120))
    (tmp_path / "s.csv").write_text("time,unit\n" + "".join(f"{t:.2f},a\n" for t in spikes))
    np.save(tmp_path / "x.npy", random.standard_normal((2000, 1)))
    return ["--data", str(tmp_path / "s.csv"), "--stimulus", str(tmp_path / "x.npy")]


SAID = [
    *("--time-unit", "ms", "--duration-s", "2"),
    *("--interval-s", "0.001", "--stimulus-unit", "a.u.", "--orientation", "time-rows"),
]

FEW = ["--fits", "2", "--chips", "1"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--data", "x.csv"], "animal.stimulus: must come with --data"),
        (["--interval-s", "0.1"], "animal.interval_s: must come with"),
        (["--recording", "cricket"], "grasshopper-200"),
        (["--neuron", "lyf"], "Did you mean 'lif'"),
    ],
)
def test_refusals_say_what_is_wrong(given, said, capsys):
    assert main(["animal", *given]) == 2
    assert said in capsys.readouterr().err


def test_what_a_file_does_not_say_is_asked_for(files, capsys):
    assert main(["animal", *files]) == 2
    assert "--time-unit s|ms|us|min" in capsys.readouterr().err
    assert main(["animal", *files, *SAID[:4]]) == 2
    said = capsys.readouterr().err
    assert "--interval-s S" in said
    assert "--stimulus-unit WORD" in said


@pytest.mark.slow
def test_an_own_recording_is_answered(files, capsys, monkeypatch):
    monkeypatch.setattr(fitting, "GENERATIONS", 1)
    monkeypatch.setattr(fitting, "PER_KNOB", 1)
    compare, found = recorded.compare, []

    def once(*given: object) -> object:
        if not found:
            found.append(compare(*given))
        return found[0]

    monkeypatch.setattr(recorded, "compare", once)
    assert main(["animal", *files, *SAID, "--neuron", "lif", *FEW, "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["neuron"] == "lif"
    assert "to the animal" in content["answer"]
    assert main(["animal", *files, *SAID, "--neuron", "lif", *FEW]) == 0
    assert content["answer"] in capsys.readouterr().out
