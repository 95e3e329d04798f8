"""HoloViews for what is finished: elements in, one quiet Bokeh figure in the page's look out.

What moves ten times a second is drawn with Bokeh itself. HoloViews takes about a second to load, so
it is loaded by `load` before the first visitor, or else with the first picture.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Any

from bokeh.document import Document
from bokeh.models import HoverTool

__all__ = ["DRAWING", "figure_of", "load"]

DRAWING = Lock()
"""Held while elements are made and drawn: HoloViews keeps their options in one place for all threads."""


@lru_cache(maxsize=1)
def load() -> Any:
    """Load HoloViews and what draws with Bokeh; its renderer, without a theme of its own."""
    import holoviews
    from holoviews.plotting.bokeh import BokehRenderer

    if holoviews.Store.current_backend != "bokeh":
        holoviews.Store.set_current_backend("bokeh")
    return BokehRenderer.instance(mode="default", theme=None, webgl=False)


def figure_of(picture: Any, name: str, **kept: Any) -> Any:
    """Draw an element, an overlay or a dynamic map of them.

    Parameters
    ----------
    picture : holoviews.Element, Overlay or DynamicMap
        A dynamic map goes on changing the figure.
    name : str
        Of the figure.
    **kept
        Properties of the figure that hold whatever HoloViews makes of them.

    Returns
    -------
    bokeh.plotting.figure
        Without a toolbar, a frame, a title, and any tool but hovers; its renderers stand in the
        order of the elements. Its colours and type are the caller's.
    """
    kept = {"name": name, "outline_line_color": None, **kept}
    renderer = load()
    quiet = {"toolbar": None, "title": "", "show_frame": False, "responsive": True}
    drawn = picture.opts(**quiet, hooks=[lambda plot, element: plot.state.update(**kept)])
    figure = renderer.get_plot(drawn, doc=Document()).state
    figure.toolbar.tools = [tool for tool in figure.toolbar.tools if isinstance(tool, HoverTool)]
    return figure
