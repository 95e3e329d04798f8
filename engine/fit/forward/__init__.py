"""What an instrument would see of the spikes: blood, calcium, field potentials and their bands.

Every model takes its input in chunks and gives the same numbers whatever the chunks are; its state
can be copied and put back. Nothing here knows a run or a screen.
"""

from engine.fit.forward.bands import BANDS, BandPower, band_power
from engine.fit.forward.bold import BALLOONS, Balloon, Bold
from engine.fit.forward.calcium import INDICATORS, Calcium, Indicator
from engine.fit.forward.calcium_kernel import KERNELS, CalciumKernel
from engine.fit.forward.facts import NetworkFacts, SynapticWeights
from engine.fit.forward.lfp import EstimatedCurrents, LfpProxy
from engine.fit.forward.signals import SIGNALS, Series, Signal, SignalStream

__all__ = [
    "BALLOONS",
    "BANDS",
    "INDICATORS",
    "KERNELS",
    "SIGNALS",
    "Balloon",
    "BandPower",
    "Bold",
    "Calcium",
    "CalciumKernel",
    "EstimatedCurrents",
    "Indicator",
    "LfpProxy",
    "NetworkFacts",
    "Series",
    "Signal",
    "SignalStream",
    "SynapticWeights",
    "band_power",
]
