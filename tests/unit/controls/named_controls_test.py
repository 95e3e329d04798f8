"""Buttons and inputs by name, as a page offers them."""

from __future__ import annotations

import panel_material_ui as pmui
import pytest

from dtb_app.controls.cards import Card, Text, words_of
from dtb_app.controls.named_controls import ControlState, NamedControls
from engine.errors import ParameterError
from engine.markup import parts


@pytest.fixture
def controls():
    return NamedControls({"run": pmui.Button(label="Run")}, {"rate": pmui.TextInput(label="Rate", value="2")})


def test_a_press_is_heard_once_and_not_while_the_button_is_off_or_hidden():
    button, heard = pmui.Button(label="Run"), []
    button.on_click(heard.append)
    controls = NamedControls({"run": button})
    controls.press("run")
    assert len(heard) == 1
    for state in ({"disabled": True}, {"disabled": False, "visible": False}):
        button.param.update(**state)
        controls.press("run")
    assert len(heard) == 1
    assert controls.state("run") == ControlState("Run", is_shown=False, is_off=False)


def test_what_is_entered_is_held(controls):
    assert controls.values == {"rate": "2"}
    controls.choose(rate="3")
    assert controls.values == {"rate": "3"}
    assert controls.state("rate") == ControlState("Rate", is_shown=True, is_off=False)


@pytest.mark.parametrize(
    "use",
    [
        lambda c: c.press("rum"),
        lambda c: c.state("rum"),
        lambda c: c.press("rate"),
        lambda c: c.choose(run="1"),
    ],
)
def test_an_unknown_name_is_refused(controls, use):
    with pytest.raises(ParameterError, match="control: must be on the page"):
        use(controls)


def test_words_are_what_is_read():
    assert words_of("<style>a > b {top: 1px}</style><p title='&gt; 3'>2 &lt; 3<br>and</p>") == "2 < 3and"
    text = Text(parts.note("R & L"))
    assert text.words == "R & L"
    card = Card("Brain", Text().pane)
    card.caption("by rate")
    card.sentence("<b> fires", "counted")
    assert card.said == "<b> fires"
    assert "Brain" in card.head
    assert "by rate" in card.head
