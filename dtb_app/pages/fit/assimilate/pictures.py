"""Where an assimilation stands as the tiles of its pictures."""

from __future__ import annotations

from collections.abc import Sequence

from dtb_app.pages.fit.assimilate.study import Standing
from engine.assimilation.parameters import RegionalParameter
from layouts.fit.parameter_tracks import Track
from layouts.fit.region_traces import Trace
from layouts.fit.tiles import MOST_TILES

__all__ = ["traces_of", "tracks_of"]


def tracks_of(standing: Standing, records: Sequence[RegionalParameter]) -> list[Track]:
    """The first tiles of parameters, region by region within a parameter."""
    given = standing.observations
    labels = [label for label, on in zip(given.labels, given.driven, strict=True) if on]
    places = [(i, r) for i in range(len(records)) for r in range(len(labels))][:MOST_TILES]
    tracks = []
    for i, r in places:
        p, row = records[i], r * len(records) + i
        label = labels[r] if len(records) == 1 else f"{labels[r]} {p.name}"
        tracks.append(
            Track(
                label,
                p.unit,
                standing.mean[:, r, i],
                standing.sd[:, r, i],
                p.bounds.low,
                p.bounds.high,
                p.neutral,
                None if standing.truth is None else float(standing.truth[r, i]),
                bool(standing.rows) and bool(standing.rows[row]["is_informed"]),
            )
        )
    return tracks


def traces_of(standing: Standing) -> list[Trace]:
    """The first tiles of regions: driven and held-out ones, in the order of the brain."""
    given = standing.observations
    used = [k for k in range(len(given.labels)) if given.driven[k] or given.held_out[k]]
    away = [k for k in used if given.held_out[k]]
    few = MOST_TILES - min(len(away), MOST_TILES // 3)
    kept = sorted([*[k for k in used if not given.held_out[k]][:few], *away[: MOST_TILES // 3]])
    return [
        Trace(
            given.labels[k],
            bool(given.held_out[k]),
            standing.targets[:, k],
            standing.forecast[:, k],
            None if standing.replay is None else standing.replay[: standing.time, k],
        )
        for k in kept[:MOST_TILES]
    ]
