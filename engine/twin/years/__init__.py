"""Years in hours: slow processes as schedules, short epochs of life along them, and what is left.

For research and teaching, not for clinical use.
"""

from engine.twin.years.brain import AgeingBrain
from engine.twin.years.schedule import PROCESSES, Left, Process, Schedule, check_schedules, left_at

__all__ = ["PROCESSES", "AgeingBrain", "Left", "Process", "Schedule", "check_schedules", "left_at"]
