"""A tuning: checked when made, the same from its file, named by its content in a scenario."""

from __future__ import annotations

import gc
import json

import numpy as np
import pytest

from engine import DataError, ParameterError, Scenario
from engine.scenario.presets import load_scenario
from engine.scenario.tuning import MAX_FACTOR, Tuning
from engine.scenario.tuning_file import (
    is_at_hand,
    keep_tuning,
    load_tuning,
    read_tuning,
    tuning_json,
    write_tuning,
)

LABELS = ("L.A", "L.B", "R.A")


def made(seed=1, **changes):
    rng = np.random.default_rng(seed)
    parts = {
        "onto_excitatory": rng.uniform(0, 6, (3, 3)),
        "onto_inhibitory": rng.uniform(0, 6, (3, 3)),
        "local_inhibition": rng.uniform(1, 3, 3),
        "bias": rng.uniform(-50, 50, 3),
        **changes,
    }
    return Tuning("mine", LABELS, **parts, provenance={"minutes": 12.0})


def test_a_file_holds_the_very_tuning(tmp_path):
    tuning = made()
    write_tuning(tmp_path / "mine.json", tuning)
    again = load_tuning(str(tmp_path / "mine.json"))
    assert again == tuning
    assert again.provenance == {"minutes": 12.0}
    assert tuning_json(again) == (tmp_path / "mine.json").read_text(encoding="utf-8")
    assert made(2) != tuning


def test_some_regions_have_their_part_of_it():
    tuning = made()
    part = tuning.of_regions(("R.A", "L.A"))
    assert part.onto_excitatory[0, 1] == tuning.onto_excitatory[2, 0]
    assert part.onto_inhibitory[1, 0] == tuning.onto_inhibitory[0, 2]
    np.testing.assert_array_equal(part.local_inhibition, tuning.local_inhibition[[2, 0]])
    with pytest.raises(DataError, match=r"has none called R\.B"):
        tuning.of_regions(("L.A", "R.B"))


def test_what_it_sets_is_counted():
    assert made().n_parameters == 2 * 6 + 3 + 3
    assert made(bias=np.zeros(3)).n_parameters == 2 * 6 + 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"onto_excitatory": np.ones((2, 3))}, r"onto_excitatory: must have the shape \(3, 3\)"),
        ({"local_inhibition": np.array([1, np.nan, 1])}, "local_inhibition: must be finite numbers"),
        ({"onto_inhibitory": np.full((3, 3), MAX_FACTOR + 1)}, "onto_inhibitory: must be from 0 to 8"),
        ({"bias": np.array([0, 0, -3000.0])}, "bias: must be from -2000 to 2000"),
    ],
)
def test_a_broken_one_is_refused(changes, said):
    with pytest.raises(DataError, match=said):
        made(**changes)


def broken(**changes):
    return json.dumps({**json.loads(tuning_json(made())), **changes}).encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x80\x04", "must be JSON"),
        (b"[1]", "must be one JSON object"),
        (b"{}", "format: must be given"),
        (broken(format="other"), "format"),
        (broken(local_inhibition=[1.0, "two", 1.0]), "local_inhibition.1"),
        (broken(onto_excitatory=[[1.0], [1.0, 2.0], [1.0]]), "rows of one length"),
        (broken(bias=[1.0]), r"bias: must have the shape \(3,\)"),
        (broken(labels=["L.A", "L.A", "R.A"]), "different regions"),
        (broken(extra=1), "extra"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_sentence(data, said):
    with pytest.raises(DataError, match=said) as refused:
        read_tuning(data, "folder/mine.json")
    assert str(refused.value).startswith("mine.json: ")


def scenario_of(text):
    return Scenario().with_values({"network.tuning": text})


def test_a_digest_counts_the_content_and_not_the_name(tmp_path):
    tuning = made()
    write_tuning(tmp_path / "one.json", tuning)
    write_tuning(tmp_path / "two.json", tuning)
    one, two = (scenario_of(str(tmp_path / name)) for name in ("one.json", "two.json"))
    assert one.digest() == two.digest() == scenario_of(keep_tuning(tuning)).digest()
    assert one.digest() != Scenario().digest()
    write_tuning(tmp_path / "two.json", made(2))
    assert one.digest() != two.digest()


def test_a_scenario_file_names_a_tuning_beside_it_by_name_and_content(tmp_path, monkeypatch):
    write_tuning(tmp_path / "mine.json", made())
    (tmp_path / "brain.toml").write_text('title = "t"\n[network]\ntuning = "mine.json"\n', encoding="utf-8")
    scenario, _ = load_scenario(str(tmp_path / "brain.toml"))
    assert scenario.network.tuning == f"mine.json@sha256:{made().checksum[:16]}"
    monkeypatch.chdir("/")  # known by its content from then on
    assert load_tuning(scenario.network.tuning) == made()
    assert Scenario.from_query(scenario.to_query()) == scenario


def test_another_content_under_the_same_name_is_refused(tmp_path):
    path = tmp_path / "mine.json"
    write_tuning(path, made(7))
    text = f"{path}@sha256:{'0' * 16}"
    with pytest.raises(DataError, match="must have the checksum 0000000000000000"):
        load_tuning(text)
    with pytest.raises(DataError, match="must be a shipped tuning or a file"):
        load_tuning("nowhere")


@pytest.mark.parametrize(
    "values",
    [
        {"network.tuning": "mine.json", "network.columns": ["L.HI"]},
        {"network.settling.duration": 1000.0, "network.columns": ["L.HI"]},
        {"network.tuning": "mine.json", "network.recipe": "microcircuit"},
        {"network.settling.duration": 1000.0, "network.recipe": "microcircuit"},
    ],
)
def test_columns_have_nothing_to_tune(values):
    with pytest.raises(ParameterError, match=r"must be (empty|0)"):
        Scenario().with_values(values)


def test_a_tuning_stays_at_hand_while_somebody_holds_it():
    held = made(100)
    name, other = keep_tuning(held), keep_tuning(made(101))
    for seed in range(102, 122):
        keep_tuning(made(seed))
    gc.collect()
    assert load_tuning(name) is held
    assert is_at_hand(name)
    assert not is_at_hand(other)
