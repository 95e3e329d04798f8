"""``dtb export`` and the page's own files: what others read of a run."""

from __future__ import annotations

import csv
import json
import re
import shutil
from html.parser import HTMLParser

import h5py
import numpy as np
import pytest

from dtb_app.cli import main
from dtb_app.session.files import file_to_save
from dtb_app.session.session import Session
from engine import DataError, Simulation, preset
from engine.export.run_folder import RunFolder
from engine.fit import METRICS
from engine.fit.forward.signals import groups

SMALL = ["--set", "network.neurons_per_region=40", "--set", "network.in_degree=20"]


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "run"
    assert main(["run", "two-regions", "--duration", "300", *SMALL, "--out", str(folder)]) == 0
    return folder


def exported(run_folder, to: str, out, capsys) -> dict:
    capsys.readouterr()
    assert main(["export", str(run_folder), "--to", to, "--out", str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["target"], said["out"]) == (to, str(out))
    assert out.exists()
    return said


def test_sonata_and_csv_hold_every_spike(run_folder, tmp_path, capsys):
    n = json.loads((run_folder / "run.json").read_text())["n_spikes"]
    assert n > 0
    assert exported(run_folder, "sonata", tmp_path / "spikes.h5", capsys)["spikes"] == n
    with h5py.File(tmp_path / "spikes.h5") as file:
        group = file["spikes/dtb"]
        times, ids = group["timestamps"][:], group["node_ids"][:]
        assert group["timestamps"].attrs["units"] == "ms"
        assert h5py.check_enum_dtype(group.attrs.get_id("sorting").dtype)["by_time"] == 2
    assert exported(run_folder, "csv", tmp_path / "spikes.csv", capsys)["spikes"] == n
    with (tmp_path / "spikes.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert np.allclose([float(r["time_ms"]) for r in rows], times)
    assert [int(r["neuron"]) for r in rows] == ids.tolist()
    assert {r["region"] for r in rows} == {"L.TH", "L.HI"}
    assert {r["population"] for r in rows} == {"E", "I"}


@pytest.fixture(scope="module")
def longer_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("longer") / "run"
    scenario = preset("two-regions").with_values(
        {"duration": 2600.0, "network.neurons_per_region": 40, "network.in_degree": 20}
    )
    recording = Simulation(scenario).run()
    recording.write(folder)
    return folder, recording


def test_a_folder_has_the_counts_of_its_run(longer_run):
    folder, recording = longer_run
    assert recording.counts.sum() > 100
    assert np.array_equal(RunFolder.read(folder).counts(), recording.counts)


@pytest.mark.parametrize(("group", "n"), [("bold", 3), ("calcium", 78), ("lfp", 2600), ("bands", 2)])
def test_signals_are_those_of_the_recording(group, n, longer_run, tmp_path, capsys):
    folder, recording = longer_run
    said = exported(folder, group, tmp_path / "x.csv", capsys)
    assert (said["samples"], said["regions"]) == (n, 2)
    lines = (tmp_path / "x.csv").read_text(encoding="utf-8").splitlines()
    comments = [line for line in lines if line.startswith("#")]
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    for signal in groups()[group]:
        assert any(f"# {signal.name} [{signal.unit}]: " in c and "Source: " in c for c in comments)
        series = recording.signal(signal.name)
        mine = [row for row in rows if row["signal"] == signal.name]
        assert [float(row["time_ms"]) for row in mine] == series.times.tolist()
        values = [[float(row[label]) for label in recording.network.labels] for row in mine]
        np.testing.assert_allclose(values, series.values, rtol=1e-5)
    if group == "bold":
        assert said["remarks"] == ["BOLD takes 20 s to settle; a run of 2.6 s has hardly begun it."]
        assert f"# {said['remarks'][0]}" in comments


class Page(HTMLParser):
    """Tags and text of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.tags, self.open, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


LOADS = ("src", "srcset", "poster", "background", "xlink:href", "action", "formaction", "ping")


def test_the_report_needs_nothing_else_and_escapes_what_it_is_given(run_folder, tmp_path, capsys):
    folder = tmp_path / "named"
    folder.mkdir()
    run = json.loads((run_folder / "run.json").read_text())
    run["scenario"]["title"] = "<script>alert(1)</script>"
    (folder / "run.json").write_text(json.dumps(run))
    shutil.copy(run_folder / "spikes.h5", folder)
    assert exported(folder, "report", tmp_path / "report.html", capsys)["measures"] == len(METRICS.names)
    text = (tmp_path / "report.html").read_text()
    page = Page(text)
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "image", "iframe", "object", "embed", "use", "base", "form"}
    assert not any(key in attributes for _, attributes in page.tags for key in LOADS)
    links = [a["href"] for tag, a in page.tags if tag == "a"]
    assert all(link.startswith(("#", "https://doi.org/10.")) for link in links)
    assert "https://doi.org/10.1038/s41467-023-38626-y" in links
    places = {a["id"] for _, a in page.tags if "id" in a}
    assert {link[1:] for link in links if link[0] == "#"} == places
    assert re.findall(r"@import|url\(|expression\(", text) == []
    assert re.findall(r"\son[a-z]+=", text) == []
    policy = next(a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    for text in ("<script>alert(1)</script>", "L.HI", f"{run['n_spikes']:,}", "estimates"):
        assert text in page.text


def test_every_metric_stands_in_the_report_with_what_it_rests_on(longer_run, tmp_path, capsys):
    folder, recording = longer_run
    exported(folder, "report", tmp_path / "report.html", capsys)
    page = Page((tmp_path / "report.html").read_text())
    scores = recording.scores()
    for metric in METRICS:
        score = scores[metric.name]
        assert metric.label in page.text
        assert metric.source in page.text
        assert score.sentence in page.text
        if score.value is not None:
            assert f"{score.n:,} {score.n_unit}" in page.text
            for mark, label in ((score.baseline, score.baseline_label), (score.ceiling, score.ceiling_label)):
                assert mark is None or label in page.text
    for text in (
        recording.spike_hash,
        recording.scenario.digest(),
        recording.connectome.checksum,
        recording.connectome.licence,
        "1U54MH091657",
        f"python {recording.versions['python']}",
        "weights rounded to a level",
        "max rows per circuit",
        recording.chip_estimates()["sentences"][2],
        f"{recording.missing_inputs['population_used_up']:,}",
    ):
        assert text in page.text
    n = sum(tag == "figure" for tag, _ in page.tags)
    assert n == 4  # 1.6 s are too short for a spectrum, two regions too few for connectivity


def test_a_report_of_a_run_before_a_metric_judges_it_from_the_spikes(longer_run, tmp_path, capsys):
    folder, recording = longer_run
    older = tmp_path / "older"
    shutil.copytree(folder, older)
    run = json.loads((folder / "run.json").read_text())
    del run["fit"]["calcium_events"]
    (older / "run.json").write_text(json.dumps(run))
    exported(older, "report", tmp_path / "a.html", capsys)
    sentence = recording.scores()["calcium_events"].sentence
    assert sentence in Page((tmp_path / "a.html").read_text()).text
    (older / "spikes.h5").unlink()
    said = exported(older, "report", tmp_path / "b.html", capsys)
    assert said["remarks"] == ["The folder has no spikes.h5, so the report has no pictures."]
    page = Page((tmp_path / "b.html").read_text())
    assert "It was not judged when this run was written" in page.text
    assert not any(tag == "figure" for tag, _ in page.tags)


def test_evidence_of_a_folder_is_that_of_its_recording(longer_run):
    folder, recording = longer_run
    found = RunFolder.read(folder).evidence()
    for metric in METRICS:
        assert metric.judge(found) == metric.judge(recording.evidence()), metric.name


def test_pynn_takes_a_run_or_a_scenario(run_folder, tmp_path, capsys):
    said = exported(run_folder, "pynn", tmp_path / "a.py", capsys)
    assert said["neurons"] == 40
    assert said["not_carried"]
    assert all(loss["count"] > 0 for loss in said["not_carried"])
    chosen = tmp_path / "same.toml"
    chosen.write_text(
        'title = "First lesson: thalamus and hippocampus"\nduration = 300.0\n[regions]\n'
        'default = "off"\ndigital = ["L.TH"]\nanalog = ["L.HI"]\n[noc]\nsize = [2, 1]\n'
        "[network]\nneurons_per_region = 40\nin_degree = 20\n"
    )
    exported(chosen, "pynn", tmp_path / "b.py", capsys)
    assert (tmp_path / "a.py").read_text() == (tmp_path / "b.py").read_text()


def test_refusals_are_one_sentence(run_folder, tmp_path, capsys):
    no_run, broken, other = tmp_path / "empty", tmp_path / "broken", tmp_path / "other"
    for folder in (no_run, broken, other):
        folder.mkdir()
    (broken / "run.json").write_text("{")
    (other / "run.json").write_text((run_folder / "run.json").read_text())
    n = json.loads((run_folder / "run.json").read_text())["n_spikes"]
    with h5py.File(other / "spikes.h5", "w") as file:
        file.create_dataset("spikes/dtb/timestamps", data=np.full(n, 0.1))
        file.create_dataset("spikes/dtb/node_ids", data=np.ones(n, np.uint64))
    for folder, to, sentence in (
        (
            run_folder,
            "nwb",
            "must be one of bands, bold, calcium, csv, lfp, nest, pynn, report, sonata (got 'nwb')",
        ),
        (no_run, "csv", "must be a folder with a run.json"),
        (broken, "report", "must be JSON"),
        (other, "sonata", "must be the spikes of run.json"),
        (tmp_path / "nowhere", "csv", "must be a file or a preset"),
    ):
        capsys.readouterr()
        assert main(["export", str(folder), "--to", to, "--out", str(tmp_path / "never")]) == 2
        said = capsys.readouterr()
        assert sentence in said.err
        assert said.out == ""
        assert said.err.count("\n") == 1
        assert not (tmp_path / "never").exists()


def test_the_page_saves_a_script_and_a_report():
    scenario = preset("two-regions").with_values(
        {"duration": 100.0, "network.neurons_per_region": 40, "network.in_degree": 20}
    )
    recording = Simulation(scenario).run()
    session = Session()
    file = file_to_save(session, recording, "pynn")
    assert file["name"] == "brainscales2.py"
    compile(file["text"], file["name"], "exec")
    report = file_to_save(session, recording, "report")["text"]
    assert report.startswith("<!doctype html>")
    assert "<figure" in report
    with pytest.raises(DataError, match="no finished run"):
        file_to_save(session, None, "pynn")
