"""What an instrument would see of the spikes: blood, calcium, field potentials.

Every model takes its input in chunks and gives the same numbers whatever the chunks are; its state
can be copied and put back. Nothing here knows a run or a screen.
"""

from engine.fit.forward.bold import BALLOONS, Balloon, Bold
from engine.fit.forward.calcium import INDICATORS, KERNELS, Calcium, CalciumKernel, Indicator

__all__ = ["BALLOONS", "INDICATORS", "KERNELS", "Balloon", "Bold", "Calcium", "CalciumKernel", "Indicator"]
