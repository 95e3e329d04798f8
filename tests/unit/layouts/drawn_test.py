"""Every view can be asked what it has drawn."""

from __future__ import annotations

from collections import Counter

import pytest
from bokeh.models import Axis, GlyphRenderer, Grid, Legend, Title

from layouts.chip.floor import ChipFloor
from layouts.chip.membrane_traces import MembraneTraces
from layouts.codesign.front import Front
from layouts.codesign.objective import Objective
from layouts.codesign.scores import StudentScores
from layouts.codesign.tornado import Tornado
from layouts.explorer.brain_map import BrainMapView
from layouts.explorer.fit_panel import FitPanel
from layouts.explorer.matrix import MatrixView
from layouts.explorer.raster import RasterView
from layouts.explorer.rates import RatesView
from layouts.explorer.signal_trace import SignalTrace
from layouts.explorer.weights import WeightHistogram
from layouts.fit.fit_course import FitCourse
from layouts.fit.live_fc import LiveFc
from layouts.fit.measured_matrix import MeasuredMatrix
from layouts.fit.measured_raster import MeasuredRaster
from layouts.fit.measured_series import MeasuredSeries
from layouts.fit.region_profile import RegionProfile
from layouts.fit.region_rates import RegionRates
from layouts.lines import Lines
from layouts.noc.comparison import LatencyCurves, MetricDots
from layouts.noc.latency import LatencyView
from layouts.noc.map import NocMapView
from layouts.noc.placement import PlacementMap, PlacementTable
from layouts.noc.small_maps import SmallMaps
from layouts.noc.time import NocTimeView
from layouts.scale.bars import MemoryBars, PartBars, RoutingBars, WireBars
from layouts.scale.curves import DeviceCurve, RateCurve
from layouts.theme import DARK, FONT, LIGHT
from layouts.twin.bars import Bars
from layouts.twin.latencies import Latencies
from layouts.twin.learned import Learned
from layouts.twin.spread_map import SpreadMap
from layouts.twin.squares import Squares
from layouts.twin.time_lapse import TimeLapse

VIEWS = {
    ChipFloor: {"tracks", "circuits", "bars", "words", "titles"},
    MembraneTraces: {"teacher", "student", "teacher spikes", "student spikes", "thresholds", "words"},
    Front: {"designs", "front"},
    Objective: {"generations", "before"},
    StudentScores: {"measures"},
    Tornado: {"terms"},
    BrainMapView: {"sheet", "regions", "analog", "selected", "links", "cuts", "signs", "captions"},
    FitPanel: {"scores", "tracks"},
    MatrixView: {"sheet", "cells", "scale", "names", "words", "lobes", "selected"},
    RasterView: {"analog", "pixels", "spikes", "stimuli", "cursor"},
    RatesView: {"rates", "ends", "stimuli"},
    SignalTrace: {"signal"},
    WeightHistogram: {"now", "before"},
    FitCourse: {"r", "error", "baselines", "steps_back"},
    Lines: {"lines", "bands", "stretches"},
    LiveFc: {"cells"},
    RegionRates: {"regions"},
    LatencyCurves: {"curves", "ends"},
    MetricDots: {"topologies"},
    LatencyView: {"latencies", "rates"},
    NocMapView: {"sheet", "links", "tiles", "selected", "names"},
    PlacementMap: {"links", "tiles"},
    PlacementTable: {"bars"},
    SmallMaps: {"links", "tiles", "titles", "notes"},
    NocTimeView: {"loads"},
    MemoryBars: {"bars", "limits"},
    PartBars: {"bars"},
    RoutingBars: {"bars"},
    WireBars: {"bars"},
    DeviceCurve: {"curve", "plan"},
    RateCurve: {"curve", "plan", "published"},
    MeasuredMatrix: {"measured"},
    MeasuredRaster: {"measured"},
    MeasuredSeries: {"measured"},
    RegionProfile: {"measured", "simulated"},
    Bars: {"bars", "intervals", "values"},
    Learned: {"as it is", "regions"},
    Latencies: {"stems", "patient", "foretold", "spared"},
    SpreadMap: {"sheet", "regions", "analog", "selected", "links", "cuts", "signs", "captions"},
    Squares: {"squares", "heads"},
    TimeLapse: {"sheet", "regions", "analog", "selected", "links", "cuts", "signs", "captions"},
}
MORE = {
    Front: (lambda place: None,),
    BrainMapView: (None,),
    MetricDots: ("latency_0",),
    Lines: ("lines", "Nothing yet."),
    Bars: ("bars", "Nothing yet."),
    Learned: ("learned", "Nothing yet."),
    Latencies: ("latencies", "Nothing yet."),
    SpreadMap: ("Nothing yet.",),
    Squares: ("squares", "Nothing yet."),
    TimeLapse: ("Nothing yet.",),
    LiveFc: ("live", "Nothing yet."),
    PlacementMap: ("traffic",),
}


@pytest.mark.parametrize("kind", VIEWS)
def test_every_kind_of_mark_has_its_own_name_and_its_columns(kind):
    view = kind(LIGHT, *MORE.get(kind, ()))
    marks = view.figure.select({"type": GlyphRenderer})
    assert max(Counter(mark.name for mark in marks if mark.name).values()) == 1
    assert set(view.data) == VIEWS[kind]
    assert all(columns for columns in view.data.values())


@pytest.mark.parametrize("kind", VIEWS)
def test_every_view_says_the_whole_look_of_what_is_written_and_ruled(kind):
    """No theme of Panel or of a script stands behind it."""
    for theme in (LIGHT, DARK):
        view = kind(theme, *MORE.get(kind, ()))
        for axis in view.figure.select({"type": Axis}):
            if axis.visible:
                assert axis.major_label_text_font == FONT
                assert axis.major_label_text_color in (theme.muted, theme.ink)
                assert axis.axis_line_color in (None, theme.line)
                assert axis.major_tick_line_color in (None, theme.line)
                assert axis.minor_tick_line_color is None
                assert not axis.axis_label or axis.axis_label_text_font == FONT
                assert not axis.axis_label or axis.axis_label_text_color == theme.muted
        for grid in view.figure.select({"type": Grid}):
            assert not grid.visible or grid.grid_line_color in (None, theme.line)
        for title in view.figure.select({"type": Title}):
            assert not title.text or (title.text_font, title.text_color) == (FONT, theme.muted)
        for legend in view.figure.select({"type": Legend}):
            assert legend.label_text_font == FONT
