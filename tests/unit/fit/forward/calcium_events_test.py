"""Events in calcium traces: counted once each, whatever the noise on top and however they are cut."""

from __future__ import annotations

import numpy as np
import pytest

from engine import DataError, ParameterError
from engine.fit.forward.calcium_events import EventCounter

BY_HAND = {
    "silent": ([0.0, 0.5, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0], 0),
    "below the upper bound": ([0.0, 3.9, 0.0, 3.9, 0.0, 3.9, 0.0, 0.0], 0),
    "one, with a dip that does not end it": ([0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 0.5, 0.0], 1),
    "two, with an end between": ([4.0, 0.9, 4.0, 4.0, 0.0, 3.0, 0.0, 0.0], 2),
    "up from the first frame to the last": ([5.0] * 8, 1),
    "ends and begins again at once": ([5.0, 0.0, 5.0, 0.0, 5.0, 0.0, 5.0, 0.0], 4),
}


@pytest.mark.parametrize("sizes", [[8], [1] * 8, [3, 0, 5]])
def test_events_are_counted_as_by_hand_however_they_are_cut(sizes):
    dff = np.array([trace for trace, _ in BY_HAND.values()]).T
    counter = EventCounter(len(BY_HAND), 4.0, 1.0)
    for part in np.split(dff, np.cumsum(sizes)[:-1]):
        counter.add(part)
    assert counter.counts.tolist() == [n for _, n in BY_HAND.values()]


def test_what_does_not_fit_is_refused():
    with pytest.raises(ParameterError, match=r"EventCounter\.risen: must be above fallen"):
        EventCounter(1, 1.0, 1.0)
    counter = EventCounter(2, 4.0, 1.0)
    with pytest.raises(DataError, match=r"EventCounter\.dff: must be \(n_frames, 2\)"):
        counter.add(np.ones((3, 1)))
    assert counter.counts.tolist() == [0, 0]
