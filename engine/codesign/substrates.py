"""One scenario on two substrates: the teacher has digital regions where the student has analog."""

from __future__ import annotations

from engine.brain.connectome import Connectome
from engine.errors import ParameterError
from engine.scenario.scenario import Scenario

__all__ = ["analog_labels", "nudged", "shortened", "student_of", "teacher_of", "with_noise"]

NUDGE_PA = 100.0
SHORT_MS = 3000.0


def shortened(scenario: Scenario) -> Scenario:
    """At most 3 s long, or a second after the transient: enough to compare runs many times."""
    most = max(SHORT_MS, scenario.transient + 1000.0)
    return scenario.with_values({"duration": min(scenario.duration, float(round(most)))})


def analog_labels(scenario: Scenario, connectome: Connectome) -> tuple[str, ...]:
    """Regions that run on the analog chip.

    Raises
    ------
    ParameterError
        There is none: nothing could be compared.
    """
    backends = scenario.backend_of(connectome.labels)
    labels = tuple(label for label, b in zip(connectome.labels, backends, strict=True) if b == "analog")
    if not labels:
        raise ParameterError(
            "regions.analog: must name at least one region to hold the analog student against "
            "its digital teacher (got none). Put a region on analog, for instance "
            "--set 'regions.analog=[\"L.HI\"]'."
        )
    return labels


def teacher_of(scenario: Scenario, connectome: Connectome) -> Scenario:
    """The same scenario with every analog region digital."""
    backends = scenario.backend_of(connectome.labels)
    digital = tuple("digital" if b == "analog" else b for b in backends)
    return scenario.with_backends(connectome.labels, digital)


def student_of(scenario: Scenario, chip_seed: int | None = None, mode: str | None = None) -> Scenario:
    """The scenario on another chip or in another mode."""
    values: dict[str, object] = {}
    if chip_seed is not None:
        values["analog.chip_seed"] = chip_seed
    if mode is not None:
        values["analog.mode"] = mode
    return scenario.with_values(values)


def with_noise(scenario: Scenario, seed: int) -> Scenario:
    """The same network and stimuli under other noise.

    The connectivity keeps its seed; background, initial state and Poisson stimuli follow `seed`.
    """
    return scenario.with_values({"seed": seed, "network.wiring_seed": scenario.wiring_seed})


def nudged(scenario: Scenario, label: str) -> Scenario:
    """The same scenario with 100 pA for 1 ms more into one region, when the transient is over.

    It moves a membrane of 500 pF by 0.2 mV, a hundredth of the way from rest to threshold: how far
    runs under the same noise part by chaos alone.
    """
    start = float(int(min(scenario.transient, scenario.duration / 2)))
    stimuli = [s.model_dump(mode="json") for s in scenario.stimulus]
    nudge = {
        "kind": "current",
        "region": label,
        "population": "all",
        "amplitude": NUDGE_PA,
        "start": start,
        "stop": start + 1.0,
    }
    return scenario.with_values({"stimulus": [*stimuli, nudge]})
