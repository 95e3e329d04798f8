"""Opened connectomes are known by their content: undo, links, names, and what is left out."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from dtb_app.explorer.left_column import Choices
from dtb_app.session.files import open_upload
from dtb_app.session.own_brains import MAX_KEPT
from dtb_app.session.session import Session
from engine import EngineError, Scenario, load_connectome, preset, preset_names
from engine.brain.readers import Reference
from engine.errors import DataError
from engine.model.quantity import Declared
from engine.scenario.rules import label_keys
from layouts.explorer.run_table import run_name

ONE = b",lA,rA\nlA,0,1\nrA,2,0\n"
OTHER = b",lA,rA\nlA,0,3\nrA,2,0\n"
THREE = b",x,y,z\nx,0,1,2\ny,1,0,3\nz,2,3,0\n"
_HOLDERS = ("region", "source", "target", "columns", "digital", "analog", "off")


@pytest.mark.parametrize("name", preset_names())
def test_a_connectome_opens_after_every_preset_and_says_what_is_left_out(name):
    session = Session(name)
    keys = label_keys(session.scenario)
    said = session.open_file("own.csv", THREE)
    assert session.connectome.labels == ("x", "y", "z")
    assert label_keys(session.scenario) == []
    assert session.backends == ("digital",) * 3
    for key in keys:
        assert f"{key} (" in said
    tuning = preset(name).network.tuning
    assert ("Left out" in said) == bool(keys or tuning or preset(name).regions.default != "digital")
    assert session.scenario.network.tuning == ""
    session.undo()
    assert session.scenario == preset(name)


def _label_fields(model: type, prefix: str = "") -> set[str]:
    """Dotted places of the scenario's fields whose name says that they hold regions."""
    found = set()
    for name, field in model.model_fields.items():
        kinds = (field.annotation, *getattr(field.annotation, "__args__", ()))
        inner = [a for a in kinds if isinstance(a, type) and issubclass(a, Declared)]
        if inner:
            found |= _label_fields(inner[0], f"{prefix}{name}.")
        elif name in _HOLDERS or name.endswith("_region"):
            found.add(prefix + name)
    return found


def test_every_field_that_holds_regions_is_among_the_keys():
    full = Scenario.from_dict(
        {
            "neuron": [{"region": "L.HI"}],
            "stimulus": [{"region": "L.HI"}],
            "lesion": [{"region": "L.HI"}],
            "trim": [{"region": "L.TH"}],
            "plasticity": [{"source": "L.HI", "target": "R.HI"}],
            "network": {"columns": ["L.PCAL"]},
            "regions": {"digital": ["L.AM"], "analog": ["L.TH"], "off": ["R.TH"]},
        }
    )
    kinds = ("focus", "inhibitory_plasticity", "synaptic_scaling")  # need neither columns nor the chip
    focal = Scenario.from_dict({key: [{"region": "L.HI"}] for key in kinds})
    holders = {field.rpartition(".")[0].split(".")[0] for field in _label_fields(Scenario)}
    assert holders == {key.split(".")[0] for one in (full, focal) for key in label_keys(one)}


def test_two_files_of_one_name_never_mix():
    session = Session("whole-brain-at-rest")
    session.open_file("connectome.csv", ONE)
    first = session.connectome
    session.assign([0], "off")
    session.open_file("connectome.csv", OTHER)
    assert session.connectome != first
    session.undo()
    assert session.connectome == first
    assert session.backends == ("off", "digital")
    session.redo()
    assert session.connectome.weights[0, 1] == 3
    session.open_file("connectome.csv", THREE)
    session.undo()
    session.undo()
    session.undo()
    assert session.connectome == first


def test_the_same_file_twice_is_one_connectome():
    session = Session()
    session.open_file("a.csv", ONE)
    first, scenario = session.connectome, session.scenario
    session.open_file("a.csv", ONE)
    assert session.connectome is first
    assert session.scenario == scenario


def test_runs_of_two_files_of_one_name_have_two_names():
    session = Session()
    session.open_file("c.csv", ONE)
    one = session.scenario
    session.open_file("c.csv", OTHER)
    name = run_name(one, session.scenario)
    assert name.startswith("connectome c.csv (")
    assert session.connectome.checksum[:8] in name


