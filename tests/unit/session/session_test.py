"""Session: changes, undo, refusals that change nothing, the address, files."""

from __future__ import annotations

import base64
from types import SimpleNamespace

import pytest

import sample_data
from dtb_app.controls.parameter_form import model_sections
from dtb_app.session.editing import Editing
from dtb_app.session.files import open_upload
from dtb_app.session.finished_runs import MAX_RUNS_PINNED, Outline, Run
from dtb_app.session.session import Session
from engine import FIRST_PRESET, DataError, EngineError, preset, preset_names


def test_changes_can_be_undone_and_redone():
    s = Session()
    digests = [s.scenario.digest()]
    for value in (1.1, 1.2, 1.3):
        assert s.change({"network.coupling": value})
        digests.append(s.scenario.digest())
    assert not s.change({"network.coupling": 1.3})
    for digest in digests[-2::-1]:
        assert s.undo()
        assert s.scenario.digest() == digest
    assert not s.undo()
    for digest in digests[1:]:
        assert s.redo()
        assert s.scenario.digest() == digest
    assert not s.redo()


@pytest.mark.parametrize(
    "values",
    [
        {"network.coupling": -1},
        {"nonsense": 1},
        {"regions.analog": ["L.HIP"]},
        {"network.neurons_per_region": 20},
        {"connectome": "/etc/passwd"},
    ],
)
def test_a_refused_change_changes_nothing(values):
    s = Session()
    before = s.scenario
    with pytest.raises(EngineError):
        s.change(values)
    assert s.scenario is before
    assert not s.can_undo


@pytest.mark.parametrize("name", preset_names())
def test_the_address_restores_the_scenario(name):
    a = Session()
    a.open_preset(name)
    network, tires = a.scenario.network, bool(a.scenario.short_term)
    is_digital = network.recipe == "microcircuit" or network.ions.is_on or tires
    a.assign([3, 7], "digital" if is_digital else "analog")
    a.change({"seed": 11, "network.parameters.ou_mean": 390.0})
    b = Session()
    b.open_query("?" + a.to_query())
    assert b.scenario == a.scenario
    assert b.preset_name == name
    assert not b.can_undo


def test_assigning_writes_the_shortest_lists():
    s = Session()
    s.assign(range(84), "analog")
    assert s.scenario.regions.default == "analog"
    assert "42 chips" in s.refusal()
    s.undo()
    assert s.refusal() == ""


def test_picking():
    s = Session()
    s.pick([3, 4])
    s.pick([5], "add")
    s.pick([4, 9], "toggle")
    assert s.picked == (3, 5, 9)
    s.pick([999, -1])
    assert s.picked == ()


def test_a_connectome_is_opened_and_left_again():
    s = Session()
    s.pick([80])
    data = sample_data.path("four_regions").read_bytes()
    assert "4 regions" in s.open_file("mine.zip", data)
    assert s.connectome.n_regions == 4
    assert s.picked == ()
    s.undo()
    assert s.connectome.name == "dk84"
    s.redo()
    assert s.connectome.n_regions == 4


@pytest.mark.parametrize(
    ("name", "data"),
    [("x.zip", b"PK"), ("x.csv", b"1,2"), ("x.toml", b"a=["), ("x.exe", b"MZ"), ("x.json", b"{")],
)
def test_a_bad_file_changes_nothing(name, data):
    s = Session()
    before = s.scenario
    with pytest.raises(EngineError, match=name):
        s.open_file(name, data)
    assert s.scenario is before
    assert not s.can_undo


def test_neurons_are_set_once_a_region_and_taken_back():
    session = Session()
    session.pick([0, 1])
    editing = Editing(session, lambda said: None, lambda: None, lambda: None)
    editing.press("add-neuron", "")
    editing.press("add-neuron", "")
    labels = [choice.region for choice in session.scenario.neuron]
    assert labels == list(session.connectome.labels[:2])
    titles = [s["title"] for s in model_sections(session.scenario, True)]
    assert f"Neurons: {labels[0]}" in titles
    assert "Soma and dendrite" in titles
    editing.press("remove", "neuron.0")
    assert [choice.region for choice in session.scenario.neuron] == labels[1:]
    session.undo()
    assert len(session.scenario.neuron) == 2


def test_a_projection_between_two_picked_regions_learns():
    session = Session()
    session.pick([3, 1])
    editing = Editing(session, lambda said: None, lambda: None, lambda: None)
    editing.press("add-plasticity", "")
    (rule,) = session.scenario.plasticity
    labels = session.connectome.labels
    assert (rule.source, rule.target) == (labels[3], labels[1])
    titles = [s["title"] for s in model_sections(session.scenario, False)]
    assert f"Learns: {labels[3]} → {labels[1]}" in titles
    said = []
    Editing(session, said.append, lambda: None, lambda: None).press("add-plasticity", "")
    assert "must not repeat" in said[0]
    assert len(session.scenario.plasticity) == 1


def test_a_picked_region_becomes_a_column_and_back():
    session = Session("whole-brain-at-rest")
    editing = Editing(session, lambda said: None, lambda: None, lambda: None)
    session.pick([5])
    before = session.capacity.n_neurons
    editing.press("add-column", "")
    editing.press("add-column", "")
    label = session.connectome.labels[5]
    assert session.scenario.network.columns == (label,)
    assert session.capacity.n_neurons == before + 7718 - 240  # eight populations, each rounded
    assert session.region_sizes[5] == 7718
    titles = [s["title"] for s in model_sections(session.scenario, False)]
    assert f"Column inside: {label}" in titles
    editing.press("remove", "columns.0")
    assert session.scenario.network.columns == ()


