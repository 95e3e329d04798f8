"""My runs, named by what differs; two or more side by side."""

from __future__ import annotations

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui

from dtb_app.cards import Text
from dtb_app.session import Run
from dtb_app.style import CARD_CSS, TEXT_CSS
from layouts.run_table import compare, compare_html
from layouts.theme import Theme

__all__ = ["RunStrip"]

_SX = {"fontSize": "12px", "height": "30px", "minWidth": "0", "boxShadow": "none",
       "whiteSpace": "nowrap", "padding": "0 10px"}  # fmt: skip


class RunStrip:
    """Chips of the runs.

    Parameters
    ----------
    on_show : callable
        Gets the run whose chip was pressed.
    on_save : callable
        Gets what to save: "scenario", "run", "rates", "report", "pynn".
    on_open : callable
        A file is to be opened.
    """

    def __init__(
        self,
        on_show: Callable[[Run], None],
        on_save: Callable[[str], None],
        on_open: Callable[[], None],
    ):
        self._on_show = on_show
        self._chips = pn.Row(
            margin=0, sizing_mode="stretch_width", scroll="x-auto",
            stylesheets=[":host { gap: 6px; align-items: center; min-width: 0; flex: 1 1 0; "
                         "overflow-y: hidden; scrollbar-width: thin; }"],
        )  # fmt: skip
        self._compare = pmui.Button(
            label="Compare", icon="compare_arrows", variant="outlined", sx=_SX, margin=0,
            css_classes=["dtb-compare"], disabled=True,
            description="All runs side by side, differences first",
        )  # fmt: skip
        self._compare.on_click(lambda _: self._open_table())
        self._table = pn.pane.HTML(
            "", stylesheets=[TEXT_CSS], sizing_mode="stretch_width", margin=8
        )
        self.dialog = pmui.Dialog(
            self._table, title="Runs side by side", close_on_click=True, show_close_button=True,
            width_option="lg", css_classes=["dtb-compare-dialog"],
        )  # fmt: skip
        save = pmui.MenuButton(
            label="File", icon="folder_open", variant="outlined", sx=_SX, margin=0,
            css_classes=["dtb-file-menu"],
            items=[
                {"label": "Open scenario or connectome…", "icon": "upload_file"},
                {"label": "Save scenario (TOML)", "icon": "download"},
                {"label": "Save run (JSON)", "icon": "download"},
                {"label": "Save rates (CSV)", "icon": "download"},
                {"label": "Save report (HTML)", "icon": "download"},
                {"label": "Save script for BrainScaleS-2 (PyNN)", "icon": "download"},
            ],
        )  # fmt: skip

        def chosen(item) -> None:
            label = item["label"] if item else ""
            if label.startswith("Open"):
                on_open()
            for word in ("scenario", "run", "rates", "report", "script"):
                if label.startswith(f"Save {word}"):
                    on_save("pynn" if word == "script" else word)

        save.on_click(chosen)
        self._theme: Theme | None = None
        self._runs: list[Run] = []
        self.panel = pn.Row(
            Text("<b>Runs</b>", width=38, height=20, sizing_mode="fixed", align="center").pane,
            self._chips, self._compare, save,
            sizing_mode="stretch_width", height=52, margin=0, stylesheets=[
                CARD_CSS, ":host { gap: 8px; align-items: center; padding: 8px 12px; }"],
        )  # fmt: skip

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme

    def set(self, runs: list[Run], shown: Run | None) -> None:
        """Show these runs; the one on the page is marked."""
        self._runs = list(runs)
        chips = []
        for run in runs[::-1]:
            chip = pmui.Button(
                label=f"{run.letter}  {run.name}", sx=_SX, margin=0, css_classes=["dtb-run-chip"],
                variant="contained" if run is shown else "outlined", width=None,
                description=f"Show run {run.letter}: {run.recording.scenario.title}",
            )  # fmt: skip
            chip.on_click(lambda _, run=run: self._on_show(run))
            chips.append(chip)
        self._chips.objects = chips
        self._compare.disabled = len(runs) < 2

    def _open_table(self) -> None:
        assert self._theme is not None
        rows = compare([run.recording for run in self._runs])
        names = [f"{run.letter}  {run.name}" for run in self._runs]
        self._table.object = compare_html(rows, self._theme, names)
        self.dialog.open = True
