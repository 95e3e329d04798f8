"""All views as one: lay out, tick, show; and the statistics that move with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from dtb_app.controls.pacing import FrameGate
from dtb_app.work.slices import breathe
from engine.amounts import number
from engine.brain.connectome import Connectome
from engine.fit import METRICS, IntervalStatistics, Metric, Score, evaluate
from engine.fit.bold_series import BoldSeries
from engine.fit.forward import SIGNALS
from engine.run.frame import Frame
from engine.run.recording import Recording, uncoupled_hz
from engine.run.simulation import Simulation
from layouts.explorer.brain_map import BrainMapView, strongest_links
from layouts.explorer.fit_panel import FitPanel
from layouts.explorer.matrix import MatrixView
from layouts.explorer.raster import RasterView
from layouts.explorer.rates import RatesView
from layouts.explorer.signal_course import SignalCourse
from layouts.explorer.signal_trace import SignalTrace
from layouts.noc.map import NocMapView
from layouts.scene import Scene
from layouts.theme import Theme

__all__ = ["LiveViews"]

_N_LINKS = 12
_RATE_WINDOW_MS = 1000
_LIVE_S, _RESTING_S = 0.0005, 0.02  # at a time spent on a signal, while a run goes on and after


class LiveViews:
    """The pictures of one page.

    Attributes
    ----------
    scene : Scene or None
        What is laid out.
    frame : Frame or None
        The newest frame shown of a run that goes on.
    recording : Recording or None
        The finished run that is shown, or was before the run that goes on.
    course : SignalCourse
        The signal that the brain shows, if it shows one.
    trace : SignalTrace or None
        It over time; made when a signal is first asked for.
    """

    def __init__(self, theme: Theme, atlas: dict[str, Any] | None):
        self._theme = theme
        self.course = SignalCourse()
        self.trace: SignalTrace | None = None
        self.brain = BrainMapView(theme, atlas, tells=False)
        self.brain.course = self.course
        self.matrix = MatrixView(theme)
        self.raster = RasterView(theme)
        self.rates = RatesView(theme, self.raster.figure.x_range)
        self.raster.on_rest = self.rates.rest
        self.rates.on_zoom = self.raster.zoom
        self.noc = NocMapView(theme, tells=False)
        self.fit = FitPanel(theme)
        self.gate = FrameGate()
        self.scene: Scene | None = None
        self.frame: Frame | None = None
        self.recording: Recording | None = None
        self.links_shown = True
        self._moving = (self.brain, self.raster, self.rates, self.noc)
        self._picked: list[int] = []
        self._scene_of_recording: Scene | None = None
        self._intervals: IntervalStatistics | None = None
        self._bold: BoldSeries | None = None
        self._n_chunks = 0

    def tell(self) -> None:
        """There is a picture: send what a pointer on it asks for."""
        self.brain.tell()
        self.noc.tell()

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        if theme is self._theme:
            return
        self._theme = theme
        for view in (*self._moving, self.matrix, self.fit):
            view.restyle(theme)
        if self.trace is not None:
            self.trace.restyle(theme)

    def lay_out(self, run: Simulation | Recording | Scene, atlas: dict[str, Any] | None) -> None:
        """Show a network before its first spike."""
        scene = run if isinstance(run, Scene) else Scene.of(run)
        self.scene, self.frame = scene, None
        network = scene.network
        self._intervals = IntervalStatistics(network.n_neurons)
        self._bold = BoldSeries(
            network.region_index[network.population_region],
            network.population_is_excitatory,
            network.population_sizes,
            scene.connectome.n_regions,
            scene.scenario.transient,
        )
        self._n_chunks = 0
        self.brain.atlas = atlas
        self.fit.update({})
        self.course.lay_out(scene)
        for view in (*self._moving, self.matrix):
            breathe()
            view.lay_out(scene)
        if self.trace is not None:
            self.trace.lay_out(scene)
        self.pick(self._picked, scene.connectome)

    @property
    def shows_recording(self) -> bool:
        """Whether the pictures are those of `recording`; equal scenarios share one network."""
        return self.recording is not None and self._scene_of_recording is self.scene

    def forget(self) -> None:
        """What was shown of a run belongs to a brain that is shown no more."""
        self.frame = self.recording = None
        self.fit.update({})

    def release(self) -> None:
        """Nobody looks any more: let go of what is large."""
        self.scene = self.frame = self.recording = None
        self._scene_of_recording = self._intervals = self._bold = None

    def show(self, recording: Recording, atlas: dict[str, Any] | None) -> None:
        """Show a finished run."""
        self.lay_out(recording, atlas)
        self.recording, self._scene_of_recording = recording, self.scene
        for view in self._moving:
            breathe()
            view.show(recording)
        self.course.follow(recording.counts, recording.duration_ms)
        self.work_out(_RESTING_S)

    def tick(self, frame: Frame) -> None:
        """Show a newer frame of the run that was laid out."""
        self.frame = frame
        for view in self._moving:
            view.tick(frame)
        self.course.follow(frame.counts, frame.time_ms)
        self.work_out(_LIVE_S)
        self.gate.sent()

    def show_signal(self, name: str) -> None:
        """Show a signal of `SIGNALS` on the brain and over time, or none with ""."""
        self.course.choose(SIGNALS[name] if name else None)
        if name and self.trace is None:
            self.trace = SignalTrace(self._theme, self.course, self.raster.figure.x_range)
            if self.scene is not None:
                self.trace.lay_out(self.scene)
            self.trace.pick(self._picked)
        if name:
            self.brain.colour_by = "signal"
            self.work_out(_RESTING_S)

    def work_out(self, budget_s: float = _RESTING_S) -> None:
        """Go on with the signal for about this long, and draw it."""
        if self.course.signal is None:
            return
        self.course.advance(budget_s)
        self.brain.show_signal()
        if self.trace is not None:
            self.trace.draw()

    def pick(self, picked: list[int], connectome: Connectome) -> None:
        """Mark the selected regions (places in the connectome) everywhere."""
        self._picked = list(picked)
        self.brain.set_selection(self._picked)
        self.matrix.set_selection(self._picked)
        self.rates.pick(self._picked)
        if self.trace is not None:
            self.trace.pick(self._picked)
        self.noc.highlight(self._picked)
        links = []
        if self.links_shown and self._picked:
            links = strongest_links(connectome, self._picked, _N_LINKS)
        self.brain.set_links(links)

    # ---- statistics --------------------------------------------------------------------------

    def gather(self) -> None:
        """Take the newest spikes into the running statistics; a little with every frame."""
        frame, scene = self.frame, self.scene
        if frame is None or scene is None or self._intervals is None:
            return
        steps, ids = frame.log.between(self._n_chunks, frame.n_chunks)
        self._n_chunks = frame.n_chunks
        if self._bold is not None:
            self._bold.add(frame.counts[self._bold.n_ms : frame.time_ms])
        # Spikes of one exchange step come backend by backend; the statistics want them in time.
        late = np.flatnonzero(steps >= scene.scenario.transient * scene.scenario.n_sub)
        late = late[np.argsort(steps[late], kind="stable")]
        self._intervals.add(steps[late], ids[late])

    @property
    def judged(self) -> tuple[Recording, np.ndarray | None, list[Metric]] | None:
        """The finished run that is to be judged, over which regions, by what; None while one goes on.

        Returns
        -------
        Recording
        (n_picked,) int64 or None
            Places in the connectome; None for all that ran.
        list of Metric
        """
        if self.frame is not None or self.recording is None or not self.shows_recording:
            return None
        return self.recording, np.array(self._picked, np.int64) if self._picked else None, _live()

    def scores(self) -> dict[str, Score]:
        """Fit to data of what is shown, over the picked regions, or over all."""
        picked = np.array(self._picked, np.int64) if self._picked else None
        if self.frame is not None:
            return self._live_scores(self.frame, picked)
        recording, scene = self.recording, self.scene
        if recording is None or scene is None or not self.shows_recording:
            return {}
        return recording.scores(picked, _live())

    def _live_scores(self, frame: Frame, picked: np.ndarray | None) -> dict[str, Score]:
        scene = self.scene
        assert scene is not None
        network, scenario = scene.network, scene.scenario
        if picked is None:
            picked = network.region_index
        neuron = scenario.recipe_parameters
        return evaluate(
            counts=frame.counts[: frame.time_ms],
            region_of_population=network.region_index[network.population_region],
            is_excitatory=network.population_is_excitatory,
            sizes=network.population_sizes,
            picked=np.intersect1d(picked, network.region_index),
            dt=scenario.dt,
            t_refrac=neuron.t_refrac,
            weights=scene.connectome.weights,
            empirical_fc=scene.connectome.fc_matrix,
            transient_ms=min(scenario.transient, frame.time_ms / 2),
            intervals=self._intervals,
            bold=self._bold,
            baseline_rate_hz=uncoupled_hz(scenario),
            metrics=_live(),
        )

    @property
    def rates_when(self) -> str:
        """Over which time :meth:`region_rates_hz` takes its mean."""
        if self.frame is not None and self.frame.time_ms:
            return f"in the last {min(self.frame.time_ms, _RATE_WINDOW_MS) / 1000:g} s"
        first = self.recording.transient_ms if self.recording is not None else 0
        return f"after the first {number(first / 1000)} s" if first else "in the whole run"

    def region_rates_hz(self) -> list[float]:
        """Rate of every region of the connectome over the last second, or the whole run [Hz]."""
        scene = self.scene
        if scene is None:
            return []
        network = scene.network
        sizes = network.population_sizes
        if self.frame is not None and self.frame.time_ms:
            now = self.frame.time_ms
            recent = self.frame.counts[max(0, now - _RATE_WINDOW_MS) : now]
            spikes = recent.sum(axis=0, dtype=np.int64) / (len(recent) / 1000.0)
        elif self.recording is not None and self.shows_recording:
            spikes = self.recording.population_rates_hz * sizes
        else:
            return []
        rates = np.zeros(scene.connectome.n_regions)
        of_regions = spikes.reshape(-1, network.n_kinds).sum(axis=1)
        rates[network.region_index] = of_regions / network.region_sizes
        return [round(float(rate), 1) for rate in rates]


def _live() -> list[Metric]:
    """What is judged again and again: the rows of the fit panel are among it."""
    return [metric for metric in METRICS if metric.live]