def test_an_address_without_a_preset_means_what_it_always_did():
    session = Session()
    session.open_query("?theme=dark")
    assert session.preset_name == FIRST_PRESET
    session.open_query("?seed=77")
    assert session.scenario == preset("hippocampus-on-analog").with_values({"seed": 77})


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("?network.couplin=2", "unknown key 'couplin'"),
        ("?network.coupling=-1", r"network.coupling: must be at least 0.0 \(got -1\)."),
        ("?regions.analog=[%22L.HIP%22]", "Did you mean 'L.HI'"),
        ("?connectome=/etc/passwd", "must be shipped or opened in this session"),
        ("?preset=nothing", "must be a shipped scenario"),
    ],
)
def test_a_bad_address_is_one_sentence_and_changes_nothing(address, sentence):
    s = Session()
    before = s.scenario
    with pytest.raises(EngineError, match=sentence):
        s.open_query(address)
    assert s.scenario == before


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("bad.toml", b"[network]\ncouplin = 2\n", "bad.toml: network: unknown key 'couplin'"),
        ("bad.zip", b"PK nonsense", "bad.zip: "),
        ("bad.csv", b"a,b\n1,x\n", "bad.csv: "),
        ("big.zip", b"", "big.zip: must not be empty and at most 10 MB"),
    ],
)
def test_a_bad_file_is_one_sentence_and_changes_nothing(name, content, sentence):
    s = Session()
    before = s.scenario
    with pytest.raises(EngineError, match=sentence):
        open_upload(s, {"name": name, "size": 11_000_000, "data": base64.b64encode(content).decode()})
    assert s.scenario == before


def test_going_back_is_followed_and_can_be_undone():
    session = Session()
    session.open_preset("two-regions")
    session.change({"network.coupling": 1.5})
    session.go_to("?preset=two-regions&page=noc")
    assert (session.preset_name, session.scenario.network.coupling) == ("two-regions", 1.0)
    session.go_to("")  # the address that the visit began with
    assert (session.preset_name, session.scenario) == (FIRST_PRESET, preset(FIRST_PRESET))
    with pytest.raises(EngineError, match="duration"):
        session.go_to("?preset=two-regions&duration=-1")
    assert session.scenario == preset(FIRST_PRESET)
    session.undo()
    session.undo()
    assert session.scenario.network.coupling == 1.5


def test_a_slider_that_is_let_go_leaves_no_dust_of_arithmetic():
    session = Session("two-regions")
    editing = Editing(session, lambda text: None, lambda: None, lambda: None)
    editing.settle("network.coupling", 1.2500000000000002)
    assert session.scenario.network.coupling == 1.25


def test_an_address_reads_no_tuning_of_the_server(tmp_path):
    file = tmp_path / "secret.json"
    file.write_text('{"format": "dtb-tuning"}', encoding="utf-8")
    session = Session()
    before = session.scenario
    with pytest.raises(EngineError, match="must be a shipped tuning") as refused:
        session.open_query(f"?network.tuning={file}")
    assert "format" not in str(refused.value)
    assert session.scenario is before


def stored(letter: str, created_s: float, is_pinned: bool = False) -> Run:
    outline = Outline(preset("two-regions"), 100)
    return Run(letter, letter, None, outline, f"id {letter} {created_s}", is_pinned, created_s)


def test_runs_of_earlier_visits_come_before_those_of_this_one_and_letters_stay_apart():
    session = Session("two-regions")
    here = session.runs.keep(SimpleNamespace(scenario=session.scenario, traffic_from_ms=0, duration_ms=5))
    session.runs.bring_back([stored("D", 3.0), stored("A", 2.0), stored("B", 1.0)])
    assert [run.created_s for run in session.runs][:3] == [1.0, 2.0, 3.0]
    assert session.runs[-1] is here
    letters = [run.letter for run in session.runs]
    assert len(set(letters)) == 4
    assert letters[0] == "B"
    session.runs.bring_back([stored("D", 3.0)])  # known by its id
    assert len(session.runs) == 4
    assert session.runs.name_next(session.scenario)[0] not in letters


def test_pinned_runs_stay_and_are_no_more_than_can_be_seen():
    session = Session("two-regions")
    session.runs.bring_back([stored(letter, k) for k, letter in enumerate("ABCDEFGH")])
    first = session.runs[0]
    session.runs.pin(first, True)
    session.runs.bring_back([stored(letter, 10 + k) for k, letter in enumerate("IJKL")])
    assert [run.letter for run in session.runs] == list("AEFGHIJKL")
    session.runs.pin(first, False)
    assert first not in session.runs
    many = Session("two-regions")
    many.runs.bring_back([stored(chr(65 + k), k, k < MAX_RUNS_PINNED) for k in range(MAX_RUNS_PINNED + 1)])
    with pytest.raises(DataError, match=r"^runs: must be at most 12 that are pinned\. Unpin one first\.$"):
        many.runs.pin(many.runs[-1], True)
    assert not many.runs[-1].is_pinned
