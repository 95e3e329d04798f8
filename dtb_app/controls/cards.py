"""Panels of the page: a title, a caption, a picture, and one sentence under it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import panel as pn
from bokeh.themes import Theme as BokehTheme

from dtb_app.controls.figure_names import figures_of, name_figure
from dtb_app.controls.sources import source_html
from dtb_app.controls.style import CARD_CSS, TEXT_CSS
from dtb_app.panel_fixes.wrapping_row import WrappingRow
from engine.amounts import number
from engine.markup import parts
from engine.markup.parts import Fact
from engine.run.capacity import Capacity

__all__ = [
    "CAPACITY_HEIGHT",
    "Card",
    "Picture",
    "Text",
    "capacity_html",
    "figure_pane",
    "head_html",
    "picture_rows",
    "sideways",
    "words_of",
]

_PLAIN = BokehTheme(json={})

_CAPTION_PX = 20  # of a caption below its title
_SCROLLED_CSS = ":host { overflow: auto hidden; max-height: none !important; }"
_ROW_CSS = ":host { gap: 12px; flex-wrap: wrap; height: auto; max-height: none !important; }"


class Text:
    """A piece of HTML that is sent only when it changes; a plain text is escaped."""

    def __init__(self, html: str = "", css: str = "", **params: Any):
        params.setdefault("margin", 0)
        params.setdefault("sizing_mode", "stretch_width")
        sheets = [TEXT_CSS, css] if css else [TEXT_CSS]
        self.pane = pn.pane.HTML(parts.shown(html), stylesheets=sheets, **params)

    def set(self, html: str) -> None:
        """Show this."""
        if (shown := parts.shown(html)) != self.pane.object:
            self.pane.object = shown

    @property
    def words(self) -> str:
        """What is shown, without its tags."""
        return words_of(self.pane.object)


def figure_pane(figure: Any) -> pn.pane.Bokeh:
    """A figure that fills its card, with none of Panel's own sizes on what its view styles itself.

    Parameters
    ----------
    figure : Figure or None
        None for one that comes later.
    """
    return pn.pane.Bokeh(figure, theme=_PLAIN, sizing_mode="stretch_both", margin=0, min_height=120)


class Card:
    """One panel.

    Parameters
    ----------
    title : str
    body : panel or bokeh object
    extra : panel objects, optional
        Controls between title and picture.
    lines : int
        Lines kept for the live sentence below, so that the picture never changes its size; more in a
        narrow window.
    least : int
        Width of the body at which it can be read [px]; in less it scrolls to the side. 0 for any.
    css : str
        Rules of its own.
    """

    def __init__(
        self,
        title: str,
        body: Any,
        extra: list[Any] | None = None,
        lines: int = 2,
        least: int = 0,
        css: str = "",
        **params: Any,
    ):
        self._title, self._caption, self._source = title, "", ""
        self._head = Text(self._head_html())
        self._lines = lines
        height, classes = 16 * lines + 2, ["dtb-said"]
        self._sentence = Text("", f":host {{ --lines: {lines} }}", height=height, css_classes=classes)
        shown = sideways(body, least) if least else body
        stacked = [self._head.pane, *(extra or []), shown, self._sentence.pane]
        params.setdefault("sizing_mode", "stretch_both")
        self._body, self._name = body, title
        for figure in figures_of(body):
            name_figure(figure, title)
        more = _card_css(params["height"], lines) + css if "height" in params else css
        sheets = [CARD_CSS, more] if more else [CARD_CSS]
        self.panel = pn.Column(*stacked, margin=0, stylesheets=sheets, **params)

    def _head_html(self) -> str:
        return head_html(self._title, self._caption, self._source)

    @property
    def head(self) -> str:
        """The words above the picture: title, caption, and where their numbers come from."""
        return self._head.words

    @property
    def said(self) -> str:
        """The words under the picture."""
        return self._sentence.words

    def caption(self, text: str) -> None:
        """Words beside the title."""
        self._caption = text
        self._head.set(self._head_html())

    def sentence(self, text: str, source: str = "") -> None:
        """Words under the picture; `source` says where their numbers come from, on hover."""
        style = f"-webkit-line-clamp: {self._lines}"
        title = f"{text}\n\n{source}" if source else text
        self._sentence.set(parts.note(text, style=style, title=title))
        if source != self._source:
            self._source = source
            self._head.set(self._head_html())
        self._name = f"{self._title}. {text}"
        for figure in figures_of(self._body):
            name_figure(figure, self._name)

    def name(self, figure: Any) -> None:
        """Name a figure that is about to be shown here.

        A name that comes while a run goes on may overtake the figure on its way to the browser.
        """
        name_figure(figure, self._name)


def sideways(body: Any, least: int) -> pn.Column:
    """A panel object that keeps a width at which it can be read [px], and in less scrolls to the side."""
    css = f"{_SCROLLED_CSS} * {{ min-width: {least}px !important; }}"
    return pn.Column(body, margin=0, sizing_mode=body.sizing_mode, stylesheets=[css])


def _card_css(height: int, lines: int) -> str:
    """A card of a fixed height [px] has room for what its words take more where it is narrow."""
    narrow, narrower = height + 16, height + 16 * lines + _CAPTION_PX
    return (
        f"@media (max-width: 940px) {{ :host {{ height: {narrow}px !important; }} }}"
        f"@media (max-width: 660px) {{ :host {{ height: {narrower}px !important; }} }}"
    )


class Picture(NamedTuple):
    """A card that stands in a row: its title, its height [px] and the width that it asks for [px].

    In less than `least` it scrolls to the side [px]; 0 for never.
    """

    title: str
    height: int
    width: int
    least: int = 0


def picture_rows(
    pictures: Mapping[str, Picture], views: Mapping[str, Any], name: str, lines: int
) -> tuple[dict[str, Card], list[WrappingRow]]:
    """Cards of views, two in a row, one below the other where the window is narrow.

    Parameters
    ----------
    pictures : mapping of str to Picture
    views : mapping of str to view
        Under the same names.
    name : str
        CSS class of the rows.
    lines : int
        Kept for the sentence under each picture.
    """
    cards = {
        key: Card(
            one.title,
            pn.pane.Bokeh(views[key].figure, sizing_mode="stretch_both", margin=0),
            None,
            lines,
            one.least,
            height=one.height,
            sizing_mode="stretch_width",
            styles={"flex": f"1 1 {one.width}px", "min-width": "0"},
        )
        for key, one in pictures.items()
    }
    panels = [card.panel for card in cards.values()]
    rows = [
        WrappingRow(
            *panels[k : k + 2],
            css_classes=[name],
            stylesheets=[_ROW_CSS],
            margin=0,
            sizing_mode="stretch_width",
        )
        for k in range(0, len(panels), 2)
    ]
    return cards, rows


def words_of(html: str) -> str:
    """A text without its tags and styles."""
    return parts.words(html)


def head_html(title: str, caption: str, source: str = "", rows: Iterable[tuple[str, str]] = ()) -> str:
    """A title and its caption; `source`, where their numbers come from, behind an i.

    `rows` are names of rows below and where the numbers of each come from.
    """
    return parts.head(title, caption, source, source_html(title, source, rows) if source else "")


CAPACITY_HEIGHT = 104


def capacity_html(capacity: Capacity, refusal: str) -> str:
    """What the scenario takes, before it runs: as many lines whatever it is.

    Where it does not fit, the refusal has the room of the last lines.
    """
    c = capacity
    speed = 1.0 / c.real_time_factor if c.real_time_factor else 0.0
    fullest = (
        max((k for k in c.chip_use if k != "synapses"), key=c.chip_use.__getitem__, default="")
        if c.chips
        else ""
    )
    chips = f"{c.chips} of {c.max_chips}" if c.chips else "none"
    on_chips = f"{c.circuits:,} of {c.chips * 512:,}" if c.chips else "–"
    hint = f"Fullest on chip: {fullest}, {c.chip_use[fullest]:.0%}" if fullest else ""
    rows = [
        Fact("Neurons, synapses", f"{c.n_neurons:,}, {_short(c.n_synapses)}"),
        Fact("Analog chips", chips, c.chips > c.max_chips, hint),
        Fact("Circuits in use", on_chips, title=hint),
        Fact("Memory", f"{c.memory_mb:,.0f} MB", c.memory_mb > c.memory_limit_mb),
        Fact("Predicted speed", f"{speed:.1f}× real time" if speed >= 0.1 else f"{number(speed, 2)}×"),
    ]
    if not refusal:
        return parts.facts(rows, "dtb-capacity")
    said = f"Does not fit: {refusal}"
    return parts.joined(
        parts.facts(rows[:2], "dtb-capacity"), parts.note(said, "refused lines", role="alert", title=said)
    )


def _short(n: int) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if n >= size:
            return f"{n / size:.1f} {unit}"
    return str(n)
