"""When a resting run may go on as another scenario."""

from __future__ import annotations

import pytest

from dtb_app.session.branching import branches
from engine import Scenario

PULSE = {"region": "L.TH", "amplitude": 60.0, "start": 0.0, "stop": 100.0}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, False),
        ({"title": "Another"}, False),
        ({"network.coupling": 1.4}, False),
        ({"network.coupling": 1.4, "lesion": [{"region": "L.TH"}]}, True),
        ({"lesion": [{"region": "L.TH"}]}, True),
        ({"stimulus": [{**PULSE, "amplitude": 90.0}]}, False),
        ({"stimulus": [{**PULSE, "stop": 200.0}]}, True),
        ({"stimulus": [PULSE, PULSE]}, True),
        ({"network.parameters.g_ampa": 2.5}, True),
        ({"duration": 9000.0}, True),
        ({"noc.size": [4, 4]}, True),
        ({"regions.analog": ["L.HI"]}, False),
        ({"lesion": [{"region": "L.TH"}], "regions.analog": ["L.HI"]}, False),
        ({"network.neurons_per_region": 300}, False),
        ({"network.delays": "tract"}, False),
        ({"dt": 0.05}, False),
        ({"seed": 2}, False),
    ],
)
def test_branches(values, expected):
    running = Scenario().with_values({"stimulus": [PULSE]})
    assert branches(running, running.with_values(values)) is expected
