"""The left column without a browser: buttons that name what they act on, and act on that alone."""

from __future__ import annotations

import pytest

from dtb_app.explorer.left_column import Choices
from dtb_app.session.editing import Editing
from dtb_app.session.session import Session

ADDS = ("add-stimulus", "add-lesion", "add-neuron", "add-column", "add-plasticity")


class Column:
    """A left column wired to its session as the page wires it."""

    def __init__(self, name: str = "two-regions"):
        self.session = Session()
        self.session.open_preset(name)
        self.said: list[str] = []
        self.editing = Editing(
            self.session, self.said.append, lambda: self.choices.refresh(), lambda: self.choices.refresh()
        )
        self.live: list[tuple[str, object]] = []
        handlers = {
            "press": self.editing.press,
            "live": lambda key, value: self.live.append((key, value)),
            "settle": self.editing.settle,
        }
        self.choices = Choices(self.session, handlers)
        self.choices.refresh()

    def pick(self, *labels: str) -> None:
        self.session.pick([self.session.connectome.labels.index(label) for label in labels])
        self.choices.show_picked()

    def buttons(self) -> dict[str, dict]:
        return {b["name"]: b for b in self.choices.model.buttons}

    def press(self, name: str) -> None:
        button = self.buttons()[name]
        action = {"press": name, "regions": button["regions"], "nonce": len(self.said)}
        self.choices.model.action = action


def things(session: Session) -> dict[str, list[tuple[str, ...]]]:
    """Regions of all that can be added."""
    s = session.scenario
    return {
        "add-stimulus": [(x.region,) for x in s.stimulus],
        "add-lesion": [(x.region,) for x in s.lesion],
        "add-neuron": [(x.region,) for x in s.neuron],
        "add-column": [(x,) for x in s.network.columns],
        "add-plasticity": [(x.source, x.target) for x in s.plasticity],
    }


def test_with_nothing_picked_every_button_that_adds_is_off_and_says_what_to_do():
    column = Column()
    for name in ADDS:
        assert column.buttons()[name]["hint"].startswith("Pick a region first")
        assert column.buttons()[name]["regions"] == []


@pytest.mark.parametrize("name", ADDS)
def test_no_region_is_taken_that_nobody_picked(name):
    column = Column()
    before = column.session.scenario
    column.press(name)
    assert column.session.scenario == before
    assert column.said[-1].startswith("Pick a region first")


def test_buttons_follow_the_selection_at_once():
    column = Column()
    column.pick("L.TH", "L.HI")
    labels = {name: b["label"] for name, b in column.buttons().items()}
    assert labels["add-lesion"] == "Lesion 2 picked regions"
    assert labels["add-plasticity"] == "Learn L.TH → L.HI on the chip"
    column.pick("L.TH")
    labels = {name: b["label"] for name, b in column.buttons().items()}
    assert labels["add-stimulus"] == "Stimulate L.TH"
    assert labels["add-plasticity"] == "Learn in L.TH"
    column.pick()
    assert column.buttons()["add-lesion"]["label"] == "Add lesion"


def test_learning_of_three_regions_is_off_and_says_why():
    column = Column()
    column.pick("L.TH", "L.HI", "R.HI")
    assert "from source to target" in column.buttons()["add-plasticity"]["hint"]
    assert column.buttons()["add-lesion"]["hint"] == ""


@pytest.mark.parametrize("name", ADDS)
def test_a_button_acts_on_what_it_named_even_if_the_selection_has_moved_on(name):
    column = Column("whole-brain-at-rest")
    column.pick("L.TH", "L.HI")
    drawn = column.buttons()[name]
    before = things(column.session)[name]
    column.pick("R.HI")
    column.choices.model.action = {"press": name, "regions": drawn["regions"]}
    new = things(column.session)[name][len(before) :]
    assert new == ([("L.TH", "L.HI")] if name == "add-plasticity" else [("L.TH",), ("L.HI",)])


@pytest.mark.parametrize("name", ADDS)
def test_what_was_added_is_shown_and_can_be_moved_to_another_region(name):
    column = Column("whole-brain-at-rest")
    column.pick("L.TH")
    before = things(column.session)[name]
    column.press(name)
    key = column.choices.model.shown["remove"]
    (section,) = [s for s in column.choices.model.sections if s["remove"] == key]
    field = section["fields"][0]
    assert (field["value"], field["options"]) == ("L.TH", list(column.session.connectome.labels))
    column.editing.change({field["key"]: "L.HI"})
    assert column.said[-1] == ""
    assert things(column.session)[name][len(before)][0] == "L.HI"


def test_a_scenario_that_is_opened_scrolls_nothing():
    column = Column()
    column.session.open_preset("hub-lesion")
    column.choices.refresh()
    assert column.session.scenario.lesion
    assert column.choices.model.shown == {}


def test_what_is_there_already_is_said_and_not_added_again():
    column = Column()
    column.pick("L.TH")
    column.press("add-neuron")
    column.press("add-neuron")
    assert "set already" in column.said[-1]
    assert len(column.session.scenario.neuron) == 1


def test_learning_is_switched_off_and_on_where_something_learns():
    column = Column()
    assert column.choices._learning is None
    column.pick("L.TH", "L.HI")
    column.press("add-plasticity")
    switch = column.choices._learning
    assert switch.visible
    assert switch.value
    assert column.live == []
    for wanted in (False, True):
        switch.value = wanted
        assert column.live[-1] == ("network.learning", wanted)
        assert column.session.scenario.network.learning is wanted
        assert switch.value is wanted
    assert len(column.live) == 2
    assert not any(column.said)
    column.editing.press("remove", "plasticity.0", [])
    assert not switch.visible
