"""The planner: counts by hand, what is refused, and what is said."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dtb_app.cli import main
from engine.errors import ParameterError
from engine.scale import PARTS, PUBLISHED, make_plan, peers_of, plan_request, published_points, remedies
from engine.scale.coefficients import Coefficient, draw_values
from engine.scale.cost import cost_of
from engine.scale.machine import Machine, measure_here
from engine.scale.published import calibrate, published_load


@pytest.fixture(scope="module")
def plan():
    return make_plan(plan_request())


def test_peers_are_those_of_the_two_level_grid():
    peers = peers_of(14_012, 4)
    assert (peers.p2p, peers.two_level) == (14_011, 3_505)
    assert peers_of(2000, 4).two_level == 502
    best = peers_of(2000, 4)
    assert best.best_two_level == 88  # the least whole number above 2 sqrt(2000) - 2 = 87.44
    assert best.bound == pytest.approx(2 * np.sqrt(2000) - 2)
    assert (peers_of(1, 4).p2p, peers_of(1, 4).two_level, peers_of(1, 4).best_two_level) == (0, 0, 0)
    assert peers_of(10, 4).two_level == 2 + 3  # three nodes, the last one not full


@pytest.mark.parametrize("n", [1, 2, 3, 10, 97, 1000, 14_012])
def test_the_best_node_is_the_best_of_all(n):
    every = min(-(-n // g) + g - 2 for g in range(1, n + 1))
    assert peers_of(n, 4).best_two_level == every


def test_memory_is_bytes_times_counts(plan):
    synapses = 86e9 / 14_012 * 556 * 6.125 / 1e9
    neurons = 86e9 / 14_012 * (130 + 48) / 1e9
    assert plan.memory_known_gb == pytest.approx(synapses + neurons)
    assert synapses == pytest.approx(20.9, abs=0.01)  # 293 TB over 14,012 devices
    assert plan.memory_tables_gb > plan.memory_known_gb


def test_parts_are_costs_by_hand(plan):
    parts, load = plan.parts, plan.load
    assert parts["step"] == pytest.approx(14.4)
    assert parts["neurons"] == pytest.approx(
        86e9 / 14_012 * 10 * 1000 * (25.7 - 14.4) / 12.5e6 / 10 * 1e-3 * 1.1
    )
    assert load.messages == 3_505_000
    assert sum(parts.values()) == pytest.approx(plan.slowdown)
    assert set(parts) == set(PARTS)
    assert parts["own"] == 0  # hidden behind the messages


def test_only_what_is_not_hidden_counts():
    load = published_load(7.0)
    values = {c.name: c.value for c in PUBLISHED.coefficients}
    values |= {"update_ns": 0.0, "step_overhead_ms": 0.0, "entry_ns": 0.0, "message_us": 0.0}
    values |= {"event_ns": 1000.0, "link_gbit_s": 1e12, "node_gb_s": 1e12}
    cost = cost_of(load, values)
    events = 86e9 / 14_012 * 556 * 7 * 1e-6 * 1.1
    assert float(cost.slowdown) == pytest.approx(events, rel=1e-6)
    assert float(cost.compute) == pytest.approx(events, rel=1e-6)


def test_the_mission_does_not_fit_into_64_gb():
    plan = make_plan(plan_request(synapses_per_neuron=1744))
    assert 65 < plan.memory_known_gb < 68
    assert [plan.fits(s) for s in (16, 32, 64)] == ["no", "no", "no"]
    (said,) = plan.warnings()
    assert "use at least 58,373 devices" in said
    again = make_plan(plan_request(synapses_per_neuron=1744, devices=58_373))
    assert again.fits(16) != "no"


def test_draws_keep_to_their_range_and_their_seed():
    rows = (Coefficient("a", 3.0, "", "", "", "assumed", 1.0, 4.0),)
    draws = draw_values(rows, 4000, 1)["a"]
    assert draws[0] == 3.0
    assert draws[1:].min() >= 1.0
    assert draws[1:].max() <= 4.0
    assert draws[1:].mean() == pytest.approx((1 + 3 + 4) / 3, abs=0.05)
    assert np.array_equal(draws, draw_values(rows, 4000, 1)["a"])


@pytest.mark.parametrize("bad", [(2.0, 1.0, 3.0), (0.0, 1.0, 0.5), (-1.0, 0.0, 1.0)])
def test_a_coefficient_lies_in_its_range(bad):
    low, value, high = bad
    with pytest.raises(ParameterError, match="must be finite"):
        Coefficient("x", value, "", "", "", "assumed", low, high)


def test_a_wish_does_not_move_the_calibration(plan):
    faster = make_plan(plan_request(), given={"link_gbit_s": 100.0})
    assert faster.parts["messages"] == plan.parts["messages"]
    assert faster.parts["links"] < plan.parts["links"]
    assert next(c for c in faster.coefficients if c.name == "link_gbit_s").source == "given"
    doubled = make_plan(plan_request(), given={"memory_gb_s": 1600.0})
    assert doubled.parts["arrived"] == pytest.approx(plan.parts["arrived"] / 2)
    with pytest.raises(ParameterError, match="Did you mean 'link_gbit_s'"):
        make_plan(plan_request(), given={"link_gbits": 1.0})
    with pytest.raises(ParameterError, match="link_gbit_s: must be above 0"):
        make_plan(plan_request(), given={"link_gbit_s": 0.0})


def test_every_coefficient_has_a_source_and_the_assumed_ones_a_range(plan):
    for c in plan.coefficients:
        assert c.source
        assert c.sentence
        assert c.low <= c.value <= c.high
        if c.standing == "assumed":
            assert c.low < c.high, c.name


def test_real_time_is_solved_or_refused_with_what_holds_it(plan):
    for answer in remedies(plan):
        assert not answer.reaches
        assert answer.best_slowdown > 1
        assert answer.binding in PARTS
    quick = Machine("quick", "", (*PUBLISHED.coefficients,)).with_values({"step_overhead_ms": 0.1})
    asked = plan_request(neurons=10**8, synapses_per_neuron=100, devices=8, rate_hz=5.0)
    given = {"message_us": 0.01, "update_ns": 0.01}
    small = make_plan(asked, quick, given)
    answers = {a.name: a for a in remedies(small)}
    assert small.slowdown > 1
    n = int(answers["devices"].value)
    assert answers["devices"].reaches
    assert make_plan(asked.model_copy(update={"devices": n}), quick, given).slowdown <= 1
    less = asked.model_copy(update={"devices": int(n * 0.99) - 1})
    assert make_plan(less, quick, given).slowdown > 1
    share = answers["analog"].value
    parts = small.parts
    moved = parts["neurons"] + parts["own"] + parts["arrived"]
    assert small.slowdown - share * moved == pytest.approx(1.0)


def test_links_are_solved():
    given = {"message_us": 0.0, "update_ns": 0.0, "step_overhead_ms": 0.1, "event_ns": 0.0, "entry_ns": 0.0}
    plan = make_plan(plan_request(), given=given)
    links = next(a for a in remedies(plan) if a.name == "links")
    assert links.reaches
    fast = {"link_gbit_s": 50 * links.value, "node_gb_s": 16 * links.value}
    assert make_plan(plan_request(), given=given | fast).slowdown == pytest.approx(1.0, rel=1e-6)


def test_published_points_are_printed_beside_trivial_answers(capsys):
    assert main(["plan", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {
        "slowdown",
        "memory_gb_per_device",
        "compute_s_per_s",
        "traffic_mb_per_device_per_s",
        "peers_per_device",
        "energy_kw",
        "coefficients",
        "published",
    } <= set(said)
    assert [(p["rate_hz"], p["slowdown"]) for p in said["published"]] == [
        (7.0, 65.0),
        (15.0, 78.8),
        (30.0, 118.8),
    ]
    assert said["published"][0]["predicted"] == said["slowdown"] == 65.0
    assert said["peers_per_device"]["two_level"] == 3505
    assert {c["name"] for c in said["coefficients"]} >= {"message_us", "event_ns", "link_gbit_s"}
    p2p, two_level = said["routing"]["p2p"], said["routing"]["two_level"]
    assert p2p["relayed_mb"] == 0
    assert two_level["relayed_mb"] == pytest.approx(0.75 * p2p["network_link_mb"])
    assert p2p["messages_per_step"] == 14_011


REFUSED = [
    (["--neurons", "0"], "plan.neurons: must be a whole number from 1"),
    (["--neurons", "10.5"], "plan.neurons: must be a whole number"),
    (["--neurons", "many"], "must be a number (got 'many')"),
    (["--devices", "0"], "plan.devices: must be a whole number from 1"),
    (["--neurons", "100", "--devices", "200", "--synapses-per-neuron", "9"], "Use 100 or fewer"),
    (["--neurons", "100", "--devices", "2"], "must be at most the number of neurons"),
    (["--rate-hz", "nan"], "plan.rate_hz: must be a number from 0 to 1,000"),
    (["--rate-hz", "-3"], "plan.rate_hz: must be"),
    (["--set", "message_us"], "must be NAME=VALUE"),
    (["--set", "nonsense=3"], "unknown name 'nonsense'"),
    (["--routing", "magic"], "invalid choice"),
]


@pytest.mark.parametrize(("arguments", "sentence"), REFUSED, ids=lambda v: str(v)[:40])
def test_what_cannot_be_planned_is_refused_in_one_sentence(arguments, sentence, capsys):
    try:
        code = main(["plan", *arguments])
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr()
    assert code == 2
    assert sentence in said.err
    assert said.out == ""
    assert said.err.count("\n") == 1


def test_a_plan_that_does_not_fit_is_printed_with_a_warning(capsys):
    assert main(["plan", "--synapses-per-neuron", "1744"]) == 0
    said = capsys.readouterr().out
    assert "use at least 58,373 devices" in said
    assert "Traceback" not in said


def test_one_device_is_alone():
    plan = make_plan(plan_request(neurons=20_160, synapses_per_neuron=100, devices=1))
    assert plan.load.sent_mb == 0
    assert plan.load.messages == 0
    assert plan.load.reach.local_share == 1.0
    assert plan.parts["messages"] == plan.parts["links"] == 0


def test_this_computer_is_measured():
    machine = measure_here()
    known = {c.name: c for c in machine.coefficients}
    assert known["update_ns"].standing == known["event_ns"].standing == "measured"
    assert all(known[n].value > 0 for n in ("update_ns", "event_ns"))
    plan = make_plan(plan_request(neurons=20_160, synapses_per_neuron=100, devices=1), machine)
    assert plan.slowdown > 0
    assert not plan.warnings()


def test_the_fit_is_one_number_and_the_held_out_points_do_not_move_it():
    fitted = calibrate()
    assert fitted.coefficient().standing == "calibrated"
    assert published_points()[0].predicted == pytest.approx(65.0)
    assert [p.is_calibrated for p in published_points()] == [True, False, False]
