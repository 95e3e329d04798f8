"""Patients with a brain of spiking neurons, in which seizures build up, come at random, or follow a rhythm.

Time is compressed: their seizures are minutes apart. For research and teaching, not for clinical use.
"""

from engine.twin.patients.brain import PatientBrain, Person, draw_person
from engine.twin.patients.kinds import DEAD_S, PATIENT_KINDS, PatientKind
from engine.twin.patients.life import SITES, Group, Life, group_of, kept_samples, live, record_of

__all__ = [
    "DEAD_S",
    "PATIENT_KINDS",
    "SITES",
    "Group",
    "Life",
    "PatientBrain",
    "PatientKind",
    "Person",
    "draw_person",
    "group_of",
    "kept_samples",
    "live",
    "record_of",
]
