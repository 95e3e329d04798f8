"""Deep brain stimulation with a dose: electrode, bounds, a beta circuit in spikes, control in open and
closed loop.

The circuit is a compact one of its own: cortex, striatum, pallidum and thalamus, which the connectome dk84
has, and the subthalamic nucleus, a labelled synthetic region. Its strengths were chosen on other circuits
than those that are judged. For research and teaching, not for clinical use.
"""

from engine.twin.stimulation.anatomy import POPULATIONS, PROJECTIONS, circuit_table
from engine.twin.stimulation.attempt import try_stimulation
from engine.twin.stimulation.biomarker import BetaMarker
from engine.twin.stimulation.circuit import BetaCircuit
from engine.twin.stimulation.controllers import CONTROLLERS, ControllerKind
from engine.twin.stimulation.electrode import Electrode, electrode
from engine.twin.stimulation.part import stimulation
from engine.twin.stimulation.patients import Patient, draw_patient
from engine.twin.stimulation.treatment import Course, treat

__all__ = [
    "CONTROLLERS",
    "POPULATIONS",
    "PROJECTIONS",
    "BetaCircuit",
    "BetaMarker",
    "ControllerKind",
    "Course",
    "Electrode",
    "Patient",
    "circuit_table",
    "draw_patient",
    "electrode",
    "stimulation",
    "treat",
    "try_stimulation",
]
