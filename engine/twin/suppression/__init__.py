"""An electrode in an epileptic focus: are seizures fewer or shorter?

For research and teaching, not for clinical use.
"""

from engine.twin.suppression.electrode_in_brain import BrainElectrode

__all__ = ["BrainElectrode"]
