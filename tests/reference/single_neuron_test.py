"""Every neuron model against another simulator, in the same run, and float32 against float64.

NEST 3.10 and Brian2 2.9 integrate the models in float64. So does the kernel when it is given
float64 arrays: what is then left between the two is rounding, and shows that the equations and
their order are the same. How far the float32 of a run is from that is a test of its own.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from tests.reference.adaptive_neurons import ADAPTIVE
from tests.reference.dendritic_neurons import DENDRITIC
from tests.reference.single_neuron import DT, LIF, Model, Stimulus, Trace

pytestmark = pytest.mark.reference

MODELS = {**LIF, **ADAPTIVE, **DENDRITIC}
NAMES = list(MODELS)
SECOND = round(1000.0 / DT)


def below(model: Model) -> Stimulus:
    """Not enough for a spike: a current, and single and coinciding arrivals of both signs."""
    e, i = model.unit, -model.unit // 2
    arrivals = ((300, e), (310, i), (320, 2 * e), (700, 2 * i), (1100, e), (1110, e), (1500, i))
    return Stimulus(2500, model.below, arrivals)


def above(model: Model) -> Stimulus:
    """A second of regular firing, disturbed by an arrival every 37 ms."""
    signs = (2, -1, 1, -2)
    times = range(370, SECOND, 370)
    arrivals = tuple((k, signs[n % 4] * model.unit) for n, k in enumerate(times))
    return Stimulus(SECOND, model.above, arrivals)


def peer(model: Model, stimulus: Stimulus) -> Trace:
    module = pytest.importorskip(
        model.module,
        reason=f"{model.module} is not installed or cannot be imported (extra 'reference')",
        exc_type=(ImportError, AttributeError),  # Brian2 2.9 asks NumPy 2 for what it has no more
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Brian2's, of its parser
        return model.peer(module, stimulus)


def distance(model: Model, a: Trace, b: Trace) -> float:
    """Largest difference of two potentials, over the largest departure from rest."""
    return float(np.abs(a.v - b.v).max() / np.abs(b.v - model.v_rest).max())


@pytest.mark.parametrize("name", NAMES)
def test_below_threshold_it_is_the_peers_trace(name):
    model = MODELS[name]
    stimulus = below(model)
    theirs = peer(model, stimulus)
    ours = model.engine(stimulus, np.float64)
    assert ours.spikes.size == theirs.spikes.size == 0
    # Rounding of float64 over 2500 steps is below 1e-11; 1e-6 leaves room for another build.
    assert distance(model, ours, theirs) < 1e-6
    # What it would see: a membrane step more or less, or a thousandth of the current.
    n = stimulus.arrivals
    late = stimulus._replace(arrivals=tuple((k + 1, w) for k, w in n))
    more = stimulus._replace(current=1.001 * stimulus.current)
    for other in (late, more):
        assert distance(model, model.engine(other, np.float64), theirs) > 1e-4


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_above_threshold_it_spikes_with_the_peer(name, dtype):
    model = MODELS[name]
    stimulus = above(model)
    theirs = peer(model, stimulus).spikes
    ours = model.engine(stimulus, dtype).spikes
    assert ours.size == theirs.size > 20
    assert np.abs(ours - theirs).max() <= 1
    other = model.engine(stimulus._replace(current=1.001 * stimulus.current), dtype).spikes
    assert other.size != theirs.size or np.abs(other - theirs).max() > 1


@pytest.mark.parametrize("name", NAMES)
def test_float32_is_as_near_to_float64_as_its_rounding_allows(name):
    model = MODELS[name]
    # Under a steady current the potential stops short of its end where increments round to nothing.
    for stimulus in (below(model), Stimulus(SECOND, model.below)):
        exact, single = (model.engine(stimulus, dtype) for dtype in (np.float64, np.float32))
        found = float(np.abs(exact.v - single.v).max())
        assert 0 < found < model.rounding
    stimulus = above(model)
    exact, single = (model.engine(stimulus, dtype).spikes for dtype in (np.float64, np.float32))
    # A crossing within the rounding of the threshold may be seen a step later, and moves what
    # follows; in a second of some fifty intervals of hundreds of steps that is rare.
    assert exact.size == single.size
    assert np.abs(exact - single).max() <= 1
