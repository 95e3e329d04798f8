"""Region outlines arranged on one sheet: which polygon is which region, and where views stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.brain.connectome import Connectome

__all__ = ["Outlines", "outlines_of"]

_GAP = 8.0  # mm between views
_CAPTION = 15.0  # mm below a view for its name
_DOT_MM = 4.5

# Columns of the sheet, each from top to bottom, by the beginning of a view's name.
_COLUMNS = (
    ("left lateral", "left medial"),
    ("dorsal", "coronal"),
    ("axial",),
    ("right lateral", "right medial"),
)


@dataclass(frozen=True, eq=False)
class Outlines:
    """Polygons on the sheet [mm].

    Attributes
    ----------
    xs, ys : list of (n_points,) float32
    region : (n_polygons,) int64
        Place of each polygon's region in the connectome.
    view : (n_polygons,) int64
    captions : dict of lists
        x, y and text of each view's name.
    corners : ([x0, x1], [y0, y1])
        The sheet.
    centres : list of dict
        For each view, the point inside each region that it shows.
    """

    xs: list[np.ndarray]
    ys: list[np.ndarray]
    region: np.ndarray
    view: np.ndarray
    captions: dict[str, list[Any]]
    corners: tuple[list[float], list[float]]
    centres: list[dict[int, tuple[float, float]]]

    def rows_of(self, regions: list[int]) -> list[int]:
        """Polygons of some regions."""
        return np.flatnonzero(np.isin(self.region, regions)).tolist()

    def joined(self, a: int, b: int) -> list[tuple[tuple[float, float], tuple[float, float]]]:
        """Both regions' points in every view that shows both."""
        return [(c[a], c[b]) for c in self.centres if a in c and b in c]

    def region_at(self, x: float, y: float) -> int | None:
        """The region whose polygon holds a point, None on empty ground."""
        for xs, ys, region in zip(self.xs, self.ys, self.region, strict=True):
            if _holds(xs, ys, x, y):
                return int(region)
        return None


def _holds(xs: np.ndarray, ys: np.ndarray, x: float, y: float) -> bool:
    if not (xs.min() <= x <= xs.max() and ys.min() <= y <= ys.max()):
        return False
    x1, y1 = np.roll(xs, -1), np.roll(ys, -1)
    crosses = (ys > y) != (y1 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = xs + (y - ys) / (y1 - ys) * (x1 - xs)
    return bool(np.count_nonzero(crosses & (at > x)) % 2)


def outlines_of(atlas: dict[str, Any] | None, connectome: Connectome, is_one_row: bool = False) -> Outlines:
    """Arrange an atlas; a connectome without one gets a dot at each region's centre.

    Parameters
    ----------
    atlas : dict, optional
    connectome : Connectome
    is_one_row : bool
        Whether all views stand side by side, as where there is more width than height.
    """
    views = atlas["views"] if atlas else _dots(connectome)
    place = {label: i for i, label in enumerate(connectome.labels)}
    offsets, captions, corners = _arrange(views, () if is_one_row else _COLUMNS)
    xs, ys, region, number, centres = [], [], [], [], []
    for v, view in enumerate(views):
        dx, dy = offsets[v]
        for label, shape in view["regions"].items():
            if label not in place:
                continue
            for px, py in zip(shape["xs"], shape["ys"], strict=True):
                xs.append(np.asarray(px, np.float32) + np.float32(dx))
                ys.append(np.asarray(py, np.float32) + np.float32(dy))
                region.append(place[label])
                number.append(v)
        centres.append(
            {place[label]: (x + dx, y + dy) for label, (x, y) in view["centres"].items() if label in place}
        )
    return Outlines(
        xs, ys, np.array(region, np.int64), np.array(number, np.int64), captions, corners, centres
    )


def _arrange(views: list[dict[str, Any]], arrangement: tuple[tuple[str, ...], ...]):
    """Offset of each view, captions, and corners of the sheet."""
    columns = []
    left = set(range(len(views)))
    for names in arrangement:
        column = [v for name in names for v in sorted(left) if views[v]["name"].startswith(name)]
        left -= set(column)
        if column:
            columns.append(column)
    columns += [[v] for v in sorted(left)]
    heights = [
        sum(_size(views[v])[1] + _CAPTION for v in column) + _GAP * (len(column) - 1) for column in columns
    ]
    total = max(heights)
    offsets: dict[int, tuple[float, float]] = {}
    captions: dict[str, list[Any]] = {"x": [], "y": [], "text": []}
    x = 0.0
    for column, height in zip(columns, heights, strict=True):
        width = max(_size(views[v])[0] for v in column)
        y = total - (total - height) / 2
        for v in column:
            w, h = _size(views[v])
            x0, _, y0, _ = views[v]["bounds"]
            y -= h
            offsets[v] = (x + (width - w) / 2 - x0, y - y0)
            captions["x"].append(x + width / 2)
            captions["y"].append(y - 1.0)
            captions["text"].append(views[v]["name"])
            y -= _CAPTION + _GAP
        x += width + _GAP
    return offsets, captions, ([0.0, x - _GAP], [0.0, total])


def _size(view: dict[str, Any]) -> tuple[float, float]:
    x0, x1, y0, y1 = view["bounds"]
    return x1 - x0, y1 - y0


def _dots(connectome: Connectome) -> list[dict[str, Any]]:
    """Views of discs at the regions' centres, for a connectome without outlines."""
    angle = np.linspace(0, 2 * np.pi, 17)[:-1]
    span = np.ptp(connectome.centres, axis=0).max() or 1.0
    radius = max(_DOT_MM * span / 180.0, 1e-3)
    views = []
    for name, a, b in (("dorsal", 0, 1), ("from the side", 1, 2)):
        points = connectome.centres[:, [a, b]]
        low, high = points.min(axis=0) - 3 * radius, points.max(axis=0) + 3 * radius
        views.append(
            {
                "name": name,
                "bounds": [low[0], high[0], low[1], high[1]],
                "regions": {
                    label: {"xs": [x + radius * np.cos(angle)], "ys": [y + radius * np.sin(angle)]}
                    for label, (x, y) in zip(connectome.labels, points, strict=True)
                },
                "centres": {
                    label: (float(x), float(y))
                    for label, (x, y) in zip(connectome.labels, points, strict=True)
                },
            }
        )
    return views
