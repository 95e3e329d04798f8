"""What stands where on the Co-design page: four cards, their buttons and choices, two tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import panel as pn

from dtb_app.controls.cards import Card, Text, sideways
from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages.codesign.controls import action_button, small_select
from engine.codesign import COSTS, DISTANCE, MEASURES

__all__ = ["ACTIONS", "CSS", "TITLES", "CodesignCards", "Pressed"]

ACTIONS = {
    "validate": "Validate",
    "attribute": "Price the imperfections",
    "calibrate": "Calibrate",
    "trade_off": "Try designs",
}
TITLES = {
    "validate": "Teacher against student",
    "attribute": "What each imperfection costs",
    "calibrate": "Calibrating the chip",
    "trade_off": "What fidelity costs",
}
_OF_ANOTHER = {"filter": "grayscale(1)", "opacity": "0.75"}
_OF_THIS = {"filter": "none", "opacity": "1"}
CSS = """
:host(.dtb-codesign) { gap: 12px; height: auto; }
:host(.dtb-codesign-cards) { gap: 12px; flex: 0 0 auto; flex-wrap: wrap; height: auto; }
:host(.dtb-codesign-actions) { gap: 8px; align-items: center; flex: 0 0 auto; height: auto; }
:host { max-height: none !important; }
"""


@dataclass(frozen=True)
class Pressed:
    """What follows when something of the page is pressed or chosen.

    Attributes
    ----------
    start : callable
        Gets the piece of work.
    cancel, put_on_analog, use_fit, discard : callable
    show_tornado, show_front : callable
        A measure, a cost is chosen.
    """

    start: Callable[[str], None]
    cancel: Callable[[], None]
    put_on_analog: Callable[[], None]
    use_fit: Callable[[], None]
    discard: Callable[[], None]
    show_tornado: Callable[[], None]
    show_front: Callable[[], None]


class CodesignCards:
    """The widgets, each by the name of its piece of work.

    Parameters
    ----------
    views : mapping
        The picture of each piece of work.
    press : Pressed
    later : callable
        Makes a handler one that waits for its turn.
    fit_on_chip : Card
        Has its own buttons.

    Attributes
    ----------
    panel : pn.Column
    cards, figures, progress, buttons, cancels, choices : dict
    head, controls, knobs : Text
        Above the cards, and the tables below them.
    prepare, use, discard : button
    by, cost : select
        Measure of agreement, cost against agreement.
    texts : dict of str to Text
    by_name : NamedControls
    """

    def __init__(
        self, views: Mapping[str, Any], press: Pressed, later: Callable[[Any], Any], fit_on_chip: Card
    ):
        button, select = partial(action_button, later), partial(small_select, later)
        self.head, self.controls, self.knobs = Text(), Text(), Text()
        self.figures: dict[str, pn.pane.Bokeh] = {}
        self.progress = {kind: Text("", sizing_mode="stretch_width") for kind in ACTIONS}
        self.buttons = {
            kind: button(
                words, partial(press.start, kind), kind, "contained" if kind == "validate" else "outlined"
            )
            for kind, words in ACTIONS.items()
        }
        self.cancels = {kind: button("Cancel", press.cancel, f"cancel-{kind}") for kind in ACTIONS}
        self.prepare = button("Put one there", press.put_on_analog, "prepare")
        self.prepare.margin = (6, 0, 0, 0)
        self.discard = button("Discard my results", press.discard, "discard")
        self.discard.margin = (6, 0, 0, 0)
        self.use = button("Use this fit", press.use_fit, "use-knobs")
        self.by = select(
            {
                "Mean over measures": DISTANCE,
                **{m.label: m.name for m in MEASURES.values() if not m.name.startswith("rest_")},
            },
            DISTANCE,
            press.show_tornado,
            "measure",
            "Measure of agreement",
        )
        self.cost = select(
            {f"Cost: {c.label.lower()}": c.name for c in COSTS.values()},
            "weight_kbit",
            press.show_front,
            "cost",
            "Cost against agreement",
        )
        self.choices = {"attribute": self.by, "trade_off": self.cost}
        cards = {
            kind: self._card(kind, TITLES[kind], *card)
            for kind, card in {
                "validate": (views["validate"], 3, 472, 460, []),
                "attribute": (views["attribute"], 5, 472, 440, [self.by]),
                "calibrate": (views["calibrate"], 5, 400, 0, [self.use]),
                "trade_off": (views["trade_off"], 4, 400, 0, [self.cost]),
            }.items()
        }
        self.cards = cards
        wrap = {
            "css_classes": ["dtb-codesign-cards"],
            "stylesheets": [CSS],
            "margin": 0,
            "sizing_mode": "stretch_width",
        }
        plain = {"margin": 0, "stylesheets": [CARD_CSS, CSS], "sizing_mode": "stretch_width"}
        self.panel = pn.Column(
            pn.Column(self.head.pane, self.prepare, self.discard, css_classes=["dtb-codesign-head"], **plain),
            pn.Row(cards["validate"].panel, cards["attribute"].panel, **wrap),
            pn.Row(cards["calibrate"].panel, cards["trade_off"].panel, **wrap),
            pn.Row(fit_on_chip.panel, **wrap),
            pn.Column(
                self.controls.pane,
                sideways(self.knobs.pane, 480),
                css_classes=["dtb-codesign-tables"],
                **plain,
            ),
            css_classes=["dtb-codesign"],
            stylesheets=[CSS],
            margin=0,
            sizing_mode="stretch_width",
        )

        self.texts = {"head": self.head, "controls": self.controls, "knobs": self.knobs, **self.progress}
        self.by_name = NamedControls(
            {
                **self.buttons,
                **{f"cancel_{kind}": button for kind, button in self.cancels.items()},
                "put_on_analog": self.prepare,
                "use_fit": self.use,
                "discard": self.discard,
            },
            {"measure": self.by, "cost": self.cost},
        )

    @property
    def grey(self) -> list[str]:
        """Cards whose pictures are grey."""
        return [kind for kind, figure in self.figures.items() if figure.styles["filter"] != "none"]

    def say(self, kind: str, caption: str, sentence: str, source: str, is_of_another: bool) -> None:
        """Say what a card shows; grey where it is not of the scenario in hand."""
        self.cards[kind].caption(caption)
        self.figures[kind].styles = dict(_OF_ANOTHER if is_of_another else _OF_THIS)
        self.cards[kind].sentence(sentence, source)

    def show_work(self, working: str, is_idle: bool, is_cancelling: bool) -> None:
        """Show which buttons can be pressed.

        Parameters
        ----------
        working : str
            The piece of work that goes on; "" for none.
        is_idle : bool
            Whether another one may begin.
        is_cancelling : bool
            Whether it is being cancelled, which its button goes on to say.
        """
        for kind, button in self.buttons.items():
            is_working = kind == working
            button.visible = not is_working
            button.disabled = not is_idle
            self.cancels[kind].visible = is_working
            if not is_cancelling:
                self.cancels[kind].param.update(label="Cancel", disabled=False)
            if kind in self.choices:  # makes room for the progress
                self.choices[kind].visible = not is_working
            if not is_working:
                self.progress[kind].set("")

    def _card(
        self, kind: str, title: str, view: Any, lines: int, height: int, least: int, extra: list[Any]
    ) -> Card:
        figure = pn.pane.Bokeh(view.figure, sizing_mode="stretch_both", margin=0, min_height=120)
        self.figures[kind] = figure
        actions = pn.Row(
            self.buttons[kind],
            self.cancels[kind],
            *extra,
            self.progress[kind].pane,
            css_classes=["dtb-codesign-actions"],
            stylesheets=[CSS],
            margin=(6, 0, 4, 0),
            sizing_mode="stretch_width",
        )
        return Card(
            title,
            figure,
            [actions],
            lines,
            least,
            height=height,
            sizing_mode="stretch_width",
            styles={"flex": "1 1 440px", "min-width": "0"},
            css_classes=[f"dtb-{view.figure.name}"],
        )
