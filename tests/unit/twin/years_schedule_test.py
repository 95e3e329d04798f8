"""Schedules: what is left in a year, and what contradicts itself."""

from __future__ import annotations

import numpy as np
import pytest

from engine import ParameterError
from engine.twin.years import PROCESSES, Schedule, check_schedules, left_at
from engine.twin.years.schedule import MAX_SCHEDULES

LABELS = ("L.HI", "L.AM", "L.EC")


def inhibition(amount=0.6, begin=5.0, end=15.0, regions=("L.HI",), course="linear"):
    return Schedule("inhibition", amount, begin, end, regions, course)


def test_nothing_is_lost_before_it_begins_and_no_more_after_its_end():
    one = inhibition()
    assert [one.amount_at(year) for year in (0, 5, 10, 15, 20)] == pytest.approx([0, 0, 0.3, 0.6, 0.6])


def test_a_sigmoid_is_slow_at_both_ends_and_meets_the_line_at_them_and_in_the_middle():
    one, line = inhibition(course="sigmoid"), inhibition()
    for year in (5, 10, 15):
        assert one.amount_at(year) == pytest.approx(line.amount_at(year))
    assert one.amount_at(7) < 0.6 * line.amount_at(7)
    assert one.amount_at(13) > line.amount_at(13)
    course = [one.amount_at(year) for year in np.linspace(0, 20, 200)]
    assert (np.diff(course) >= 0).all()


def test_each_process_acts_on_its_own_and_only_where_it_is_declared():
    for process in PROCESSES:
        left = left_at((Schedule(process.name, 0.4, 0, 10, ("L.AM",)),), LABELS, 10.0)
        moved = {name: values for name, values in zip(left._fields, left, strict=True) if (values != 1).any()}
        assert len(moved) == 1
        (values,) = moved.values()
        assert values == pytest.approx([1.0, 1.0 + process.sign * 0.4, 1.0])


def test_schedules_of_one_process_add_up_one_after_the_other():
    two = (inhibition(0.3, 0, 10, ()), inhibition(0.5, 10, 20))
    check_schedules(two, LABELS, 20)
    assert left_at(two, LABELS, 20.0).inhibition == pytest.approx([0.2, 0.7, 0.7])


def test_what_does_not_touch_does_not_contradict():
    check_schedules((inhibition(), inhibition(regions=("L.AM",))), LABELS, 20)
    check_schedules((inhibition(), Schedule("atrophy", 0.6, 5, 15, ("L.HI",))), LABELS, 20)
    check_schedules((Schedule("gain", -0.5, 0, 20), inhibition(1.0)), LABELS, 20)
    check_schedules((), LABELS, 20)


@pytest.mark.parametrize(
    ("schedules", "years", "said"),
    [
        (
            [inhibition(0.3), inhibition(0.3, 10, 20, ())],
            20,
            "schedule: must be one at a time for loss of inhibition in L.HI (got two, from year 5 to 15 "
            "and from "
            "year 10 to 20). Let one end before the other begins.",
        ),
        (
            [inhibition(0.6, 0, 10), inhibition(0.5, 10, 20)],
            20,
            "schedule.amount: must come to 0 to 100 % in all for loss of inhibition in L.HI (got 110 %).",
        ),
        (
            [inhibition(1.2)],
            20,
            "schedule.amount: must be from 0 to 100 % for loss of inhibition, and not 0 (got 120 %).",
        ),
        (
            [Schedule("gain", -1.5, 0, 5)],
            20,
            "schedule.amount: must be from -100 to 100 % for gain drift, and not 0 (got -150 %).",
        ),
        (
            [inhibition(0.0)],
            20,
            "schedule.amount: must be from 0 to 100 % for loss of inhibition, and not 0 (got 0 %).",
        ),
        ([inhibition(end=5.0)], 20, "schedule.end: must be after the begin (got year 5 and begin 5)."),
        (
            [inhibition(end=25.0)],
            20,
            "schedule: must lie within the years that are represented, 0 to 20 (got 5 to 25).",
        ),
        (
            [inhibition(begin=-1.0)],
            20,
            "schedule: must lie within the years that are represented, 0 to 20 (got -1 to 15).",
        ),
        (
            [inhibition(regions=("L.HJ",))],
            20,
            "schedule.regions: must be regions that are on (got 'L.HJ'). Did you mean 'L.HI'? "
            "Valid: L.AM, L.EC, L.HI.",
        ),
        (
            [inhibition(regions=("L.HI", "L.HI"))],
            20,
            "schedule.regions: must name each region once (got 'L.HI' twice).",
        ),
        ([inhibition(course="linaer")], 20, "schedule.course: must be linear or sigmoid (got 'linaer')."),
        ([inhibition(float("nan"))], 20, "schedule.amount: must be a number (got nan)."),
        ([inhibition(end=float("inf"))], 20, "schedule.end: must be a number (got inf)."),
        ([], 0, "schedule.years: must be above 0 and at most 100 (got 0)."),
        ([], 101, "schedule.years: must be above 0 and at most 100 (got 101)."),
        (
            [inhibition(0.01, k, k + 1) for k in range(MAX_SCHEDULES + 1)],
            50,
            "schedule: must be at most 20 (got 21).",
        ),
    ],
)
def test_a_contradiction_is_refused_in_one_sentence(schedules, years, said):
    with pytest.raises(ParameterError) as refused:
        check_schedules(schedules, LABELS, years)
    assert str(refused.value) == said


def test_an_unknown_process_is_refused_by_name():
    with pytest.raises(ParameterError, match=r"process: must be a known one .*inhibition"):
        check_schedules([Schedule("inhibitoin", 0.5, 0, 5)], LABELS, 20)
