"""The bench runs and prints its table; what it measures is never asserted."""

from __future__ import annotations

from dtb_app.benchmarks.views import bench_views
from dtb_app.commands.bench import table


def test_views_print_as_one_table(capsys):
    rows = bench_views(n_frames=6)
    print(table(rows))
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 1 + len(rows) == 9
    assert {row.unit for row in rows} == {"ms", "kB"}
