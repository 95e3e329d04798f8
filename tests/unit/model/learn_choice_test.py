"""Learning chosen on the page: what a digital and an analog target are offered and show."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dtb_app.controls.parameter_form import model_sections
from dtb_app.explorer.left_column import Choices
from dtb_app.session.editing import Editing
from dtb_app.session.session import Session
from engine import Simulation
from layouts.explorer.run_table import compare, run_name


@pytest.fixture
def session() -> Session:
    made = Session()
    made.open_preset("two-regions")
    return made


def pick(session: Session, *labels: str) -> None:
    session.pick([session.connectome.labels.index(label) for label in labels])


def fields(session: Session) -> set[str]:
    """Last parts of the keys of the first rule's fields."""
    sections = model_sections(session.scenario, full=False)
    (section,) = [s for s in sections if s["title"].startswith("Learns")]
    return {f["key"].removeprefix("plasticity.0.") for f in section["fields"]}


def test_an_analog_target_is_offered_and_takes_the_chips_rule(session):
    said: list[str] = []
    editing = Editing(session, said.append, lambda: None, lambda: None)
    pick(session, "L.TH", "L.HI")
    choices = Choices(session, {})
    labels = {b["name"]: b["label"] for b in choices._buttons()}
    assert labels["add-plasticity"] == "Learn L.TH → L.HI on the chip"
    editing.press("add-plasticity", "")
    assert said[-1] == ""
    assert fields(session) == {
        "population",
        "chip.rule",
        "chip.period",
        "chip.learning_rate",
        "chip.amplitude_lsb",
        "chip.tau",
    }
    editing.change({"plasticity.0.chip.rule": "homeostasis"})
    assert fields(session) == {"population", "chip.rule", "chip.period", "chip.target_rate_hz"}
    editing.change({"plasticity.0.chip.rule": "r_stdp"})
    assert {"chip.reward_region", "chip.reward_rate_hz"} <= fields(session)
    editing.change({"plasticity.0.chip.reward_region": "L.XX"})
    assert "must be a label of the connectome" in said[-1]
    assert session.scenario.plasticity[0].chip.reward_region == ""
    session.assign([session.connectome.labels.index("L.HI")], "digital")
    assert "learning_rate" in fields(session)
    assert not any(name.startswith("chip") for name in fields(session))


def test_rules_that_differ_in_one_number_are_told_apart(session):
    rules = [{"source": "L.TH", "target": "L.HI", "chip": {"period": p}} for p in (5000, 6000)]
    small = {"network.neurons_per_region": 40, "network.in_degree": 20, "duration": 20.0}
    runs = [Simulation(session.scenario.with_values({**small, "plasticity": [r]})).run() for r in rules]
    line = next(x for x in compare(runs) if x.label == "Projections that learn")
    assert line.values == ("L.TH → L.HI", "L.TH → L.HI (chip period 6000)")
    names = [run_name(a, b) for a, b in pairwise(r.scenario for r in runs)]
    assert names == ["learning chip period 5000 → 6000"]
    none = runs[0].scenario.with_values({"plasticity": []})
    assert run_name(none, runs[0].scenario) == "learning L.TH → L.HI"
    assert run_name(runs[0].scenario, none) == "1 learning less"


@pytest.mark.slow
def test_the_table_of_runs_shows_weights_before_and_after(session):
    rule = {"source": "L.TH", "target": "L.HI", "chip": {"rule": "homeostasis", "period": 3000}}
    small = {"network.neurons_per_region": 40, "network.in_degree": 20, "duration": 3100.0}
    runs = [
        Simulation(session.scenario.with_values({**small, "plasticity": rules})).run()
        for rules in ([], [rule])
    ]
    chosen, *_, line = [x for x in compare(runs) if "learn" in x.label or "plastic" in x.label]
    assert chosen.values == ("none", "L.TH → L.HI")
    p = runs[1].plastic[0]
    assert p["updates"] == 1
    assert line.values[0] == "–"
    before, after = p["mean_weight_before"], p["mean_weight"]
    assert line.values[1] == f"L.TH → L.HI {before:.3f} to {after:.3f}"
