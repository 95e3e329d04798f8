"""Pictures of a run for its report: paths and texts worked out from arrays, without a plotting library."""

from __future__ import annotations

from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.export.pictures.connectivity import draw_matrix, draw_pairs
from engine.export.pictures.picture import Picture
from engine.export.pictures.raster import draw_raster
from engine.export.pictures.rates import draw_course, draw_spectrum, draw_spread
from engine.export.pictures.rates_on_brain import draw_brain
from engine.fit.evidence import Evidence

__all__ = ["run_pictures"]


def run_pictures(e: Evidence, network: Network, connectome: Connectome) -> list[Picture]:
    """All that can be drawn of a run.

    Parameters
    ----------
    e : Evidence
        Of all regions that ran, with spikes.
    network : Network
    connectome : Connectome
    """
    made = (
        draw_brain(e, network, connectome),
        draw_raster(e, network, connectome),
        draw_course(e),
        draw_spectrum(e),
        draw_spread(e),
        draw_matrix(e, network, connectome),
        draw_pairs(e, network),
    )
    return [picture for picture in made if picture is not None]
