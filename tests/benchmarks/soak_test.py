"""The soak in a short form: visitors come, run, change tabs, reload and leave, and nothing stays behind."""

from __future__ import annotations

import math

import pytest

from dtb_app.benchmarks.visits import soak
from dtb_app.cli import main


@pytest.mark.slow
def test_a_minute_of_visitors_leaves_nothing_behind():
    rows = soak.bench_soak(minutes=0.6, n_visitors=2)
    assert all(row.bench == "soak" and math.isfinite(row.value) for row in rows)
    found = {row.what: row for row in rows}
    assert found["visits in all"].value >= 2
    assert "0 runs" not in found["visits in all"].note.split()[:1]
    failed = found["visits that failed"]
    assert failed.value == 0, failed.note
    assert found["pages open 20 s after all have left"].value == 0
    assert found["engines at work then"].value == 0
    n_visits = found["visits in all"].value  # one of each visit would be a leak; a connection may still close
    assert found["threads more than before"].value < n_visits
    assert found["open files more than before"].value < n_visits


def test_a_quantile_is_that_of_what_came_between():
    before = {0.01: 5.0, 0.1: 5.0, math.inf: 5.0}
    after = {0.01: 104.0, 0.1: 105.0, math.inf: 105.0}
    assert soak._quantile(before, after) == 0.01
    assert soak._quantile(before, after, 0.995) == 0.1


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "2000"])
def test_a_time_that_cannot_be_is_refused(minutes, capsys):
    assert main(["bench", "soak", "--minutes", minutes]) == 2
    assert "bench.minutes: must be above 0" in capsys.readouterr().err
