"""Make the shipped tuning of dk84: ``python -m dtb_app.samples.make_tuning``.

The brain of the preset `resting-twin`, all of it digital, is tuned to the measured functional
connectivity of dk84 over 40 minutes of biology; with the same engine and libraries the numbers are the
same. The preset runs it with other noise, and its hippocampi on the analog chip.
"""

from __future__ import annotations

from pathlib import Path

import sample_data
from dtb_app.commands.progress import on_stderr
from dtb_app.samples.checksums import write_checksums
from engine.brain.connectome import load_connectome
from engine.scenario.scenario import Scenario
from engine.scenario.tuning_file import write_tuning
from engine.tuning import FCTuner

__all__ = ["MINUTES", "SEED", "main"]

SEED = 1
MINUTES = 40.0
_PRESET = Path(sample_data.__file__).parent / "presets" / "resting-twin.toml"


def main() -> None:
    """Tune and write."""
    values = {"network.tuning": "", "regions.analog": [], "seed": SEED}
    scenario = Scenario.from_file(_PRESET).with_values(values)
    tuner = FCTuner(scenario, load_connectome(scenario.connectome))
    progress = on_stderr()
    while tuner.minutes < MINUTES:
        step = tuner.advance()
        progress(min(1.0, step.minutes / MINUTES), f"r {step.r:.2f}, {step.mean_hz:.1f} Hz")
    path = sample_data.path("tuning.dk84-rest")
    write_tuning(path, tuner.tuning(path.stem))
    write_checksums(Path(sample_data.__file__).with_name("README.md"))


if __name__ == "__main__":
    main()
