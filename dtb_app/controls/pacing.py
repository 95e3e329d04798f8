"""Back-pressure: a browser says which frame it has drawn, so that a slow one slows the frames.

The server writes a frame's number into one source; the browser waits for two animation frames, by
which time the frame is on the screen, and writes the number into a second source. While two
numbers are out, no frame is sent. The engine is never asked to wait.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from bokeh.models import ColumnDataSource, CustomJS, Div

__all__ = ["FrameGate"]

MAX_IN_FLIGHT = 2
_SILENCE_S = 5.0  # a hidden tab draws nothing and so acknowledges nothing
_RESCUE_S = 1.0
_RATE_WINDOW_S = 2.0

_ACKNOWLEDGE = """
const n = sent.data.n[0];
requestAnimationFrame(() => requestAnimationFrame(() => {
  if (n > drawn.data.n[0]) drawn.data = {n: [n]};
}));
"""


class FrameGate:
    """Lets a frame through while the browser keeps up.

    A browser that says nothing for five seconds, as a hidden tab does, gets one frame a second.

    Parameters
    ----------
    clock : callable
        Seconds; for tests.

    Attributes
    ----------
    model : bokeh model
        Invisible; must stand in the document.
    skipped : int
        Frames that were held back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._sent = ColumnDataSource({"n": [0]})
        self._drawn = ColumnDataSource({"n": [0]})
        self._sent.js_on_change(
            "data", CustomJS(args={"sent": self._sent, "drawn": self._drawn}, code=_ACKNOWLEDGE)
        )
        self._drawn.on_change("data", self._on_drawn)
        self.model = Div(text="", width=0, height=0, visible=False, tags=[self._sent, self._drawn])
        self._n_sent = self._n_drawn = 0
        self._heard = self._last_sent = clock()
        self._times: deque[float] = deque(maxlen=64)
        self.skipped = 0

    def _on_drawn(self, name: str, old: Any, new: Any) -> None:
        self.acknowledge(int(new["n"][0]))

    def acknowledge(self, n: int) -> None:
        """The browser has drawn frame `n`."""
        if self._n_drawn < n <= self._n_sent:
            self._n_drawn = n
            self._heard = self._clock()

    @property
    def in_flight(self) -> int:
        """Frames sent and not yet drawn."""
        return self._n_sent - self._n_drawn

    @property
    def frames_per_s(self) -> float:
        """Frames sent in the last two seconds, for each second."""
        since = self._clock() - _RATE_WINDOW_S
        return sum(t >= since for t in self._times) / _RATE_WINDOW_S

    def may_send(self) -> bool:
        """Whether a frame may go out now; counts it as skipped where not."""
        now = self._clock()
        if self.in_flight < MAX_IN_FLIGHT:
            return True
        # Frames sent while a page is still loading are in it from the start: nobody answers them.
        patience = _SILENCE_S if self._n_drawn else _RESCUE_S
        if now - self._heard > patience and now - self._last_sent >= _RESCUE_S:
            return True
        self.skipped += 1
        return False

    def sent(self) -> None:
        """A frame has gone out; must be called after its views were changed."""
        self._n_sent += 1
        self._last_sent = self._clock()
        self._times.append(self._last_sent)
        self._sent.data = {"n": [self._n_sent]}
