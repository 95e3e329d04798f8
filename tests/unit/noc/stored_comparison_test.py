"""A stored comparison: it reads as it was written, refuses what is broken, and is still true."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from dtb_app.samples.make_small_world import COMMAND, N_SEEDS, PRESET
from engine import load_connectome, preset
from engine.errors import DataError
from engine.noc.studies.comparison import judge
from engine.noc.studies.small_world import brain_traffic, run_of_seed
from engine.noc.studies.stored import read_comparison, write_comparison
from sample_data import path


@pytest.fixture(scope="module")
def stored():
    return read_comparison(path("small_world"))


@pytest.fixture
def data():
    return json.loads(path("small_world").read_text(encoding="utf-8"))


def refused(data, tmp_path):
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(data))
    with pytest.raises(DataError, match=r"^broken\.json: ") as caught:
        read_comparison(file)
    return str(caught.value)


def test_it_reads_as_it_was_written_full_links_included(stored, tmp_path):
    first = stored.comparison.outcomes[0]
    full = replace(first, latency=(first.latency[0], *[math.nan] * (len(first.latency) - 1)))
    outcomes = (full, *stored.comparison.outcomes[1:])
    mine = replace(stored, comparison=replace(stored.comparison, outcomes=outcomes))
    write_comparison(tmp_path / "a.json", mine)
    again = read_comparison(tmp_path / "a.json")
    assert "NaN" not in (tmp_path / "a.json").read_text()
    assert np.isnan(again.comparison.outcomes[0].latency[1:]).all()
    assert repr(again) == repr(mine)  # NaN is not equal to itself, but reads the same
    write_comparison(tmp_path / "b.json", again)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (
            ("comparison", "outcomes", 3, "saturation"),
            "5",
            "comparison.outcomes.3.saturation: must be a number (got '5')",
        ),
        (("comparison", "outcomes", 3, "saturation"), None, "saturation: must be a number (got None)"),
        (("comparison", "outcomes", 3, "mean_hops"), -1.0, "mean_hops: must be greater than 0 (got -1.0)"),
        (("comparison", "outcomes", 3, "width"), True, "width: must be a number (got true)"),
        (
            ("comparison", "outcomes", 3, "latency"),
            [1.0],
            "outcomes.3.latency must be one a load (got 1 of 4)",
        ),
        (("comparison", "outcomes", 3, "latency", 0), "full", "latency.0: must be a number (got 'full')"),
        (("comparison", "outcomes", 3, "seed"), 1.0, "outcomes.3.seed: must be a whole number (got 1.0)"),
        (("comparison", "outcomes", 3, "seed"), 2, "every topology under every brain"),
        (("comparison", "outcomes", 3, "topology"), "ring", "every topology under every brain"),
        (
            ("comparison", "outcomes", 3, "brain"),
            "",
            "outcomes.3.brain: must have at least 1 characters (got '')",
        ),
        (("comparison", "outcomes", 3), 7, "comparison.outcomes.3: must be a table (got 7)"),
        (("comparison", "outcomes"), [], "every topology under every brain"),
        (("comparison", "outcomes"), {}, "comparison.outcomes: must be a list (got {})"),
        (("comparison", "loads"), [0.5, 0.5, 0.6, 0.7], "must rise"),
        (("comparison", "loads", 3), 1.5, "comparison.loads.3: must be less than 1 (got 1.5)"),
        (("comparison",), [], "comparison: must be a table (got [])"),
        (("seeds",), [1, 2], "must be 3 different whole numbers"),
        (("seeds", 0), True, "seeds.0: must be a whole number (got true)"),
        (("spike_hashes", 0), "abc", "spike_hashes.0: must match ^[0-9a-f]{64}$ (got 'abc')"),
        (("spike_hashes",), [], "must be one a seed"),
        (("scenario_digest",), 5, "scenario_digest: must be text (got 5)"),
        (("versions", "numpy"), 2, "versions.numpy: must be text (got 2)"),
        (("title",), None, "title: must be text (got None)"),
    ],
)
def test_what_is_broken_is_refused_by_its_name(data, tmp_path, place, value, said):
    part = data
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    assert said in refused(data, tmp_path)


def test_missing_and_unknown_names_are_refused(data, tmp_path):
    for change, said in (
        (lambda d: d.pop("seeds"), "seeds: must be given"),
        (lambda d: d.update(more=1), "more: must be left out, since there is no such part (got 1)"),
    ):
        broken = copy.deepcopy(data)
        change(broken)
        assert said in refused(broken, tmp_path)
    del data["comparison"]["outcomes"][0]["energy_pj"]
    assert "comparison.outcomes.0.energy_pj: must be given" in refused(data, tmp_path)


@pytest.mark.parametrize("text", ["", "NaN", '{"title": NaN}', "[" * 100_000, "\x80", "[]"])
def test_what_is_no_json_is_refused(tmp_path, text):
    file = tmp_path / "broken.json"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(DataError, match=r"^broken\.json: "):
        read_comparison(file)
    with pytest.raises(DataError, match="cannot be read"):
        read_comparison(tmp_path / "none.json")


@pytest.mark.slow
def test_the_shipped_file_is_of_this_engine(stored):
    scenario = preset(PRESET)
    assert stored.command == COMMAND
    assert stored.title == scenario.title
    assert stored.scenario_digest == scenario.digest()
    assert stored.seeds == tuple(range(scenario.seed, scenario.seed + N_SEEDS))
    run = run_of_seed(scenario, stored.seeds[0], stored.duration_ms)
    recording, brain = brain_traffic(run, load_connectome(scenario.connectome))
    assert recording.spike_hash == stored.spike_hashes[0]
    for kind in ("mesh", "torus"):
        again = judge(brain, kind, scenario.noc.size, 1)
        kept = next(
            o for o in stored.comparison.outcomes if (o.seed, o.brain, o.topology) == (1, "brain", kind)
        )
        assert (again.mean_hops, again.saturation) == (kept.mean_hops, kept.saturation)