def test_a_link_names_the_file_refuses_without_it_and_restores_with_it():
    giver = Session("hub-lesion")
    giver.open_file("mine.csv", ONE)
    giver.change({"network.coupling": 1.5})
    assert "must open the file mine.csv" in giver.link_words
    assert giver.connectome.checksum[:16] in giver.link_words
    taker = Session()
    before = taker.scenario
    with pytest.raises(DataError, match=r"Open the file first: mine\.csv"):
        taker.open_query(giver.to_query())
    assert taker.scenario is before
    assert "2 regions" in taker.open_file("mine.csv", OTHER)  # another file of that name
    said = taker.open_file("renamed.csv", ONE)
    assert "link's scenario" in said
    assert taker.scenario == giver.scenario
    assert taker.connectome == giver.connectome
    assert "must open" not in Session().link_words


def test_an_undo_to_a_connectome_that_is_gone_changes_nothing():
    session = Session()
    for k in range(MAX_KEPT + 2):
        session.open_file("c.csv", ONE.replace(b"1", str(k + 5).encode()))
    for _ in range(MAX_KEPT - 1):
        session.undo()
    before = session.scenario, session.connectome
    with pytest.raises(DataError, match="Open the file first"):
        session.undo()
    assert (session.scenario, session.connectome) == before
    assert session.can_undo


def test_undo_brings_back_the_preset_that_was_left():
    session = Session("two-regions")
    session.open_preset("hub-lesion")
    session.undo()
    assert session.preset_name == "two-regions"
    assert session.own_title == ""
    session.redo()
    assert session.preset_name == "hub-lesion"


def test_what_is_shown_is_named_as_what_it_is():
    session = Session("hub-lesion")
    handlers = dict.fromkeys(
        ("preset", "pick", "assign", "open", "change", "press", "live", "settle"), lambda *args: None
    )
    choices = Choices(session, handlers)
    title = preset("hub-lesion").title
    for change, shown in (
        (lambda: None, title),
        (lambda: session.change({"network.coupling": 1.5}), f"{title}, changed"),
        (lambda: session.open_file("mine.csv", ONE), "Own connectome: mine"),
        (lambda: session.open_file("s.toml", b'title = "Mine"\nduration = 50.0\n'), "Own scenario: Mine"),
        (lambda: session.open_preset("hub-lesion"), title),
    ):
        change()
        choices.refresh()
        assert choices.title == shown
        assert session.own_title in ("", shown)


def upload(name: str, data: bytes) -> dict:
    return {"name": name, "data": base64.b64encode(data).decode(), "size": len(data)}


def test_files_that_were_chosen_together_are_read_together():
    session = Session()
    centres = b"lA,-30,0,0\nrA,30,0,0\n"
    scenario = b'title = "T"\nconnectome = "m.csv"\nduration = 50.0\n'
    said = open_upload(session, {**upload("m_centres.csv", centres), "beside": [upload("m.csv", ONE)]})
    assert "straight distances between the centres" in said
    assert session.connectome.tract_lengths[0, 1] == 60
    said = open_upload(session, {**upload("s.toml", scenario), "beside": [upload("m.csv", ONE)]})
    assert said.startswith("Opened the scenario 'T'.")
    assert session.connectome.labels == ("lA", "rA")
    before = session.scenario
    for beside in ([upload("m_centers.csv", centres)], [upload("other.csv", ONE)]):
        with pytest.raises(EngineError):
            open_upload(
                session, {**upload("m.csv", ONE), "beside": [upload("m_centres.csv", centres), *beside]}
            )
        assert session.scenario is before


def test_a_scenario_that_means_one_of_two_files_of_a_name_says_which():
    session = Session()
    session.open_file("m.csv", ONE)
    session.open_file("m.csv", OTHER)
    with pytest.raises(DataError, match=r"must say which of the files 'm\.csv'"):
        session.open_file("s.toml", b'connectome = "m.csv"\n')


def test_a_saved_scenario_holds_its_file_to_the_checksum(tmp_path: Path):
    session = Session()
    session.open_file("m.csv", ONE)
    name = session.scenario.connectome
    assert Reference.of(name).name == "m.csv"
    (tmp_path / "m.csv").write_bytes(ONE)
    assert load_connectome(name, tmp_path) == session.connectome
    (tmp_path / "m.csv").write_bytes(OTHER)
    with pytest.raises(DataError, match=r"m\.csv: must have the checksum .* another file"):
        load_connectome(name, tmp_path)
