"""Make the shipped tunings of dk84: ``python -m dtb_app.samples.make_tuning [NAME]``.

`dk84-rest` is the brain of the preset `resting-twin`, all of it digital, tuned to the measured functional
connectivity of dk84; `dk84-left` its left hemisphere alone, smaller and coarser in time, the group brain of
the preset `patient-drift`. With the same engine and libraries the numbers are the same. The presets run
them with other noise, and the first one with its hippocampi on the analog chip.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import sample_data
from dtb_app.commands.progress import on_stderr
from dtb_app.samples.checksums import write_checksums
from engine.brain.connectome import load_connectome
from engine.run.provenance import versions
from engine.scenario.scenario import Scenario
from engine.scenario.tuning_file import write_tuning
from engine.stored_results import write_stored
from engine.tuning import FCTuner, judge
from engine.tuning.controls import linear_baseline, wiring_baseline
from engine.tuning.standing import standing_of
from engine.tuning.stored import stored_fit
from engine.tuning.study import judge_seed, report_of, tuned

__all__ = ["RECIPES", "Recipe", "main"]

_JUDGED_MIN = 10.0


@dataclass(frozen=True)
class Recipe:
    """How a shipped tuning is made.

    Attributes
    ----------
    preset : str
        Whose brain is tuned, without its analog regions.
    seed : int
    minutes : float [min]
        Of biology.
    shown : str
        Sample that keeps how it came about, which the section Fit the twin opens with; none for "".
    """

    preset: str
    seed: int
    minutes: float
    shown: str = ""


RECIPES = {
    "dk84-rest": Recipe("resting-twin", 1, 40.0, "fit"),
    "dk84-left": Recipe("patient-drift", 11, 30.0),
}
"""By the name of the tuning."""


def main() -> None:
    """Tune and write those that are named, or all."""
    for name in sys.argv[1:] or RECIPES:
        _make(name, RECIPES[name])
    write_checksums(Path(sample_data.__file__).with_name("README.md"))


def _make(name: str, recipe: Recipe) -> None:
    """Tune and write one."""
    file = Path(sample_data.__file__).parent / "presets" / f"{recipe.preset}.toml"
    values = {"network.tuning": "", "regions.analog": [], "seed": recipe.seed}
    scenario = Scenario.from_file(file).with_values(values)
    connectome = load_connectome(scenario.connectome)
    tuner = FCTuner(scenario, connectome)
    progress, begun = on_stderr(), time.monotonic()
    while tuner.minutes < recipe.minutes:
        step = tuner.advance()
        progress(min(1.0, step.minutes / recipe.minutes), f"r {step.r:.2f}, {step.mean_hz:.1f} Hz")
    path = sample_data.path(f"tuning.{name}")
    tuning = tuner.tuning(path.stem)
    write_tuning(path, tuning)
    if recipe.shown:
        frozen, seed = tuned(scenario, tuning), judge_seed(recipe.seed)
        found = judge(frozen, connectome, tuner.target, seed=seed, minutes=_JUDGED_MIN, progress=progress)
        index = tuner.brain.network.region_index
        stored = stored_fit(
            standing_of(
                tuner,
                wiring_baseline(connectome, tuner.target, index),
                linear_baseline(connectome, tuner.target, index),
            ),
            title=scenario.title,
            tuning=name,
            connectome=scenario.connectome,
            reached=report_of(tuner, found, [], time.monotonic() - begun),
            command=f"python -m dtb_app.samples.make_tuning {name}",
            versions=versions(),
        )
        write_stored(sample_data.path(recipe.shown), stored)


if __name__ == "__main__":
    main()
