"""A search for the smallest resection, on a patient whose truth is known."""

from __future__ import annotations

import numpy as np

from engine.twin.resection import Outcome, smallest
from engine.twin.resection.part import TRIES
from engine.twin.resection.search import SEARCHED


class Known:
    """A patient whose seizures need every region of some set to be left."""

    def __init__(self, cures: tuple[frozenset[str], ...], labels: str = "abcdef"):
        self.brain, self.labels, self.cures, self.n_tries = self, tuple(labels), cures, 0

    def outcome(self, removed, number):
        """It stops where one of the cures is removed; the more of one, the less is left."""
        self.n_tries += 1
        part = max(len(cure & set(removed)) / len(cure) for cure in self.cures)
        is_seizure = part < 1.0
        return Outcome(is_seizure, 3 if is_seizure else 0, 60.0 * (1 - part), np.ones(6))


def test_one_region_is_enough_where_one_is():
    patient = Known((frozenset("c"),))
    assert smallest(patient) == ("c",)
    assert patient.n_tries == 6 + 2  # the best is tried again, with noise of its own


def test_two_go_where_two_are_needed():
    assert set(smallest(Known((frozenset("be"),)))) == {"b", "e"}


def test_it_gives_up_at_four():
    found = smallest(Known((frozenset("abcdef"),)))
    assert len(set(found)) == 4


def test_a_cure_must_hold_in_every_try():
    class Lucky(Known):
        def outcome(self, removed, number):
            """The loss of one region stops the first seizure, the loss of two stops all."""
            found = super().outcome(removed, number)
            return Outcome(number > 0 and len(removed) < 2, found.recruited, found.burden, found.rest_hz)

    assert len(smallest(Lucky((frozenset("c"),)))) == 2


def test_judged_tries_are_none_of_the_search():
    assert not set(SEARCHED) & set(TRIES)
