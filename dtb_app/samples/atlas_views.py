"""Seven pictures of a label volume: five seen from outside, two slices.

Needed by the maker of `dk84` only, not at run time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from dtb_app.samples.planar_map import clean_labels, inner_point, smooth_labels, trace_polygons

__all__ = ["VIEWS", "View", "draw_view"]

SCALE = 4  # pixels per mm in the enlarged label images
SIGMA_MM = 1.2  # Gaussian on the label images
BORDER_MM = 1.0  # Gaussian along the borders
TOLERANCE_MM = 0.25  # how far a simplified border may stray
SPECK_MM2 = 25.0  # smaller pieces are dropped
KEEP_MM2 = 15.0  # unless it is all that is seen of a region
CLOSE_MM = 4.0  # sulci up to twice this width are closed before a view from outside
BURIED_MM = 10.0  # how far below the surface a region in a sulcus is still drawn
RIBBON_MM = 1.5  # by which cortex is thickened in a slice


@dataclass(frozen=True)
class View:
    """One picture of the brain.

    Parameters
    ----------
    name : str
        As it stands under the picture.
    axes : tuple of str
        The volume's axes that run right and up in the picture.
    flip : bool
        Whether the horizontal axis is negated, so that `x = -axes[0]`.
    side : str
        "L" or "R" for one hemisphere, "" for both.
    look : str
        "outside" (from the surface inwards), "midline" or "slice".
    at_mm : float
        Position of a slice on the remaining axis.
    slab_mm : float
        Thickness of a slice.
    """

    name: str
    axes: tuple[str, str]
    flip: bool = False
    side: str = ""
    look: str = "outside"
    at_mm: float = 0.0
    slab_mm: float = 5.0


VIEWS = (
    View("left lateral", ("y", "z"), flip=True, side="L"),
    View("left medial", ("y", "z"), side="L", look="midline"),
    View("right lateral", ("y", "z"), side="R"),
    View("right medial", ("y", "z"), flip=True, side="R", look="midline"),
    View("dorsal", ("x", "y")),
    View("coronal −10 mm", ("x", "z"), look="slice", at_mm=-10.0),
    View("axial −4 mm", ("x", "y"), look="slice", at_mm=-4.0),
)


@dataclass(frozen=True)
class Groups:
    """Region numbers that are drawn in a way of their own.

    Parameters
    ----------
    right : tuple of int
        The right hemisphere.
    deep : tuple of int
        Subcortical structures: in a medial view they stand before the inner side of the cortex.
    buried : tuple of int
        Cortex in the depth of a sulcus: it shows through the closed surface.
    convex : tuple of int
        Cortex that no medial view shows, for it faces outwards.
    """

    right: tuple[int, ...]
    deep: tuple[int, ...]
    buried: tuple[int, ...]
    convex: tuple[int, ...]


def _fill_nearest(labels: np.ndarray, reach: float) -> np.ndarray:
    """Let every label grow into the unlabelled up to `reach` voxels."""
    distance, nearest = ndimage.distance_transform_edt(labels == 0, return_indices=True)
    return np.where(distance <= reach, labels[tuple(nearest)], 0)


def _first_label(labels: np.ndarray, buried=()) -> np.ndarray:
    """See the first label along the last axis, from its low end; a buried one shows through."""
    first = (labels > 0).argmax(axis=2)
    seen = np.take_along_axis(labels, first[..., None], axis=2)[..., 0]
    for label in buried:
        inside = labels == label
        shows = inside.any(axis=2) & (inside.argmax(axis=2) - first <= BURIED_MM)
        seen = np.where(shows, label, seen)
    return seen


def _silhouette(tissue: np.ndarray) -> np.ndarray:
    """Shadow of the tissue along the last axis, small notches closed, holes filled."""
    shadow = np.pad(tissue.any(axis=2), 4)
    closed = ndimage.binary_closing(shadow, ndimage.generate_binary_structure(2, 1), iterations=3)
    return ndimage.binary_fill_holes(closed)[4:-4, 4:-4]


def _midline(labels: np.ndarray, groups: Groups) -> np.ndarray:
    """The medial wall, with the deep structures that lie open behind it."""
    deep = np.isin(labels, groups.deep)
    outer = np.isin(labels, groups.convex)
    wall = _fill_nearest(np.where(deep | outer, 0, labels), 2.0)
    open_to_view = _first_label(np.where(outer, 0, labels))
    lies_open = np.isin(open_to_view, groups.deep)
    return np.where(lies_open, open_to_view, _first_label(wall, groups.buried))


def _slice(labels: np.ndarray, tissue: np.ndarray, groups: Groups) -> np.ndarray:
    """Majority of a slab, cortex thickened; -1 where there is brain without a region."""
    nuclei = np.isin(labels, groups.deep)
    cortex = _fill_nearest(np.where(nuclei, 0, labels), RIBBON_MM)
    thick = np.where(nuclei, labels, np.where(tissue > 0, cortex, 0))
    thick = np.where((thick == 0) & (tissue > 0), -1, thick)
    best, image = np.zeros(labels.shape[:2]), np.zeros(labels.shape[:2], dtype=int)
    for label in np.unique(thick):
        share = ndimage.gaussian_filter((thick == label).mean(axis=2), 0.7)
        take = share > best
        best[take], image[take] = share[take], label
    filled = ndimage.binary_fill_holes(image != 0)
    return np.where(filled & (image == 0), -1, image)


def _picture(view: View, labels, tissue, origin_along: float, groups: Groups) -> np.ndarray:
    """Label image of a view; -1 where there is brain without a region."""
    if view.look == "slice":
        at, half = view.at_mm - origin_along, view.slab_mm / 2
        slab = slice(int(np.ceil(at - half)), int(np.floor(at + half)) + 1)
        return _slice(labels[..., slab], tissue[..., slab], groups)
    from_high = not view.side or (view.side == "R") == (view.look == "outside")
    seen_from = labels[..., ::-1] if from_high else labels
    if view.look == "midline":
        image = _midline(seen_from, groups)
    else:
        image = _first_label(_fill_nearest(seen_from, CLOSE_MM), groups.buried)
    shadow = _silhouette(tissue > 0)
    return np.where(shadow, np.where(image == 0, -1, image), 0)


def draw_view(view: View, labels: np.ndarray, tissue: np.ndarray, origin: np.ndarray, groups):
    """Draw one view as polygons.

    Parameters
    ----------
    view : View
    labels : (n_x, n_y, n_z) int [region number from 1, 0 elsewhere]
        Axes run right, forward, up in steps of 1 mm.
    tissue : (n_x, n_y, n_z) int8
        1 for left, 2 for right, 3 for unpaired brain tissue, 0 outside the brain.
    origin : (3,) float [mm]
        Position of the centre of voxel (0, 0, 0).
    groups : Groups

    Returns
    -------
    polygons : dict of int to list of (n, 2) float64 [mm]
        Rings of each region seen; key 0 is the silhouette.
    points : dict of int to (2,) float64 [mm]
        A point inside the largest ring of each region.
    """
    across, up = ("xyz".index(a) for a in view.axes)
    along = 3 - across - up
    body = int(labels.max()) + 1
    if view.side:
        mine = np.isin(labels, groups.right) == (view.side == "R")
        labels = np.where(mine, labels, 0)
        tissue = np.where(np.isin(tissue, (2 if view.side == "R" else 1, 3)), tissue, 0)
    order = (up, across, along)
    picture = _picture(view, labels.transpose(order), tissue.transpose(order), origin[along], groups)
    picture = np.where(picture < 0, body, picture)
    is_slice = view.look == "slice"
    factor = {int(n): 1.15 for n in np.unique(picture) if is_slice and 0 < n < body}
    big = smooth_labels(picture, SCALE, SIGMA_MM, factor)
    big = clean_labels(big, int(SPECK_MM2 * SCALE**2), int(KEEP_MM2 * SCALE**2))
    sign = -1.0 if view.flip else 1.0

    def to_mm(corners):
        x = sign * (corners[:, 1] / SCALE - 0.5 + origin[across])
        return np.column_stack([x, corners[:, 0] / SCALE - 0.5 + origin[up]])

    polygons = trace_polygons(big, to_mm, BORDER_MM * SCALE, TOLERANCE_MM * SCALE)
    polygons.pop(body, None)
    points = {n: to_mm(inner_point(big == n)[None])[0] for n in polygons if n}
    return polygons, points
