"""Signals of a run as a table: what instruments would have seen, one column a region."""

from __future__ import annotations

import csv
import io

import numpy as np

from engine.fit.forward import NetworkFacts
from engine.fit.forward.signals import groups

__all__ = ["signals_csv"]


def signals_csv(group: str, counts: np.ndarray, facts: NetworkFacts) -> tuple[str, int, list[str]]:
    """The signals of a group; comments above the header say unit, meaning and source of each.

    Parameters
    ----------
    group : str
        A key of `engine.fit.forward.signals.groups`.
    counts : (n_ms, n_populations) int
        Spikes of each population in each millisecond.
    facts : NetworkFacts

    Returns
    -------
    text : str
    n_samples : int
    remarks : list of str
        What to know of a run as short as this; among the comments too.
    """
    members = groups()[group]
    remarks = [said for signal in members[:1] if (said := signal.begun(len(counts)))]
    out = io.StringIO()
    for signal in members:
        out.write(f"# {signal.name} [{signal.unit}]: {signal.sentence} Source: {signal.source}.\n")
    for remark in remarks:
        out.write(f"# {remark}\n")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("time_ms", "signal", *facts.labels))
    all_series = [(signal.name, signal.of(counts, facts)) for signal in members]
    n_samples = len(all_series[0][1].times)
    for k in range(n_samples):
        for name, series in all_series:
            values = ["" if np.isnan(v) else f"{v:.6g}" for v in series.values[k].tolist()]
            table.writerow((f"{series.times[k]:g}", name, *values))
    return out.getvalue(), n_samples, remarks
