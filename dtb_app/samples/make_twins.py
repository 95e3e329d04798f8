"""Make the shipped scorecards of twins: ``python -m dtb_app.samples.make_twins [PRESET[:PART]]``.

With a part, that one alone is made anew and put into the scorecard that is there; parts do not hang on each
other. Every preset of a twin over its own number of patients, or over more where they decide what is
claimed, with a seed that nothing was chosen on; about twenty minutes on two cores. With the same engine and
libraries the numbers are the same, but for the times that they took.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import sample_data
from dtb_app.commands.progress import on_stderr
from dtb_app.samples.checksums import write_checksums
from engine.twin.trial import TWINS, read_scorecard, run_trial, write_scorecard

__all__ = ["SEED", "main"]

SEED = 2
"""None that anything of a trial was chosen on."""


def main() -> None:
    """Try and write those that are named, or all."""
    for asked in sys.argv[1:] or TWINS.names:
        name, _, part = asked.partition(":")
        place = sample_data.path(f"twin.{name}")
        parts = (part,) if part else None
        card = run_trial(name, seed=SEED, parts=parts, workers=os.cpu_count() or 1, progress=on_stderr())
        if part:
            card = _joined(read_scorecard(place), card, part)
        write_scorecard(place, card)
    write_checksums(Path(sample_data.__file__).with_name("README.md"))


def _joined(before: dict[str, Any], card: dict[str, Any], part: str) -> dict[str, Any]:
    """The scorecard that was there with one part of a new one.

    Raises
    ------
    SystemExit
        They are of other seeds, patients or versions.
    """
    for key in ("preset", "seed", "patients", "versions"):
        if before[key] != card[key]:
            raise SystemExit(f"make_twins: {key} differs ({before[key]}, {card[key]}). Make all parts anew.")
    both = {**before, part: card[part]}
    order = TWINS[card["preset"]].parts
    wall_s = round(before["wall_s"] + card["wall_s"], 1)
    return {
        **{key: both[key] for key in ("preset", "seed", "patients", "use")},
        **{name: both[name] for name in order if name in both},
        "versions": card["versions"],
        "wall_s": wall_s,
    }


if __name__ == "__main__":
    main()
