"""What is compiled and loaded before the first visitor comes is not compiled or loaded for one."""

from __future__ import annotations

import subprocess
import sys

import pytest

TRIED = """
import sys
from numba.core import dispatcher
from dtb_app.server import extend

extend()
from dtb_app.explorer.rehearsal import rehearse
from dtb_app.explorer.views import LiveViews
from dtb_app.pages import PAGES
from engine import Simulation, preset
from layouts.theme import LIGHT

rehearse()
assert "pandas" in sys.modules
missing = [entry.name for entry in PAGES if entry.place.partition(":")[0] not in sys.modules]
assert not missing, missing
simulation = Simulation(preset("two-regions"))
frames = [simulation.advance(50) for _ in range(3)]
needed = []
compile = dispatcher.Dispatcher.compile

def counted(self, signature):
    needed.append(self.py_func.__qualname__)
    return compile(self, signature)

dispatcher.Dispatcher.compile = counted
views = LiveViews(LIGHT, None)
views.lay_out(simulation, None)
for frame in frames:
    views.tick(frame)
    views.gather()
    views.scores()
views.show_signal("bold")
views.show_signal("lfp")
assert not needed, needed
"""


@pytest.mark.slow
def test_nothing_is_compiled_and_no_page_loaded_for_a_visitor():
    done = subprocess.run([sys.executable, "-c", TRIED], capture_output=True, text=True, timeout=500)
    assert not done.returncode, done.stderr[-2000:]
