"""A run as one page of HTML that needs nothing else: pictures, scores, where it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import sample_data
from engine.amounts import number, quantity
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.export.pictures.run_pictures import run_pictures
from engine.export.report_scores import shown_scores
from engine.fit.evidence import Evidence
from engine.markup import parts
from engine.markup.parts import Cell, Fact
from engine.model.chip_changes import CHANGES
from engine.scenario.remarks import moved_words

__all__ = ["RunArrays", "report_html", "today"]


def today() -> str:
    """The date, as a report has it: ``"29 November 2026"``."""
    now = date.today()
    return f"{now.day} {now:%B %Y}"


class RunArrays(NamedTuple):
    """The arrays of a run, which its pictures are drawn of.

    Attributes
    ----------
    evidence : Evidence
        Of all regions that ran.
    network : Network
    connectome : Connectome
    """

    evidence: Evidence
    network: Network
    connectome: Connectome


class _Section(NamedTuple):
    place: str
    heading: str
    said: str
    body: str


class _Region(NamedTuple):
    label: str
    kind: str
    percent: float
    excitatory: str
    inhibitory: str


class _Data(NamedTuple):
    facts: list[Fact]
    terms: str = ""


def report_html(
    run: Mapping[str, Any], scenario_toml: str, arrays: RunArrays | None = None, written: str = ""
) -> str:
    """A page about a run; every text is escaped, and nothing is loaded from anywhere.

    Parameters
    ----------
    run : mapping
        The content of run.json.
    scenario_toml : str
        The scenario as a file.
    arrays : RunArrays, optional
        Without them there are no pictures, and no scores but those of `run`.
    written : str
        The day on which the page is written.
    """
    scores = shown_scores(run.get("fit", {}), None if arrays is None else arrays.evidence)
    version = run["versions"].get("digital-twin-brain-explorer", "")
    when = f", on {written}" if written else ""
    about = f"Spikes {str(run['spike_hash'])[:12]}, seed {run['seed']}; written by version {version}{when}."
    return parts.render(
        "run_report.html",
        title=str(run["scenario"]["title"]),
        about=about,
        lead=next((s.sentence for s in scores if s.has_value), ""),
        keys=_keys(run, scores),
        pictures=[] if arrays is None else run_pictures(*arrays),
        scores=scores,
        regions=_regions(run, arrays),
        sections=[s for s in (_learned(run), _chip(run), _packets(run)) if s is not None],
        approximations=_approximations(run),
        remarks=_remarks(run),
        provenance=_provenance(run, written),
        data=_data(run),
        scenario=scenario_toml,
        footer="Time and energy of analog chips and networks on chip are estimates of a software model; "
        "no number here was measured on hardware.",
    )


def _keys(run: Mapping[str, Any], scores: Sequence[Any]) -> list[tuple[str, str]]:
    rate = run["mean_rate_hz"]
    keys = [
        (f"of biology{_early(run)}", quantity(run["duration_ms"] / 1000, "s")),
        ("neurons", f"{run['n_neurons']:,}"),
        ("synapses", f"{run['n_synapses']:,}"),
        (f"excitatory; inhibitory {rate['I']:.2f} Hz", f"{rate['E']:.2f} Hz"),
    ]
    fit = next((s for s in scores if s.name == "fc_r" and s.has_value), None)
    if fit is not None:
        keys.append(("fit of functional connectivity", f"r {fit.value}"))
    return keys


def _early(run: Mapping[str, Any]) -> str:
    """What is to be said of a run that did not come to its end."""
    asked = quantity(run["scenario"]["duration"] / 1000, "s")
    return f" of {asked}: stopped early" if run.get("stopped_early") else ""


def _regions(run: Mapping[str, Any], arrays: RunArrays | None) -> list[_Region]:
    rates = run["region_rate_hz"]
    top = max((r.get("E", 0.0) for r in rates.values()), default=0.0) or 1.0
    kinds = {} if arrays is None else dict(zip(arrays.network.labels, arrays.network.backend, strict=True))
    return [
        _Region(
            label,
            "analog" if kinds.get(label) == "analog" else "digital",
            100.0 * r.get("E", 0.0) / top,
            f"{r.get('E', 0.0):.2f}",
            f"{r.get('I', 0.0):.2f}",
        )
        for label, r in rates.items()
    ]


# ---- what only some runs have ------------------------------------------------------------------------


def _learned(run: Mapping[str, Any]) -> _Section | None:
    if not run.get("plasticity"):
        return None
    rows = [
        (
            f"{p['source']} → {p['target']}",
            f"{p['synapses']:,}",
            _number(p["mean_weight_before"]),
            _number(p["mean_weight"]),
        )
        for p in run["plasticity"]
    ]
    head = ("projection", "synapses", "mean weight before", "after")
    return _Section("learned", "What learned", "", _table(head, rows, right=(1, 2, 3)))


def _chip(run: Mapping[str, Any]) -> _Section | None:
    if not run.get("analog"):
        return None
    said = " ".join(map(str, run["analog"].get("sentences", ())))
    plain = {k: v for k, v in run["analog"].items() if not isinstance(v, (list, dict))}
    if said:  # which have these with their boundaries
        plain = {k: v for k, v in plain.items() if not k.endswith(_SAID)}
    numbers = [(_words(k), _number(v)) for k, v in plain.items()]
    said = f"A software model of a chip; time and energy are estimates. {said}".strip()
    return _Section("chip", "Analog chip", said, _table((), numbers, right=(1,)))


_SAID = ("_boundary", "standing", "_mj", "_low", "_high", "chip_time_ms")


def _words(key: str) -> str:
    """A key of run.json as people read it, its unit in brackets."""
    name, _, unit = key.rpartition("_")
    return f"{name.replace('_', ' ')} [{unit}]" if unit in ("ms", "mj", "uj") else key.replace("_", " ")


def _packets(run: Mapping[str, Any]) -> _Section:
    noc = run["noc"]
    rows = [
        ("packets", f"{noc['packets']:,}"),
        ("link crossings", f"{noc['link_hops']:,}"),
        ("load of the busiest link (estimate)", f"{number(100 * noc['max_link_load'])} %"),
    ]
    if noc.get("worst_link"):
        rows.append(("busiest link", str(noc["worst_link"])))
    if "mean_hops" in noc:
        rows.append(("hops of a packet, mean", number(noc["mean_hops"])))
    if "energy_uj" in noc:
        rows.append(("energy of routers and links (estimate)", quantity(noc["energy_uj"], "uJ")))
    return _Section("packets", "Network on chip", "", _table((), rows, right=(1,)))


# ---- what is to be known of it -----------------------------------------------------------------------

_MISSING = {
    "without_source": ("inputs left out, without a region that sends", "Counted when the network is wired."),
    "population_used_up": (
        "inputs left out, all neurons of the sending population used",
        "Counted when the network is wired: a neuron has at most one synapse from another.",
    ),
    "cut_by_lesion": (
        "inputs cut by a lesion",
        "Counted when the network is wired; the scenario asks for it.",
    ),
}


def _approximations(run: Mapping[str, Any]) -> str:
    """A table of counts; those of nothing are left out and said in one line."""
    found: list[tuple[int, str, str]] = []
    missing = run.get("missing_inputs", {})
    found += [(missing.get(key, 0), *words) for key, words in _MISSING.items()]
    noc = run["noc"]
    deadline = noc.get("deadline_ms")
    late = f"copies of packets later than {number(deadline)} ms" if deadline is not None else "late copies"
    acts = "they act later" if noc.get("feedback") else "counted only: spikes arrive in time all the same"
    found.append((noc.get("late", 0), late, f"Counted by the model of the network on chip; {acts}."))
    found.append((noc.get("dropped", 0), "copies of packets that never arrive", "Counted by the same model."))
    snaps = run.get("analog", {}).get("snaps", {})
    found += [(snaps.get(key, 0), change.label, change.source) for key, change in CHANGES.items()]
    rows = [(Cell(f"{n:,}", "n"), what, Cell(how, "said")) for n, what, how in found if n]
    nothing = [what for n, what, _ in found if not n]
    if nothing:
        rows.append((Cell("0", "n"), "; ".join(nothing), Cell("Counted, and found none.", "said")))
    return parts.table(rows, (Cell("times", "n"), "what", "how it is counted"))


def _remarks(run: Mapping[str, Any]) -> list[str]:
    notes = run.get("connectome", {}).get("notes", ())
    read = [f"Connectome, {n['field'].replace('_', ' ')} ({n['kind']}): {n['said']}." for n in notes]
    return [*map(str, run.get("remarks", ())), *read]


def _provenance(run: Mapping[str, Any], written: str) -> list[Fact]:
    scenario, versions = run["scenario"], run["versions"]
    network = scenario.get("network", {})
    facts = [
        Fact("Report written", written),
        Fact("Program", f"Digital Twin Brain explorer {versions.get('digital-twin-brain-explorer', '')}"),
        Fact("Versions", ", ".join(f"{k} {v}" for k, v in versions.items() if k[:7] != "digital")),
        Fact(
            "Seed of the run, of the wiring", f"{run['seed']}, {network.get('wiring_seed', '')}".rstrip(", ")
        ),
        Fact("Digest of the scenario", str(run.get("scenario_digest", ""))),
        Fact("Hash of the spikes", str(run["spike_hash"])),
        Fact("Checksum of the connectome", str(run.get("connectome_sha256", ""))),
        Fact("Tuning", str(network.get("tuning", ""))),
        Fact("Spikes, synaptic events", f"{run['n_spikes']:,}, {run['n_synaptic_events']:,}"),
        Fact("CV of intervals", f"{_number(run['cv_isi'])} (mean of {run['cv_isi_n']:,} neurons)"),
        Fact("Wall clock over biological time", f"{run['real_time_factor']:.2f}"),
    ]
    if run.get("transient_ms"):
        facts.append(Fact("Left out of statistics", f"the first {quantity(run['transient_ms'] / 1000, 's')}"))
    for change in run.get("live_changes", ()):
        moved = moved_words(change)
        facts.append(Fact("Moved during the run", f"{moved} at {number(change.get('time_ms', 0), 6)} ms"))
    return [fact for fact in facts if fact.value]


def _data(run: Mapping[str, Any]) -> list[_Data]:
    out = []
    connectome = run.get("connectome")
    if connectome:
        facts = [
            Fact("Connectome", f"{connectome['name']}, {connectome['regions']} regions"),
            Fact("Source", parts.cited(str(connectome["source"]))),
            Fact("Licence", str(connectome["licence"])),
        ]
        out.append(_Data(facts, _terms(run, str(connectome["name"]))))
    tuning = str(run["scenario"].get("network", {}).get("tuning", ""))
    if tuning:
        said = "factors of tracts and bias currents that were fitted to functional connectivity"
        out.append(_Data([Fact("Tuning", tuning), Fact("What it is", said)]))
    if measured := run.get("measured_fc"):
        facts = [
            Fact("Own data", str(measured["name"])),
            Fact("Checksum", str(measured["sha256"])),
            Fact("Used as", "target of the fit of functional connectivity"),
            Fact("Licence", "not stated in the run; whoever gave the file knows it"),
        ]
        out.append(_Data(facts))
    out.append(
        _Data(
            [
                Fact("This page", "numbers and pictures computed by the program named above"),
                Fact("Licence", "of the program: BSD-3-Clause; data keep their own, above"),
            ]
        )
    )
    return out


def _terms(run: Mapping[str, Any], name: str) -> str:
    """The licence file of a shipped connectome; "" for another."""
    key = f"{name}.licence"
    if run.get("connectome_file") or key not in sample_data.FILES:
        return ""
    return sample_data.path(key).read_text(encoding="utf-8")


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]], right: tuple[int, ...] = ()) -> str:
    """A table whose columns `right` are numbers."""

    def cells(row: Sequence[Any]) -> list[Cell]:
        return [Cell(str(text), "n" if i in right else "") for i, text in enumerate(row)]

    return parts.table(map(cells, rows), cells(head))


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "–" if value is None else str(value)
    return f"{value:,}" if isinstance(value, int) else number(value, 4)
