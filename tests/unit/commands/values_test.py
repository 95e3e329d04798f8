"""Values of keys as they are typed, and `dtb keys`, which lists what is declared of them."""

from __future__ import annotations

import csv
import json

import pytest

from dtb_app.cli import main
from dtb_app.commands.asked.values import parse_axis, parse_values, range_words
from engine import ParameterError, Scenario
from engine.scenario.declarations import declaration, declarations

SWEEP = ["sweep", "two-regions", "--duration", "20", "--set", "regions.default=off"]
SWEEP += [
    "--set",
    'regions.digital=["L.TH"]',
    "--set",
    "network.neurons_per_region=40",
    "--set",
    "network.in_degree=20",
]


def test_a_range_of_a_key_that_is_not_declared_is_taken_as_typed():
    assert parse_axis("a.b=2:8:4") == ("a.b", [2, 4, 6, 8])
    assert parse_axis("a=0.0:1:3") == ("a", [0.0, 0.5, 1.0])
    assert parse_axis("a=1:1:1") == ("a", [1])
    assert parse_axis("a=mesh,true,3") == ("a", ["mesh", True, 3])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("noc.topology=all", list(declaration("noc.topology").names)),
        ("analog.mode=all", ["ideal", "quantised", "calibrated", "uncalibrated"]),
        ("noc.feedback=all", [False, True]),
        ("noc.feedback=no,yes", [False, True]),
        ("noc.feedback=on,false", [True, False]),
        ("stimulus.0.population=all", ["all"]),  # one of its names
        ("title=all", ["all"]),
        ("title=1,two,3:4", ["1", "two", "3:4"]),
        ("noc.size=[4,4],[8,8]", [[4, 4], [8, 8]]),
        ("seed=1.0:4.0:4", [1, 2, 3, 4]),
        ("network.coupling=1:3:3", [1, 2, 3]),
        ("noc.speedup=auto,10", ["auto", 10]),
        ("analog.merge=1:4:4", [1, 2, 3, 4]),
    ],
)
def test_values_are_as_their_key_is_declared(text, values):
    key, found = parse_axis(text)
    assert found == values
    assert [type(v) for v in found] == [type(v) for v in values]
    assert key == text.partition("=")[0]


def test_all_names_of_a_choice_are_valid():
    choices = [k for k, one in declarations().items() if one.names or one.annotation is bool]
    assert len(choices) > 10
    for key in choices:
        for value in parse_axis(f"{key}=all")[1]:
            assert Scenario().with_values({key: value}).flat()[key] == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("network.coupling=0:30:4", "network.coupling: must be from 0 to 20 (got 30). Multiplies every"),
        ("network.velocity=0.5,3", "must be from 1 to 120 mm/ms (got 0.5). Conduction velocity"),
        ("stimulus.0.amplitude=0:9000:2", "stimulus.0.amplitude: must be from -5000 to 5000 pA (got 9000)"),
        ("seed=-1,3", "seed: must be a whole number from 0 to 2147483647 (got -1). Gives every random"),
        ("network.in_degree=10:20:4", "must be whole numbers (got 13.3333333333 in '10:20:4'). Choose an N"),
        ("network.coupling=all", "network.coupling: has no names to run through (got 'all'). Give KEY="),
        ("noc.size=all", "noc.size: has no names"),
    ],
)
def test_what_does_not_fit_its_key_is_refused_before_the_first_run(text, sentence, tmp_path, capsys):
    out = tmp_path / "sweep"
    assert main([*SWEEP, "--vary", text, "--out", str(out)]) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize("text", ["noc.topology=mesh:torus:2", "noc.feedback=0:1:2", "network.sizes=big"])
def test_no_range_of_names(text, tmp_path, capsys):
    assert main([*SWEEP, "--vary", text, "--out", str(tmp_path / "sweep")]) == 2
    key, _, wish = text.partition("=")
    assert f"{key}: must be" in (said := capsys.readouterr().err)
    assert wish in said


def test_one_value_is_as_its_key_is_declared():
    values = parse_values(["title=2024", "noc.feedback=yes", "seed=3.0", "noc.size=[4, 4]", "a=1"])
    assert values == {"title": "2024", "noc.feedback": True, "seed": 3, "noc.size": [4, 4], "a": 1}
    assert parse_values(['title="2024"']) == {"title": "2024"}
    with pytest.raises(ParameterError, match=r"dt: must be from 0.01 to 1 ms .got 2.. Membrane step"):
        parse_values(["dt=2"])


@pytest.mark.slow  # four runs, compiled
def test_a_sweep_says_the_units_and_keeps_the_names_of_its_columns(tmp_path, capsys):
    out = ["--out", str(tmp_path / "sweep"), "--workers", "1"]
    vary = ["--vary", "network.velocity=2:3:2", "--vary", "network.delays=all"]
    assert main([*SWEEP, *vary, *out]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "velocity [mm/ms]          delays    E [Hz]" in said[0]
    assert said[1].index("none") + 4 == said[0].index("delays") + 6
    with (tmp_path / "sweep" / "results.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:3] == ["run", "network.velocity", "network.delays"]
    assert [row["network.delays"] for row in rows] == ["none", "tract", "none", "tract"]
    assert main([*SWEEP, *vary, *out, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["units"] == {"network.velocity": "mm/ms", "network.delays": ""}
    assert [run["error"] for run in data["runs"]] == [""] * 4


def test_keys_are_listed_as_they_are_declared(capsys):
    assert main(["keys"]) == 0
    listed = capsys.readouterr().out
    for key, one in declarations().items():
        assert f"{key}: " in listed or f"{key} [{one.unit}]: " in listed
    assert main(["keys", "CONDUCTION velocity"]) == 0
    head, sentence = capsys.readouterr().out.splitlines()[:2]
    assert head == "network.velocity [mm/ms]: from 1 to 120; default 3; acts in a new run"
    assert sentence.strip() == declaration("network.velocity").sentence
    assert main(["keys", "stimulus.0.region", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["stimulus.0.region"]["default"] is None
    assert data["stimulus.0.region"]["acts"] == "branch"


def test_the_keys_as_json_are_one_object(capsys):
    assert main(["keys", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert set(declarations()) < set(data)
    assert data["noc.topology"]["names"] == list(declaration("noc.topology").names)
    assert data["network.coupling"] | {"source": ""} == {
        "unit": "",
        "low": 0.0,
        "high": 20.0,
        "names": [],
        "range": "from 0 to 20",
        "default": 1.0,
        "acts": "live",
        "sentence": declaration("network.coupling").sentence,
        "source": "",
    }


def test_a_text_that_no_key_has_is_refused(capsys):
    assert main(["keys", "network.couplin6"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Did you mean 'network.coupling'?" in said.err


def test_ranges_in_words():
    words = {key: range_words(declaration(key)) for key in ("seed", "noc.size", "analog.merge", "title")}
    assert words == {
        "seed": "a whole number from 0 to 2147483647",
        "noc.size": "whole numbers",
        "analog.merge": "a whole number or 'auto'",
        "title": "text",
    }
    assert range_words(declaration("noc.feedback")) == "no, yes"
    assert range_words(declaration("regions.off")) == "a list"
