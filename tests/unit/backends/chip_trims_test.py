"""Trims: a scenario's codes reach the circuits they are of, and everything else is counted."""

from __future__ import annotations

import numpy as np
import pytest

from engine import Simulation, load_connectome
from engine.errors import ParameterError
from engine.kernels.block import WIDTH
from engine.kernels.circuit import CIRCUIT_ROWS, V_THRESH
from engine.scenario.scenario import Scenario, scenario_problems

N = 60


def chip_of(**values):
    scenario = Scenario().with_values(
        {
            "duration": 200.0,
            "transient": 0.0,
            "network.neurons_per_region": N,
            "network.in_degree": 20,
            "network.parameters.ou_mean": 500.0,
            "regions": {"default": "off", "analog": ["L.HI"], "digital": ["R.HI"]},
            **{k.replace("__", "."): v for k, v in values.items()},
        }
    )
    return Simulation(scenario, load_connectome("dk84"))


def trim(codes, chip=7, region="L.HI"):
    return {"region": region, "chip_seed": chip, "threshold": list(codes)}


def thresholds(simulation):
    chip = next(b for b in simulation.backends if b.name == "analog")
    blocks = chip.state()["state"].reshape(-1, CIRCUIT_ROWS, WIDTH)
    return blocks[:, V_THRESH].ravel()[:N].astype(float), chip


def test_a_code_moves_its_own_threshold_by_one_step_and_no_other():
    codes = [0] * N
    codes[5], codes[9] = 10, -3
    plain, _ = thresholds(chip_of())
    moved, chip = thresholds(chip_of(trim=[trim(codes)]))
    step = 1.6 / 4.5e-3 * 20.0 / 45.0 / 1022
    assert moved - plain == pytest.approx(step * np.array(codes), abs=1e-4)
    assert chip.report()["snaps"]["circuits_trimmed"] == 2
    assert chip.report()["snaps"]["trims_clipped"] == 0


def test_trims_of_another_chip_are_left_off_and_counted():
    run, plain = chip_of(trim=[trim([40] * N, chip=8)]), chip_of()
    assert np.array_equal(thresholds(run)[0], thresholds(plain)[0])
    snaps = thresholds(run)[1].report()["snaps"]
    assert (snaps["circuits_trimmed"], snaps["trims_of_other_chips"]) == (0, N)
    assert run.run().spike_hash == plain.run().spike_hash


def test_a_trim_beyond_the_codes_is_cut_and_counted():
    high = {"network__parameters__v_thresh": -10.0, "network__parameters__v_rest": -70.0}
    simulation = chip_of(analog__mode="ideal", trim=[trim([127] * N)], **high)
    chip = thresholds(simulation)[1]
    assert chip.report()["snaps"]["trims_clipped"] == 0
    chip.trims.codes[:] = 2000
    assert np.all(chip.trims.threshold_mv(simulation.scenario, "lif") > 0)
    assert chip.trims.counts["trims_clipped"] == N


def test_trims_of_a_digital_region_wait_for_it_and_of_another_size_are_refused():
    chip_of(trim=[trim([1] * N, region="R.HI")]).run()
    with pytest.raises(ParameterError, match=r"trim.0.threshold: must hold a code for each of the"):
        chip_of(trim=[trim([1] * 7)])


def test_trims_are_checked_written_and_read_again():
    scenario = Scenario().with_values({"trim": [trim([1, -2, 0])]})
    assert Scenario.from_toml(scenario.to_toml()) == scenario
    assert Scenario.from_query(scenario.to_query()) == scenario
    assert Scenario().with_values({"trim": []}).digest() == Scenario().digest()
    assert scenario.digest() != Scenario().digest()
    said = scenario_problems('[[trim]]\nregion = "L.HI"\nthreshold = [1, 200]\n')
    assert len(said) == 1
    assert said[0].startswith("scenario: trim.0.threshold.1: must be at most 127")
    unknown = Scenario().with_values({"trim": [trim([1], region="L.HY")]})
    with pytest.raises(ParameterError, match=r"trim.0.region: must be a label"):
        unknown.backend_of(("L.HI", "R.HI"))
