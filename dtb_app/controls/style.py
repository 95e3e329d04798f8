"""The page's style sheet, made from the theme's colours."""

from __future__ import annotations

from typing import Any

from layouts.theme import DARK, FONT, LIGHT, Theme, mix

__all__ = [
    "CARD_CSS",
    "COLUMN_CSS",
    "NAME_ONLY_CSS",
    "PAGE_CSS",
    "PAGE_SX",
    "TEXT_CSS",
    "THEME_CONFIG",
    "root_css",
    "tokens",
]


def tokens(theme: Theme) -> dict[str, str]:
    """CSS custom properties of a theme."""
    dark = theme.name == "dark"
    return {
        "--dtb-background": theme.background,
        "--dtb-panel": theme.panel,
        "--dtb-line": theme.line,
        "--dtb-control": mix(theme.line, theme.muted, 0.35),
        "--dtb-ink": theme.ink,
        "--dtb-muted": theme.muted,
        "--dtb-digital": theme.digital,
        "--dtb-digital-text": theme.digital if dark else mix(theme.digital, theme.ink, 0.15),
        "--dtb-analog": theme.analog,
        "--dtb-analog-text": theme.analog if dark else mix(theme.analog, theme.ink, 0.45),
        "--dtb-off": theme.off,
        "--dtb-overload": theme.overload,
        "--dtb-good": theme.good,
        "--dtb-on-colour": "#10161c" if dark else "#ffffff",
    }


def root_css(theme: Theme) -> str:
    """A rule that gives the page the colours of a theme."""
    values = "; ".join(f"{name}: {value}" for name, value in tokens(theme).items())
    return f":root {{ {values}; }}"


# What parts of the page take where it is narrow, and where a projector shows it larger.
_NARROW = (
    "--dtb-left: 244px; --dtb-right: 312px; --dtb-scale-left: 232px; --dtb-title: none;"
    " --dtb-tight: 4px; --dtb-gap: 8px; --dtb-small: 11.5px; --dtb-caption: 11px"
)

# Panel's own rule for the background comes later, and has no colour until its scripts have run.
PAGE_CSS = f"""
@media (max-width: 1180px) {{ :root {{ {_NARROW} }} }}
:root[data-dtb-projector] {{ {_NARROW}; --dtb-least: 660px }}
:root, :root body {{ background: var(--dtb-background) !important; font-family: {FONT}; }}
@media (prefers-reduced-motion: reduce) {{ * {{ transition: none !important; }} }}
:root[data-line=lost] {{ --dtb-told: 0; }}
.dtb-line {{
  position: fixed; z-index: 9999; top: 8px; left: 50%; transform: translateX(-50%); max-width: 92vw;
  padding: 8px 14px; border-radius: 8px; font: 13px {FONT};
  color: var(--dtb-ink); background: var(--dtb-panel); border: 2px solid var(--dtb-overload);
}}
.dtb-line button {{
  margin-left: 12px; padding: 3px 10px; border-radius: 6px; font: inherit; cursor: pointer;
  color: var(--dtb-ink); background: transparent; border: 1px solid var(--dtb-control);
}}
"""

# Lengths of the window, in the pixels of a page that a projector shows larger.
_WIDTH, _HEIGHT = "calc(100vw / var(--dtb-larger, 1))", "calc(100vh / var(--dtb-larger, 1))"

PAGE_SX = {
    "width": _WIDTH,
    "height": _HEIGHT,
    ".MuiAppBar-root": {
        "backgroundColor": "var(--dtb-panel) !important",
        "backgroundImage": "none",
        "color": "var(--dtb-ink)",
        "boxShadow": "none",
        "borderBottom": "1px solid var(--dtb-line)",
    },
    ".MuiToolbar-root": {
        "minHeight": "52px !important",
        "height": "52px",
        "paddingLeft": "12px !important",
        "paddingRight": "8px !important",
    },
    ".MuiToolbar-root > .MuiBox-root:nth-of-type(2)": {"minWidth": 0, "overflowX": "clip"},
    ".MuiAppBar-root a .title": {
        "fontSize": "15px",
        "fontWeight": 600,
        "color": "var(--dtb-ink) !important",
        "whiteSpace": "nowrap",
    },
    ".MuiAppBar-root a": {"display": "var(--dtb-title, flex) !important"},
    "@media (max-width: 660px)": {  # the buttons scroll
        ".MuiToolbar-root > .MuiBox-root:nth-of-type(2)": {"overflowX": "auto", "scrollbarWidth": "none"}
    },
    "main": {"backgroundColor": "var(--dtb-background) !important"},
    "main > .MuiToolbar-root": {"minHeight": "52px !important", "height": "52px"},
}


