"""Where things stand on the page: three columns under one bar."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Card, Text
from dtb_app.controls.style import COLUMN_CSS, NAME_ONLY_CSS, PAGE_SX, THEME_CONFIG
from dtb_app.explorer.help import TOUR
from dtb_app.explorer.views import LiveViews
from dtb_app.panel_fixes.later import later
from dtb_app.panel_fixes.quiet_page import quiet_page
from engine.fit.forward import SIGNALS
from engine.markup import parts

__all__ = ["Board"]

CLICKS = {"Selects": None, "→ digital": "digital", "→ analog": "analog", "→ off": "off"}
TOOLS = {"Pick": "pick", "Box": "box", "Lasso": "lasso"}
_GROUP_SX = {
    ".MuiToggleButton-root, .MuiButton-root": {
        "fontSize": "var(--dtb-small, 12px)",
        "padding": "2px var(--dtb-tight, 6px)",
        "textTransform": "none",
        "minHeight": "26px",
        "whiteSpace": "nowrap",
    }
}
_HEARD_ONLY = {
    "position": "absolute",
    "width": "1px",
    "height": "1px",
    "overflow": "hidden",
    "clip-path": "inset(50%)",
}
GOOD_NEWS_MS = 6000
_MESSAGE_CSS = """
:host {
  position: fixed; top: 92px; left: 50%; transform: translateX(-50%); z-index: 1200;
  width: max-content; max-width: min(720px, calc(100vw - 48px)); height: auto;
  align-items: center; background: var(--dtb-panel); border-radius: 8px;
}
"""
_POINTED = {
    "position": "absolute",
    "top": "10px",
    "right": "12px",
    "z-index": "2",
    "max-width": "calc(100% - 72px)",
    "pointer-events": "none",
}
_SELECT_SX = {
    "fontSize": "var(--dtb-small, 12px)",
    "height": "28px",
    ".MuiSelect-select": {"paddingLeft": "8px", "paddingRight": "24px !important"},
}


_EARLIER = {"filter": "grayscale(1)", "opacity": "0.55"}
_NOW = {"filter": "none", "opacity": "1"}  # said, as a style that is left out stays in the browser


class Board:
    """The panels of one page.

    Parameters
    ----------
    views : LiveViews
    on_change : callable
        Called after the map's mode, tool, click or links have been changed.

    Attributes
    ----------
    cards : dict of str to Card
        "brain", "raster", "noc" and "fit".
    """

    def __init__(self, views: LiveViews, on_change: Callable[[], None]):
        self._views, self._on_change = views, on_change
        tools = self._make_tools()
        self._brain_pane = _figure(views.brain.figure)
        self._matrix_pane: pn.pane.Bokeh | None = None  # made when it is first looked at
        self._map_place = pn.Column(self._brain_pane, sizing_mode="stretch_both", margin=0, min_height=150)
        pointed = pn.Column(views.brain.pointed, margin=0, sizing_mode="stretch_width", styles=_POINTED)
        self._brain = _card("Brain", self._map_place, "dtb-brain", 1.15, [pointed, tools], lines=3)
        self._rates_pane = _strip(views.rates.figure)
        self._trace_pane: pn.pane.Bokeh | None = None  # made when a signal is first asked for
        self._raster_place = pn.Column(
            _figure(views.raster.figure),
            self._rates_pane,
            sizing_mode="stretch_both",
            margin=0,
            min_height=170,
        )
        self._raster = _card("Spikes", self._raster_place, "dtb-raster", 1.0)
        self._noc_place = pn.Column(
            _figure(views.noc.figure), sizing_mode="stretch_both", margin=0, min_height=120
        )
        self._noc = _card("Network on chip", self._noc_place, "dtb-noc", 1.45, lines=6)
        self._scores = Text("", css_classes=["dtb-scores"], height=0, styles=_HEARD_ONLY)
        fit = pn.Column(
            _figure(views.fit.figure), self._scores.pane, sizing_mode="stretch_both", margin=0, min_height=120
        )
        self._fit = _card("Fit to data", fit, "dtb-fit", 1.0, lines=3)
        self.cards = {"brain": self._brain, "raster": self._raster, "noc": self._noc, "fit": self._fit}
        self._alert = Text("", sizing_mode=None)
        self._dismiss = pmui.Button(
            label="Dismiss", variant="text", width=80, margin=0, css_classes=["dtb-dismiss"]
        )
        self._dismiss.on_click(lambda _: self.say(""))
        self._message = pn.Row(
            self._alert.pane,
            self._dismiss,
            visible=False,
            margin=0,
            stylesheets=[_MESSAGE_CSS],
            css_classes=["dtb-message"],
        )
        self._n_said = 0
        self._is_earlier = False
        self._pictures = dict(
            zip(self.cards, (self._map_place, self._raster_place, self._noc_place, fit), strict=True)
        )
        self._help = pmui.Dialog(
            title="A short tour",
            close_on_click=True,
            show_close_button=True,
            width_option="md",
            css_classes=["dtb-help-dialog"],
        )

    def _make_tools(self) -> pn.Row:
        group = {"margin": (4, 4, 0, 0), "size": "small", "sx": _GROUP_SX}
        self._mode = pmui.Select(
            label="What the brain shows",
            options={"Rate": "rate", **_signal_names(), "Backend": "backend", "Matrix": "matrix"},
            value="rate",
            width=118,
            size="small",
            margin=(4, 4, 0, 0),
            css_classes=["dtb-map-mode"],
            stylesheets=[NAME_ONLY_CSS],
            sx=_SELECT_SX,
        )
        self._tool = pmui.RadioButtonGroup(
            options=list(TOOLS), value="Pick", css_classes=["dtb-map-tool"], **group
        )
        self._click = pmui.Select(
            label="What a click, box or lasso on the brain does",
            options=list(CLICKS),
            value="Selects",
            width=82,
            size="small",
            margin=(4, 0, 0, 0),
            css_classes=["dtb-paint"],
            stylesheets=[NAME_ONLY_CSS],
            sx=_SELECT_SX,
        )
        self._links = pmui.Checkbox(
            label="Links",
            value=True,
            margin=(4, 0, 0, 2),
            size="small",
            sx={"padding": "2px"},
            css_classes=["dtb-links"],
        )
        self._mode.param.watch(later(self._on_mode), "value")
        self._tool.param.watch(later(self._on_tools), "value")
        self._click.param.watch(later(self._on_tools), "value")
        self._links.param.watch(later(self._on_tools), "value")
        return pn.Row(
            self._mode,
            self._tool,
            self._click,
            self._links,
            margin=0,
            height=34,
            sizing_mode="stretch_width",
            scroll="x-auto",
            stylesheets=[":host { align-items: center; overflow-y: hidden; }"],
        )

    def _on_mode(self, event: Any) -> None:
        is_matrix, views = event.new == "matrix", self._views
        is_signal = event.new in SIGNALS
        views.show_signal(event.new if is_signal else "")
        if not is_matrix and not is_signal:
            views.brain.colour_by = event.new
        self.show_words()
        if is_matrix != (event.old == "matrix"):
            pane = self._matrix() if is_matrix else self._brain_pane
            self._brain.name(pane.object)
            self._map_place[:] = [pane]
        strip = self._trace() if is_signal else self._rates_pane
        if self._raster_place[1] is not strip:
            self._raster.name(strip.object)
            self._raster_place[1] = strip

    def _trace(self) -> pn.pane.Bokeh:
        if self._trace_pane is None and self._views.trace is not None:
            self._trace_pane = _strip(self._views.trace.figure)
        return self._trace_pane or self._rates_pane

    def _matrix(self) -> pn.pane.Bokeh:
        if self._matrix_pane is None:
            self._matrix_pane = _figure(self._views.matrix.figure)
        return self._matrix_pane

    def _on_tools(self, event: Any) -> None:
        self._views.brain.tool = TOOLS[self._tool.value]
        self._views.brain.paint = CLICKS[self._click.value]
        self._views.links_shown = bool(self._links.value)
        self._on_change()

    def explorer(self, left: Any, strip: Any) -> pn.Row:
        """Three columns: what was chosen, the brain and its spikes, what they cost."""

        def column(name: str, *parts: Any) -> pn.Column:
            return pn.Column(
                *parts, css_classes=[name], margin=0, stylesheets=[COLUMN_CSS], sizing_mode="stretch_both"
            )

        return pn.Row(
            column("dtb-left", left),
            column("dtb-middle", self._brain.panel, self._raster.panel, strip),
            column("dtb-right", self._noc.panel, self._fit.panel),
            css_classes=["dtb-board"],
            stylesheets=[COLUMN_CSS],
            margin=0,
            sizing_mode="stretch_both",
        )

    def page(
        self, header: Any, bar: Any, explorer: Any, deeper: Any, invisible: list[Any], css: str
    ) -> pmui.Page:
        """The whole page: transport, tabs, the explorer and the place of the deeper pages."""
        return quiet_page(
            title="Digital Twin Brain",
            header=[header],
            main=[bar, self._message, explorer, deeper, self._help, *invisible],
            sidebar_open=False,
            sidebar_variant="temporary",
            busy_indicator=None,
            theme_config=THEME_CONFIG,
            sx=PAGE_SX,
            raw_css=[css],
            css_classes=["dtb-page"],
        )

    def say(self, text: str, good: bool = False) -> None:
        """Show one sentence to the visitor, or none, over the page and moving nothing.

        Good news goes by itself after a while; a refusal stays until it is dismissed or until
        something else is said.
        """
        kind = "alert good" if good else "alert"
        self._alert.set(parts.note(text, kind, role="alert") if text else "")
        self._message.visible = bool(text)
        self._n_said += 1
        document = pn.state.curdoc
        if text and good and document is not None and document.session_context is not None:
            document.add_timeout_callback(partial(self._take_away, self._n_said), GOOD_NEWS_MS)

    def _take_away(self, number: int) -> None:
        """Take a message away unless another one has come since."""
        if number == self._n_said:
            self.say("")

    @property
    def said(self) -> str:
        """The message over the page, or ""."""
        return self._alert.words if self._message.visible else ""

    @property
    def grey(self) -> list[str]:
        """Cards whose pictures are grey, as of an earlier scenario."""
        return [name for name, p in self._pictures.items() if p.styles.get("filter") == _EARLIER["filter"]]

    @property
    def shows_matrix(self) -> bool:
        """Whether the connectome is shown as a matrix."""
        return bool(self._mode.value == "matrix")

    def show_help(self) -> None:
        """Open the tour."""
        if not self._help.objects:
            self._help.objects = [pn.pane.Markdown(TOUR, sizing_mode="stretch_width", margin=8)]
        self._help.open = True

    def show_earlier(self, is_earlier: bool) -> None:
        """Draw all pictures in grey, as of an earlier scenario, or as they are."""
        if is_earlier == self._is_earlier:
            return
        self._is_earlier = is_earlier
        for picture in self._pictures.values():
            picture.styles = _EARLIER if is_earlier else _NOW
        self.show_words()

    def show_words(self) -> None:
        """Captions and sentences of the views as they are now."""
        views = self._views
        brain = views.matrix if self.shows_matrix else views.brain
        for card, view in (
            (self._brain, brain),
            (self._raster, views.raster),
            (self._noc, views.noc),
            (self._fit, views.fit),
        ):
            card.caption(view.caption)
            card.sentence(("Before your changes: " if self._is_earlier else "") + view.sentence)
        self._scores.set(views.fit.table_html)


def _figure(model: Any) -> pn.pane.Bokeh:
    return pn.pane.Bokeh(model, sizing_mode="stretch_both", margin=0, min_height=120)


def _strip(model: Any) -> pn.pane.Bokeh:
    """A low figure under the raster."""
    return pn.pane.Bokeh(model, sizing_mode="stretch_width", height=64, margin=0)


def _signal_names() -> dict[str, str]:
    """What a list calls every signal, and its name."""
    return {signal.label: signal.name for signal in SIGNALS}


def _card(
    title: str, body: Any, name: str, share: float, extra: list[Any] | None = None, lines: int = 2
) -> Card:
    styles = {"flex": f"{share} 1 0", "min-height": "0"}
    return Card(title, body, extra, lines, css_classes=[name], styles=styles)
