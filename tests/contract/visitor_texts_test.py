"""Whatever a visitor has typed, named or loaded stays text wherever it reaches HTML.

Each place is shown twice, once with a plain word and once with a text that HTML would misread: a
browser must see the same elements both times, and the text letter by letter.
"""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import panel as pn
import pytest

from dtb_app.controls.cards import Card, Text, capacity_html
from dtb_app.controls.job_bar import JobBar
from dtb_app.controls.sources import source_html
from dtb_app.explorer.top_bar import status_html
from dtb_app.pages.chip.words import report_html
from dtb_app.pages.codesign.stored import stored_results
from dtb_app.pages.codesign.words import controls_html, head_html, progress_html
from dtb_app.pages.fit.compare.words import scores_html
from dtb_app.pages.fit.data.words import file_html, held_html
from dtb_app.pages.fit.tune.words import hardest_html
from dtb_app.pages.noc.words import bar_html
from dtb_app.pages.small_world.words import graph_html, verdict_html
from engine import load_connectome, preset
from engine.brain.graph import N_NULLS, GraphMeasures
from engine.export import run_report
from engine.fit import METRICS, Score
from engine.markup import parts
from engine.model.chip_changes import CHANGES
from engine.run.capacity import capacity_of
from layouts.explorer.fit_panel import FitPanel
from layouts.explorer.run_table import Line, compare_html
from layouts.theme import LIGHT, tooltip

PLAIN = "Qzx"
TYPED = "Q<b>&\"'zx"
REST = preset("two-regions")