def _palette(theme: Theme) -> dict[str, Any]:
    return {
        "primary": {"main": theme.digital, "contrastText": tokens(theme)["--dtb-on-colour"]},
        "secondary": {"main": theme.analog},
        "error": {"main": theme.overload},
        "success": {"main": theme.good},
        "background": {"default": theme.background, "paper": theme.panel},
        "text": {"primary": theme.ink, "secondary": theme.muted},
        "divider": theme.line,
    }


# Below what it explains, and not in the way of a click: the row goes on to the right.
# It describes a button and leaves it the name that it shows.
_HINT = {
    "describeChild": True,
    "disableInteractive": True,
    "enterDelay": 700,
    "enterNextDelay": 700,
    "slotProps": {"popper": {"placement": "bottom"}},
}
_HINT_TYPE = {"tooltip": {"fontSize": "12px"}}
_RING = {"outline": "2px solid var(--dtb-ink)", "outlineOffset": "1px"}
_FOCUS = {
    "MuiButtonBase": {"styleOverrides": {"root": {"&.Mui-focusVisible": {**_RING, "zIndex": 1}}}},
    "MuiOutlinedInput": {"styleOverrides": {"root": {"&.Mui-focused": _RING}}},
    "MuiSlider": {"styleOverrides": {"thumb": {"&.Mui-focusVisible": _RING}}},
    "MuiDialog": {"styleOverrides": {"paper": {"&:focus-visible": _RING}}},
}


def _config(theme: Theme) -> dict[str, Any]:
    return {
        "palette": _palette(theme),
        "typography": {"fontFamily": FONT, "fontSize": 13, "button": {"textTransform": "none"}},
        "shape": {"borderRadius": 6},
        "components": {"MuiTooltip": {"defaultProps": _HINT, "styleOverrides": _HINT_TYPE}, **_FOCUS},
    }


THEME_CONFIG = {"light": _config(LIGHT), "dark": _config(DARK)}

# For a select without room for a label: its label is read out, not shown.
NAME_ONLY_CSS = """
.MuiInputLabel-root { clip-path: inset(50%) !important; width: 1px !important; height: 1px !important; overflow: hidden !important; }
fieldset legend { display: none !important; }
fieldset { top: 0 !important; }
"""

CARD_CSS = f"""
:host {{
  background: var(--dtb-panel); border: 1px solid var(--dtb-line); border-radius: 8px;
  padding: 10px 12px; box-sizing: border-box; color: var(--dtb-ink); min-width: 0;
  font: 13px/1.4 {FONT}; font-variant-numeric: tabular-nums; overflow: hidden;
}}
"""

COLUMN_CSS = """
:host(.dtb-left) { width: var(--dtb-left, 276px); flex: 0 0 var(--dtb-left, 276px); }
:host(.dtb-middle) { flex: 1 1 0; min-width: 0; }
:host(.dtb-right) { width: var(--dtb-right, 372px); flex: 0 0 var(--dtb-right, 372px); }
:host(.dtb-left), :host(.dtb-middle), :host(.dtb-right) { gap: 12px; height: 100%; }
:host(.dtb-board) {
  gap: 12px; padding: 8px 12px 0; box-sizing: border-box;
  height: calc(100vh / var(--dtb-larger, 1) - 90px); width: 100%; background: var(--dtb-background);
  overflow-y: auto;
}
:host(.dtb-left), :host(.dtb-middle), :host(.dtb-right) { min-height: var(--dtb-least, 0); }
/* Narrow: the brain and its spikes over the whole width, below them the choices and the costs side by
   side, or all in one column; the board scrolls, and so every part keeps a height that it can be read at. */
@media (max-width: 940px) {
  :host(.dtb-board) {
    flex-wrap: wrap; align-content: flex-start; overflow-y: auto; padding-bottom: 12px;
    min-height: 0 !important;  /* else that of its cards */
  }
  :host(.dtb-middle) { order: -1; width: 100%; flex: 1 0 100%; min-height: 880px; }
  :host(.dtb-left) { width: 300px; flex: 1 1 300px; min-height: 820px; }
  :host(.dtb-right) { width: 300px; flex: 1 1 300px; min-height: 820px; }
}
@media (max-width: 660px) {
  :host(.dtb-middle) { min-height: 800px; }
  :host(.dtb-left), :host(.dtb-right) { width: 100%; flex: 1 0 100%; }
}
:host(.dtb-deep) {
  padding: 8px 12px 12px; box-sizing: border-box; height: calc(100vh / var(--dtb-larger, 1) - 90px); width: 100%;
  overflow-y: auto; background: var(--dtb-background);
}
"""

