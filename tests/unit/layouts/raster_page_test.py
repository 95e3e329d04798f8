"""The page of a sweeping raster: every spike is counted once, wherever frames and pages end."""

from __future__ import annotations

import numpy as np
import pytest

from layouts.explorer.raster_figure import N_COLUMNS
from layouts.explorer.raster_page import MOST_IN_PIXEL, RasterPage

N_ROWS = 7


def spikes(n, last_ms, seed=1):
    rng = np.random.default_rng(seed)
    return rng.integers(0, N_ROWS, n), np.sort(rng.integers(0, last_ms, n))


@pytest.mark.parametrize("frame_ms", [1, 3, 20, 250, 1000])
def test_frames_of_any_length_make_the_same_page(frame_ms):
    rows, ms = spikes(3000, 1000)
    page = RasterPage(N_ROWS)
    for first in range(0, 1000, frame_ms):
        last = min(first + frame_ms, 1000)
        column, new = page.add(rows, ms, first, last)
        assert column == first // page.column_ms
        np.testing.assert_array_equal(page.pixel[:, column : column + new.shape[1]], new)
    expected = np.zeros((N_ROWS, N_COLUMNS), int)
    np.add.at(expected, (rows, ms // page.column_ms), 1)
    np.testing.assert_array_equal(page.pixel, expected)


def test_widening_keeps_every_spike_in_its_place():
    rows, ms = spikes(2000, 1000)
    page = RasterPage(N_ROWS)
    page.begin(1400)
    page.add(rows, ms + 1000, 1000, 2000)
    page.widen()
    assert (page.window_ms, page.first_ms, page.last_ms) == (2000, 0, 2000)
    expected = np.zeros((N_ROWS, N_COLUMNS), int)
    np.add.at(expected, (rows, (ms + 1000) // page.column_ms), 1)
    np.testing.assert_array_equal(page.pixel, expected)


def test_turning_says_so_once_and_beginning_empties():
    page = RasterPage(N_ROWS)
    page.add(np.array([3]), np.array([10]), 0, 20)
    assert not page.turn(999)
    assert page.turn(1000)
    assert not page.turn(1001)
    assert page.pixel.sum() == 1, "a page that is turned goes on showing the one before"
    page.begin(2500)
    assert (page.number, page.pixel.sum()) == (2, 0)


def test_a_pixel_holds_no_more_than_it_can():
    page = RasterPage(1)
    page.add(np.zeros(400, int), np.zeros(400, int), 0, 1)
    page.add(np.zeros(400, int), np.ones(400, int), 1, 2)
    assert page.pixel[0, 0] == MOST_IN_PIXEL
    page.widen()
    assert page.pixel.max() == MOST_IN_PIXEL
