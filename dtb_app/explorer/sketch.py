"""What is known of a scenario before it has run: regions at once, tiles a little later."""

from __future__ import annotations

from typing import Any

from dtb_app.explorer.views import LiveViews
from dtb_app.session.session import Session
from dtb_app.work.job import Job
from dtb_app.work.services import Services
from engine.errors import EngineError
from layouts.scene import Scene

__all__ = ["Sketch"]


class Sketch:
    """The regions of a scenario and the load to expect, without its synapses.

    Regions, neurons and backends stand in the picture when `begin` returns. Placing regions on
    tiles takes a tenth of a second or more, so that goes on in the background, once it is known what
    the scenario takes.

    Parameters
    ----------
    session : Session
    services : Services
    views : LiveViews
    """

    def __init__(self, session: Session, services: Services, views: LiveViews):
        self._session, self._services, self._views = session, services, views
        self._job: Job | None = None

    @property
    def is_begun(self) -> bool:
        """Whether regions are shown already and their places on tiles not yet."""
        return self._job is not None

    def begin(self) -> None:
        """Show the session's scenario; what was begun before is given up."""
        self.drop()
        session, views = self._session, self._views
        scenario, connectome = session.scenario, session.connectome
        try:
            regions = Scene.of_regions(scenario, connectome)
        except EngineError as error:
            views.noc.sentence = str(error)
            return
        views.brain.atlas = self._services.atlas(connectome)
        for view in (views.brain, views.matrix, views.raster, views.rates):
            view.lay_out(regions)
        if not session.judgement.is_whole:  # how many chips hang on a tile is not known yet
            views.noc.sentence = "Not run yet. Laying the analog regions onto chips …"
            return
        views.noc.sentence = "Not run yet. Placing the regions on tiles …"

        def work(progress: Any) -> Scene:
            progress(0.0, "placing")
            return Scene.sketch(scenario, connectome)

        self._job = Job(work)

    def poll(self) -> bool:
        """Show the tiles once the regions are placed; whether something new is shown."""
        job = self._job
        if job is None or not job.is_over:
            return False
        self._job = None
        if isinstance(job.result, Scene):
            atlas = self._services.atlas(job.result.connectome)
            self._views.lay_out(job.result, atlas)
        elif job.error:
            self._views.noc.sentence = job.error
        return True

    def drop(self) -> None:
        """Something truer is shown now."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
