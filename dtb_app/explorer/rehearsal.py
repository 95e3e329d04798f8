"""What the event loop does for a run, done once before the first visitor comes.

A kernel is compiled, and a library loaded, by whoever needs it first: on the event loop, while all
others wait for seconds. So a small run is shown here in every way, and every deeper page is loaded.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from dtb_app.explorer.views import LiveViews
from dtb_app.pages import PAGES
from dtb_app.pages.fit.compare.found import find, judge
from engine.fit.forward import SIGNALS
from engine.noc.cycle.patterns import SyntheticTraffic
from engine.noc.topology.grids import mesh
from engine.progress import no_progress
from engine.registry import at
from engine.run.simulation import Simulation
from engine.scenario.scenario import Scenario
from layouts.theme import LIGHT

__all__ = ["rehearse"]

_MS, _FRAMES = 20, 3
_COMPARED_MS = 2500.0  # long enough for every score


def rehearse() -> None:
    """Show a small run as it goes on and as it rests, with every signal; compare one; load deeper pages."""
    regions = {"regions.default": "off", "regions.digital": ["L.TH"], "regions.analog": ["L.HI"]}
    run = Simulation(Scenario(duration=float(_MS * _FRAMES), transient=0.0).with_values(regions))
    views = LiveViews(LIGHT, None)
    views.lay_out(run, None)
    views.pick([0], run.connectome)
    for _ in range(_FRAMES):
        views.tick(run.advance(_MS))
        views.gather()
        views.scores()
        for signal in SIGNALS:
            views.show_signal(signal.name)
    views.show(run.recording(), None)
    views.scores()
    compared = Simulation(Scenario(duration=_COMPARED_MS, transient=200.0).with_values(regions)).run()
    judge(find(compared, LIGHT, no_progress), no_progress)
    assert SyntheticTraffic(mesh(2, 2), "uniform", 0.1, 1).saturation > 0
    with suppress(ImportError):  # Bokeh asks it for its kinds of times, once a thread has begun to load it
        import_module("pandas")
    for entry in PAGES:
        at(entry.place)
