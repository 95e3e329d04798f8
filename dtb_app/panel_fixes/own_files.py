"""Style sheets come from this server, never from another.

Panel gives a component's style sheets the address of a server on the net, and replaces it once a page
is handed out. What is made while a busy server has not got so far, or outside any document, keeps that
address: a lecture room without the internet would wait for it in vain.
"""

from __future__ import annotations

from typing import Any

from panel import reactive
from panel.io import resources

__all__ = ["load_own_files"]


def load_own_files() -> None:
    """Let every style sheet come from this server; once a process."""
    plain = resources.patch_stylesheet
    if hasattr(plain, "of_panel"):
        return

    def patch_stylesheet(stylesheet: Any, dist_url: str) -> None:
        plain(stylesheet, resources.LOCAL_DIST if dist_url == resources.CDN_DIST else dist_url)

    patch_stylesheet.of_panel = plain  # type: ignore[attr-defined]
    resources.patch_stylesheet = reactive.patch_stylesheet = patch_stylesheet