class Seen(HTMLParser):
    """What a browser makes of a piece of HTML: elements with their attributes, and texts."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.parts: list[tuple[str, ...]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.parts.append(("start", tag, *(f"{name}={value}" for name, value in attrs)))

    def handle_endtag(self, tag):
        self.parts.append(("end", tag))

    def handle_data(self, data):
        self.parts.append(("text", data))


def shown(piece: str) -> str:
    """What a pane of the page sends."""
    return Text(piece).pane.object


def card(text: str) -> str:
    made = Card("numbers", pn.Spacer())
    made.caption(text)
    made.sentence(text, text)
    return "".join(pane.object for pane in made.panel.select(pn.pane.HTML))


def job_bar(text: str, end: str) -> str:
    bar = JobBar("Go", lambda: None, lambda job: None, text)
    if end:
        bar.watch(SimpleNamespace(is_over=end != "working", state=end, note=text, error=text, fraction=0.5))
        bar.tick()
    return "".join(pane.object for pane in bar.panel.select(pn.pane.HTML))


def runner(state: str, note: str) -> SimpleNamespace:
    return SimpleNamespace(
        state=state, note=note, frame=None, is_ending=False, build_fraction=0.2, scenario=REST
    )


def fit_table(text: str) -> str:
    panel = FitPanel(LIGHT)
    name = next(m.name for m in METRICS if m.in_panel)
    score = Score(name=name, label=text, value=0.5, unit=text, n=3, n_unit=text, basis=text, sentence=text)
    panel.update({name: score})
    return shown(panel.table_html)


def scores_of_fit(text: str) -> str:
    name = next(iter(METRICS)).name
    score = Score(name=name, label=text, value=0.5, unit=text, n=3, n_unit=text, basis=text, sentence=text)
    return shown(scores_html({name: score}))


def hardest(text: str) -> str:
    both = np.zeros((2, 2))
    standing = SimpleNamespace(
        curve=(SimpleNamespace(r=0.5),), hardest=[(0, 1)], region=[0, 1], fc=both, target=both
    )
    return shown(hardest_html(standing, (text, text)))


def graph(text: str) -> str:
    one, nulls = np.ones(2), np.linspace(1.0, 1.1, N_NULLS)
    measures = GraphMeasures(2, 1, one, one, one, np.zeros(2, int), 0.1, 1.0, 1.0, nulls, nulls, (text, text))
    return shown(graph_html("", measures))


def report_of_chip(text: str) -> str:
    estimates = {"sentences": [text], "sentence_sources": [text]}
    return shown(report_html({"snaps": dict.fromkeys(CHANGES, 1)}, estimates))


def codesign_head(text: str) -> str:
    found = replace(stored_results().validation, labels=(text, text))
    return shown(head_html(REST, (text,), found, text, text, text))


def controls(text: str) -> str:
    control = {"passed": True, "sentence": text, "expected": text}
    return shown(controls_html(SimpleNamespace(controls={"a": control})))


def own_file(text: str) -> str:
    """A file of measured data that is open, and another that is asked about."""
    origin = SimpleNamespace(notes=(text,))
    opened = SimpleNamespace(
        name=text,
        draft=SimpleNamespace(layout=text),
        data=SimpleNamespace(words=text, origin=origin),
        answers={"leave_out": (text,)},
    )
    asked = SimpleNamespace(name=text, trouble=text)
    one = SimpleNamespace(opened=opened, asked=None)
    return shown(parts.joined(file_html(one), file_html(SimpleNamespace(opened=opened, asked=asked))))


def own_scores(text: str) -> str:
    score = Score(name="a", label=text, value=0.5, unit=text, n=3, n_unit=text, basis=text, sentence=text)
    run = SimpleNamespace(scenario=SimpleNamespace(title=text), duration_ms=1000)
    found = SimpleNamespace(recording=run, own=SimpleNamespace(name=text), scores=(score,))
    return shown(held_html(found, text))


def run_page(text: str) -> str:
    """The report of a run, with the text wherever run.json may hold one."""
    learned = {"synapses": 3, "mean_weight_before": 1.0, "mean_weight": 2.0, "source": text, "target": text}
    run = {
        "scenario": {"title": text, "duration": 100.0},
        "spike_hash": text,
        "seed": 1,
        "versions": {"digital-twin-brain-explorer": text},
        "duration_ms": 100,
        "real_time_factor": 1.0,
        "n_neurons": 1,
        "n_synapses": 1,
        "n_spikes": 1,
        "n_synaptic_events": 1,
        "mean_rate_hz": {"E": 1.0, "I": 1.0},
        "region_rate_hz": {text: {"E": 1.0, "I": 2.0}},
        "cv_isi": None,
        "cv_isi_n": 0,
        "noc": {"packets": 1, "link_hops": 1, "max_link_load": 0.1},
        "fit": {"a": {"label": text, "value": 1.0, "unit": text, "sentence": text}, text: {}},
        "plasticity": [learned],
        "analog": {text: text},
    }
    return run_report.report_html(run, text)


PLACES = {
    "a plain text in a pane": lambda t: shown(t),
    "a message over the page": lambda t: shown(parts.note(t, "alert", role="alert")),
    "a refusal": lambda t: shown(parts.refusal(t)),
    "a card": card,
    "a button's idle sentence": lambda t: job_bar(t, ""),
    "a job that works": lambda t: job_bar(t, "working"),
    "a job that has failed": lambda t: job_bar(t, "failed"),
    "the status without a run": lambda t: shown(status_html(None, t, 0)),
    "the status of a run that is built": lambda t: shown(status_html(runner("building", t), "", 0)),
    "the status of a run that has failed": lambda t: shown(status_html(runner("failed", t), "", 0)),
    "the capacity": lambda t: shown(capacity_html(capacity_of(REST, load_connectome("dk84")), t)),
    "where numbers come from": lambda t: shown(source_html("numbers", t, [(t, t)])),
    "runs side by side": lambda t: shown(compare_html([Line(t, t, (t, f"{t}2"), t)], LIGHT, [t, t])),
    "the table of scores": fit_table,
    "the scores of the fit": scores_of_fit,
    "the hardest pairs of a fit": hardest,
    "a hover box": lambda t: tooltip(LIGHT, t, lead=t, key=t, lines=(t, t), small=(t, t)),
    "a job of the network": lambda t: shown(bar_html(SimpleNamespace(note=t, fraction=0.5))),
    "the verdict on small worlds": lambda t: shown(verdict_html(t, t)),
    "the graph, not measured": lambda t: shown(graph_html(t, None)),
    "the graph": graph,
    "what the chip changed": report_of_chip,
    "the head of the co-design": codesign_head,
    "the controls of the co-design": controls,
    "a job of the co-design": lambda t: shown(progress_html(0.5, t)),
    "a file of measured data": own_file,
    "a run against measured data": own_scores,
    "the report of a run": run_page,
}


@pytest.mark.parametrize("place", PLACES)
def test_a_text_stays_text(place):
    show = PLACES[place]
    plain, typed = Seen(show(PLAIN)).parts, Seen(show(TYPED)).parts
    assert (plain[0][0] == "start") is (place != "a plain text in a pane")
    named = [tuple(piece.replace(PLAIN, TYPED) for piece in part) for part in plain]
    assert any(TYPED in piece for part in typed for piece in part)
    assert [p for p in typed if p not in named] == []
    assert typed == named