TEXT_CSS = f"""
*:focus-visible {{ outline: 2px solid var(--dtb-ink); outline-offset: 1px; }}
:host {{ font: 13px/1.4 {FONT}; color: var(--dtb-ink); font-variant-numeric: tabular-nums; margin: 0; }}
.head {{ display: flex; align-items: baseline; justify-content: space-between; gap: var(--dtb-gap, 12px); }}
.head h2 {{ font-size: 13px; font-weight: 600; margin: 0; white-space: nowrap; }}
.head .caption {{ color: var(--dtb-muted); font-size: var(--dtb-caption, 12px); text-align: right; }}
@media (max-width: 660px) {{
  .head {{ flex-wrap: wrap; justify-content: flex-start; row-gap: 0; }}
  .head h2 {{ white-space: normal; }}
  .head .caption {{ flex: 1 0 100%; text-align: left; }}
  .head .caption:empty {{ display: none; }}
}}
button.source {{ flex: none; padding: 0; background: none; font-family: inherit; cursor: help; width: 15px; height: 15px; border: 1px solid var(--dtb-muted); border-radius: 50%; font-size: 10px; font-weight: 600; line-height: 13px; text-align: center; color: var(--dtb-muted); position: relative; }}
button.source::after {{ content: ""; position: absolute; inset: -6px; }}
.head button.source {{ align-self: center; margin: 0 auto 0 -5px; }}
th button.source, h3 button.source {{ margin-left: 6px; vertical-align: 1px; }}
div.source {{ max-width: min(460px, 90vw); max-height: calc(70vh / var(--dtb-larger, 1)); overflow-y: auto; box-sizing: border-box; padding: 10px 14px; text-align: left; white-space: normal; font-size: 12px; font-weight: 400; color: var(--dtb-ink); background: var(--dtb-panel); border: 1px solid var(--dtb-muted); border-radius: 8px; }}
div.source p {{ margin: 0; white-space: pre-line; }}
div.source dl {{ display: block; }}
div.source dt {{ font-weight: 600; color: var(--dtb-ink); margin-top: 8px; }}
div.source dd {{ font-weight: 400; text-align: left; }}
tr[title], p[title] {{ cursor: help; }}
.sentence {{ color: var(--dtb-muted); font-size: 12px; line-height: 16px; overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; }}
@media (max-width: 940px) {{
  :host(.dtb-said) {{ --px: calc(16px * var(--lines) + 18px); height: var(--px) !important; flex-basis: var(--px) !important; }}
  :host(.dtb-said) .sentence {{ -webkit-line-clamp: calc(var(--lines) + 1) !important; }}
}}
@media (max-width: 660px) {{
  :host(.dtb-said) {{ --px: calc(32px * var(--lines) + 2px); }}
  :host(.dtb-said) .sentence {{ -webkit-line-clamp: calc(var(--lines) * 2) !important; }}
}}
.sentence b {{ color: var(--dtb-ink); font-weight: 600; }}
dl {{ display: grid; grid-template-columns: 1fr auto; gap: 3px 8px; margin: 0; font-size: 12px; }}
dt {{ color: var(--dtb-muted); }}
dd {{ margin: 0; font-weight: 600; text-align: right; }}
dd.over {{ color: var(--dtb-overload); }}
.refused {{ color: var(--dtb-overload); font-size: 12px; margin-top: 6px; }}
.refused.lines {{ line-height: 15px; margin-top: 4px; overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; }}
.status {{ display: flex; align-items: center; gap: 10px; font-size: 12.5px; color: var(--dtb-muted); white-space: nowrap; }}
.status {{ overflow: hidden; padding-left: 10px; }} .status .dtb-state:empty {{ display: none; }}
.status.own-line {{ align-items: baseline; padding: 6px 0 0; }}
.status .words {{ overflow: hidden; min-width: 0; white-space: normal; font-size: 12px; line-height: 1.3; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }}
.status strong {{ color: var(--dtb-ink); font-weight: 600; }}
.bar {{ flex: 0 1 90px; min-width: 40px; height: 6px; border-radius: 3px; background: var(--dtb-line); overflow: hidden; }}
.bar i {{ display: block; height: 100%; background: var(--dtb-digital); }}
.status.analog .bar i {{ background: var(--dtb-analog); }} .status.analog .words {{ color: var(--dtb-ink); }}
.alert {{ display: flex; gap: 12px; align-items: center; color: var(--dtb-ink); background: var(--dtb-panel); border: 1px solid var(--dtb-overload); border-left-width: 4px; border-radius: 8px; padding: 8px 12px; }}
.alert.good {{ border-color: var(--dtb-good); }}
"""
