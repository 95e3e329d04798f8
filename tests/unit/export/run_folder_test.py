"""A run's folder stands for itself, and is judged once, when it is read."""

from __future__ import annotations

import json
import shutil

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dtb_app.cli import main
from engine import DataError, load_connectome
from engine.errors import EngineError
from engine.export.run_folder import RunFolder
from engine.run.run_file import connectome_from_json, connectome_json

SMALL = ["--set", "network.neurons_per_region=40", "--set", "network.in_degree=20"]
TARGETS = ("bands", "bold", "calcium", "csv", "lfp", "nest", "pynn", "report", "sonata")


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A run on a connectome of one's own, whose file is gone, in a folder that has been moved."""
    home = tmp_path_factory.mktemp("home")
    (home / "own.csv").write_text('"a, left",b,c\n0,1,2\n3,0,0.1\n1,1,0\n', encoding="utf-8")
    (home / "s.toml").write_text(
        'connectome = "own.csv"\nduration = 60.0\ntransient = 0.0\n[regions]\nanalog = ["a, left"]\n',
        encoding="utf-8",
    )
    assert main(["run", str(home / "s.toml"), *SMALL, "--out", str(home / "run")]) == 0
    (home / "own.csv").unlink()
    (home / "away").mkdir()
    return shutil.move(home / "run", home / "away" / "moved")


def copied(own, tmp_path_factory):
    return shutil.copytree(own, tmp_path_factory.mktemp("copied") / "r")


@pytest.mark.parametrize("to", TARGETS)
def test_every_export_works_from_the_folder_alone(to, own, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["export", str(own), "--to", to, "--out", str(out)]) == 0, capsys.readouterr().err
    assert out.stat().st_size > 0
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["dk84", "four_regions"])
def test_a_connectome_comes_back_number_by_number(name):
    one = load_connectome(name)
    assert connectome_from_json(connectome_json(one), "x").checksum == one.checksum


