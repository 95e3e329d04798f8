"""A picture of labels becomes polygons whose neighbours share one border exactly.

The border between two labels is followed once, between the points where three labels meet,
smoothed once and thinned once; both polygons are then put together from the same pieces. So no
gap and no overlap can appear, however strongly a border is simplified. Needed by the maker of
`dk84` only, not at run time.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import ndimage
from skimage.measure import approximate_polygon

__all__ = ["clean_labels", "inner_point", "ring_area", "smooth_labels", "trace_polygons"]


def smooth_labels(image: np.ndarray, scale: int, sigma: float, weight: dict | None = None):
    """Enlarge a label image and round its corners: the label with the largest blurred share wins.

    Parameters
    ----------
    image : (n_rows, n_columns) int [label]
        0 is background; it competes like every other label.
    scale : int
        Pixels per old pixel and side.
    sigma : float [old pixels]
        Width of the Gaussian.
    weight : dict of int to float, optional
        Factor on a label's share; 1 where a label is not named.

    Returns
    -------
    (n_rows * scale, n_columns * scale) int16 [label]
    """
    big = np.kron(image, np.ones((scale, scale), dtype=image.dtype))
    best = np.full(big.shape, -1.0, dtype=np.float32)
    winner = np.zeros(big.shape, dtype=np.int16)
    for label in np.unique(image):
        share = ndimage.gaussian_filter((big == label).astype(np.float32), sigma * scale)
        share *= (weight or {}).get(int(label), 1.0)
        take = share > best
        best[take], winner[take] = share[take], label
    return winner


def clean_labels(labels: np.ndarray, min_area: int, keep: int = 0, rounds: int = 3) -> np.ndarray:
    """Give pieces too small to be seen to their surroundings, and part corners that only touch.

    Parameters
    ----------
    labels : (n_rows, n_columns) int [label]
    min_area : int [pixels]
        Smaller pieces go, except the largest piece of a label if it has at least `keep` pixels.
    keep : int [pixels]
    rounds : int
        A filled piece may enlarge another one, hence more than one round.

    Returns
    -------
    (n_rows, n_columns) int [label]
    """
    labels = labels.copy()
    for _ in range(rounds):
        drop = np.zeros(labels.shape, dtype=bool)
        for label in np.unique(labels):
            pieces, n_pieces = ndimage.label(labels == label)
            sizes = np.bincount(pieces.ravel(), minlength=n_pieces + 1)[1:]
            small = sizes < min_area
            if label and sizes.max() >= keep:
                small[sizes.argmax()] = False
            drop |= np.isin(pieces, 1 + np.flatnonzero(small))
        if not drop.any():
            break
        nearest = ndimage.distance_transform_edt(drop, return_distances=False, return_indices=True)
        labels = labels[tuple(nearest)]
    return _part_corners(labels)


def _part_corners(labels: np.ndarray) -> np.ndarray:
    """Undo 2 x 2 squares in which a label meets itself over a corner only."""
    for _ in range(50):
        a, b, c, d = labels[:-1, :-1], labels[:-1, 1:], labels[1:, :-1], labels[1:, 1:]
        falling = (a == d) & (a != b) & (a != c)
        rising = (b == c) & (b != a) & (b != d) & ~falling
        if not (falling.any() or rising.any()):
            break
        rows, columns = np.nonzero(falling)
        labels[rows, columns + 1] = labels[rows, columns]
        rows, columns = np.nonzero(rising)
        labels[rows, columns] = labels[rows, columns + 1]
    return labels


def _arcs(labels: np.ndarray):
    """Follow every border between the points where it ends or meets another one.

    Yields
    ------
    points : (n, 2) int [row, column of pixel corners]
    left, right : int
        The labels on either side when walking along `points`.
    """
    rows, columns = labels.shape
    left_of: dict = {}
    steps: dict = {}

    def add(start, end, left, right):
        left_of[start, end], left_of[end, start] = left, right
        steps.setdefault(start, []).append(end)
        steps.setdefault(end, []).append(start)

    above, below = np.zeros((rows + 1, columns), int), np.zeros((rows + 1, columns), int)
    above[1:], below[:-1] = labels, labels
    for r, c in zip(*np.nonzero(above != below), strict=True):
        add((int(r), int(c)), (int(r), int(c) + 1), int(above[r, c]), int(below[r, c]))
    west, east = np.zeros((rows, columns + 1), int), np.zeros((rows, columns + 1), int)
    west[:, 1:], east[:, :-1] = labels, labels
    for r, c in zip(*np.nonzero(west != east), strict=True):
        add((int(r), int(c)), (int(r) + 1, int(c)), int(east[r, c]), int(west[r, c]))

    nodes = [corner for corner, ends in steps.items() if len(ends) != 2]
    seen: set = set()

    def walk(start, step):
        path = [start, step]
        while len(steps[path[-1]]) == 2 and path[-1] != start:
            one, two = steps[path[-1]]
            path.append(two if one == path[-2] else one)
        seen.update(pairwise(path))
        seen.update(pairwise(path[::-1]))
        return np.array(path), left_of[start, step], left_of[step, start]

    for start in nodes + list(steps):
        for step in steps[start]:
            if (start, step) not in seen:
                yield walk(start, step)


def _soften(points: np.ndarray, sigma: float) -> np.ndarray:
    """Run a Gaussian along a border; the ends of an open one stay where they are."""
    points = points.astype(float)
    if (points[0] == points[-1]).all():
        loop = ndimage.gaussian_filter1d(points[:-1], min(sigma, len(points) / 8), 0, mode="wrap")
        return np.vstack([loop, loop[:1]])
    n = len(points) - 1
    before, after = 2 * points[0] - points[n:0:-1], 2 * points[-1] - points[n - 1 :: -1]
    soft = ndimage.gaussian_filter1d(np.vstack([before, points, after]), min(sigma, n / 4), 0)
    soft = soft[n : 2 * n + 1]
    soft[0], soft[-1] = points[0], points[-1]
    return soft


def _thin(points: np.ndarray, tolerance: float) -> np.ndarray:
    """Thin a border (Douglas and Peucker); a closed one is halved first, so it keeps an area."""
    if not (points[0] == points[-1]).all():
        return approximate_polygon(points, tolerance)
    half = int(np.argmax(((points - points[0]) ** 2).sum(axis=1)))
    first = approximate_polygon(points[: half + 1], tolerance)
    return np.vstack([first[:-1], approximate_polygon(points[half:], tolerance)])


def trace_polygons(labels: np.ndarray, to_mm, sigma: float, tolerance: float, decimals: int = 1):
    """Outline every label, and the silhouette of them all.

    Parameters
    ----------
    labels : (n_rows, n_columns) int [label]
        0 is background. Labels may not touch themselves over a corner (see `clean_labels`).
    to_mm : callable
        Takes (n, 2) float [row, column of pixel corners], returns (n, 2) float [x, y in mm].
    sigma : float [pixels]
        Width of the Gaussian along a border.
    tolerance : float [pixels]
        How far a thinned border may stray.
    decimals : int
        Of the coordinates in mm.

    Returns
    -------
    dict of int to list of (n, 2) float64 [mm]
        Closed rings, largest first, without the repeated last point; key 0 is the silhouette.
        Rings around holes are left out.
    """
    pieces: dict = {}
    for path, left, right in _arcs(labels):
        thin = _thin(_soften(path, sigma), tolerance)
        start, end = tuple(path[0].tolist()), tuple(path[-1].tolist())
        points = np.round(to_mm(thin), decimals) + 0.0
        forward, backward = (start, end, points), (end, start, points[::-1])
        for label, piece in ((left, forward), (right, backward)):
            if label:
                pieces.setdefault(label, []).append(piece)
        if not left or not right:
            pieces.setdefault(0, []).append(forward if left else backward)
    polygons = {}
    for label, arcs in pieces.items():
        rings = [_distinct(ring) for ring in _chain(arcs)]
        areas = [ring_area(ring) for ring in rings]
        outer = np.sign(max(areas, key=abs))
        order = np.argsort([-abs(area) for area in areas])
        polygons[label] = [rings[i] for i in order if areas[i] * outer > 0 and len(rings[i]) > 2]
    return polygons


def _distinct(ring: np.ndarray) -> np.ndarray:
    """Leave out points that rounding made equal to the next one, and the repeated last one."""
    return ring[(ring != np.roll(ring, -1, axis=0)).any(axis=1)]


def _chain(arcs: list) -> list:
    """Put arcs that run the same way round together into closed rings."""
    by_start: dict = {}
    for arc in arcs:
        by_start.setdefault(arc[0], []).append(arc)
    rings = []
    while by_start:
        home = next(iter(by_start))
        place, ring = home, []
        while not ring or place != home:
            leaving = by_start[place]
            start, place, points = leaving.pop()
            if not leaving:
                del by_start[start]
            ring.append(points[:-1])
        rings.append(np.vstack(ring))
    return rings


def ring_area(ring: np.ndarray) -> float:
    """Signed area of a closed ring (shoelace formula).

    Parameters
    ----------
    ring : (n, 2) float [mm]
        Without a repeated last point.

    Returns
    -------
    float [mm²]
        Positive when walked counter-clockwise.
    """
    x, y = np.asarray(ring, dtype=float).T
    return float(0.5 * (x @ np.roll(y, -1) - y @ np.roll(x, -1)))


def inner_point(mask: np.ndarray) -> np.ndarray:
    """Find the place in a shape where a name or a marker sits best.

    Parameters
    ----------
    mask : (n_rows, n_columns) bool

    Returns
    -------
    (2,) float64 [row, column of pixel corners]
        The centroid of the largest piece if it lies well inside, otherwise the innermost point.
    """
    pieces, _ = ndimage.label(mask)
    largest = pieces == 1 + np.argmax(np.bincount(pieces.ravel())[1:])
    depth = ndimage.distance_transform_edt(largest)
    centroid = np.array(ndimage.center_of_mass(largest))
    if depth[tuple(np.round(centroid).astype(int))] < 0.6 * depth.max():
        centroid = np.array(np.unravel_index(depth.argmax(), depth.shape), dtype=float)
    return centroid + 0.5
