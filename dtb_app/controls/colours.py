"""Which of the two themes a page opens in: the address's, else the one of the visitor's system.

A server learns the system's theme only from the page itself. The page leaves it in a cookie, so
that the next visit is drawn in it at once; on the first visit a cover in the system's colour hides
the little while in which the page is recoloured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dtb_app.controls.style import PAGE_CSS, root_css
from layouts.theme import DARK, LIGHT, Theme

__all__ = ["COOKIE", "first_theme", "page_css"]

COOKIE = "dtb-scheme"
_THEMES = {"dark": DARK, "default": LIGHT, "light": LIGHT}


def first_theme(arguments: Mapping[str, Sequence[bytes]], cookies: Mapping[str, str]) -> tuple[Theme, bool]:
    """The theme to begin with, and whether it follows the system.

    Parameters
    ----------
    arguments : mapping of str to sequence of bytes
        Of the address, as Bokeh gives them; `theme` decides.
    cookies : mapping of str to str
        What an earlier visit said of the system.
    """
    named = arguments.get("theme", ())
    asked = _THEMES.get(named[-1].decode("utf-8", "replace")) if named else None
    if asked is not None:
        return asked, False
    return (DARK if cookies.get(COOKIE) == "dark" else LIGHT), True


def page_css(theme: Theme, follows: bool) -> str:
    """The style sheet of a page that opens in a theme, and the cover where it may be wrong."""
    css = root_css(theme) + PAGE_CSS
    if not follows:
        return css
    other = LIGHT if theme is DARK else DARK
    return f"""{css}
@media (prefers-color-scheme: {other.name}) {{
  {root_css(other)}
  :root:not([data-dtb-theme])::before {{
    content: ""; position: fixed; inset: 0; z-index: 9998; pointer-events: none;
    background: {other.background}; animation: dtb-lift 1ms 10s forwards;
  }}
}}
@keyframes dtb-lift {{ to {{ visibility: hidden; }} }}
"""