def test_another_connectome_in_the_folder_is_refused(own, tmp_path_factory, capsys):
    folder = copied(own, tmp_path_factory)
    content = json.loads((folder / "connectome.json").read_text(encoding="utf-8"))
    content["weights"][0][1] = 7.0
    (folder / "connectome.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError, match=r"r/connectome\.json: must be the one of r/run\.json"):
        RunFolder.read(folder).connectome()
    (folder / "connectome.json").unlink()
    assert main(["export", str(folder), "--to", "csv", "--out", str(folder / "x.csv")]) == 2
    assert "r/connectome.json: must be readable (No such file" in capsys.readouterr().err


def test_a_scenario_that_was_not_run_is_refused(own, tmp_path_factory, capsys):
    folder = copied(own, tmp_path_factory)
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    run["scenario"]["title"] = "Another name"  # which changes no number
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    assert RunFolder.read(folder).scenario.title == "Another name"
    run["scenario"]["network"]["coupling"] *= 2.0
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    for to in TARGETS:
        assert main(["export", str(folder), "--to", to, "--out", str(folder / "x")]) == 2
        assert "r/run.json: scenario: must be the one that was run" in capsys.readouterr().err
        assert not (folder / "x").exists()


def test_a_shipped_connectome_is_known_by_its_name(tmp_path):
    out = tmp_path / "r"
    assert main(["run", "two-regions", "--duration", "20", *SMALL, "--out", str(out)]) == 0
    assert not (out / "connectome.json").exists()
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["connectome_file"] is None


def test_an_older_run_is_replaced_whole_and_other_files_stay(own, tmp_path_factory, capsys):
    folder = copied(own, tmp_path_factory)
    (folder / "notes.txt").write_text("mine")
    capsys.readouterr()
    assert main(["run", "two-regions", "--duration", "20", *SMALL, "--out", str(folder)]) == 0
    assert "The older run in" in capsys.readouterr().err
    assert sorted(p.name for p in folder.iterdir()) == ["notes.txt", "rates.csv", "run.json", "spikes.h5"]


@pytest.mark.parametrize("name", ["run.json", "rates.csv", "connectome.json"])
def test_files_of_a_runs_names_that_are_of_no_run_are_left_alone(name, tmp_path, capsys):
    (tmp_path / name).write_text("precious")
    assert main(["run", "two-regions", "--duration", "20", "--out", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert f"whose {name} is of an older run" in said.err
    assert str(tmp_path) in said.err
    assert said.out == ""
    assert (tmp_path / name).read_text() == "precious"


WRONG = [
    ({"noc": None}, "run.json: noc: "),
    ({"region_rate_hz": {"b": 3}}, "run.json: region_rate_hz.b: "),
    ({"region_rate_hz": {"float": {"float": "x"}}}, "run.json: region_rate_hz.float.float: "),
    ({"n_spikes": "many"}, "run.json: n_spikes: "),
    ({"seed": 10**400}, "run.json: seed: must be a number below 2**63"),
    ({"versions": ["\ud800"]}, "run.json: versions.0: must be text that UTF-8 can hold"),
    ({"fit": {"x": {"value": [1]}}}, "run.json: fit.x.value: "),
    ({"plasticity": [{"source": "b"}]}, "run.json: plasticity.0.target: must be given"),
]


@pytest.mark.parametrize(("change", "sentence"), WRONG, ids=lambda v: str(v)[:30])
def test_a_key_of_another_form_is_named(change, sentence, own, tmp_path_factory, capsys):
    folder = copied(own, tmp_path_factory)
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps(run | change), encoding="utf-8")
    for to in TARGETS:
        capsys.readouterr()
        assert main(["export", str(folder), "--to", to, "--out", str(folder / "o")]) == 2
        said = capsys.readouterr().err
        assert sentence in said
        assert said.count("\n") == 1
        assert not (folder / "o").exists()


SPIKES = [
    (np.array([1.0, 2.0]), np.array([1]), "timestamps: must be"),
    (np.array([b"a"] * 9), np.arange(9), "timestamps: must be"),
    (None, -1, "node_ids: must be neurons of the run"),
    (None, 10**6, "node_ids: must be neurons of the run, 0 to 119 (got 1000000)"),
    (1e9, None, "timestamps: must lie in the run of 60 ms"),
    (np.nan, None, "timestamps: must lie in the run"),
]


@pytest.mark.parametrize(("times", "ids", "sentence"), SPIKES, ids=range(len(SPIKES)))
def test_spikes_that_cannot_be_are_named(times, ids, sentence, own, tmp_path_factory, capsys):
    folder = copied(own, tmp_path_factory)
    with h5py.File(folder / "spikes.h5", "r+") as file:
        for key, value in (("timestamps", times), ("node_ids", ids)):
            data = file["spikes/dtb"][key][:]
            if value is None:
                continue
            if np.ndim(value):
                data = value
            else:
                data = data.astype(np.int64 if key == "node_ids" else float)
                data[0] = value
            del file["spikes/dtb"][key]
            file["spikes/dtb"][key] = data
    for to in ("csv", "sonata"):
        capsys.readouterr()
        assert main(["export", str(folder), "--to", to, "--out", str(folder / "o")]) == 2
        said = capsys.readouterr().err
        assert f"r/spikes.h5: {sentence}" in said
        assert said.count("\n") == 1


def places(value, path=()):
    """Every place in nested data."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value[:3]):
            yield from places(inner, (*path, i))


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers()),
)


@pytest.mark.parametrize(
    ("where", "junk"),
    [
        (("connectome", "notes"), [{}]),
        (("connectome", "notes"), [None]),
        (("connectome", "regions"), "many"),
        (("noc", "deadline_ms"), []),
        (("noc", "late"), "often"),
        (("analog",), {"snaps": {"weights": "x"}}),
        (("analog",), {"sentences": 3}),
        (("missing_inputs",), {"cut_by_lesion": None}),
        (("live_changes",), [{"time_ms": "soon"}]),
        (("remarks",), 7),
        (("fit", "cv_isi", "band"), [1.0]),
        (("fit", "cv_isi", "low"), "low"),
    ],
)
def test_what_the_report_reads_is_asked_for(where, junk, own, tmp_path_factory, capsys):
    folder = copied(own, tmp_path_factory)
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    inner = run
    for part in where[:-1]:
        inner = inner[part]
    inner[where[-1]] = junk
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    assert main(["export", str(folder), "--to", "report", "--out", str(folder / "o")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert ".".join(where) in said


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.slow
def test_damage_of_any_kind_is_a_sentence_or_harmless(data, own, tmp_path_factory):
    folder = copied(own, tmp_path_factory)
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    where = data.draw(st.sampled_from([p for p in places(run) if p]))
    inner = run
    for part in where[:-1]:
        inner = inner[part]
    if data.draw(st.booleans()):
        del inner[where[-1]]
    else:
        inner[where[-1]] = data.draw(JUNK)
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    if data.draw(st.booleans()):
        whole = bytearray((folder / "spikes.h5").read_bytes())
        for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=8)):
            whole[at] ^= data.draw(st.integers(1, 255))
        (folder / "spikes.h5").write_bytes(whole)
    to = data.draw(st.sampled_from(TARGETS))
    try:
        code = main(["export", str(folder), "--to", to, "--out", str(folder / "o")])
    except EngineError as error:  # pragma: no cover
        raise AssertionError(error) from error
    assert code in (0, 2)
    assert (folder / "o").exists() == (code == 0)
