"""Long runs whose numbers are kept in a file, and how it is seen that the present engine still makes them.

A gate over many seeds asks what each run came to, and equal scenarios give equal spikes. So the numbers stand
beside the tests, with a digest of the spikes in the first moments of each run. Runs are begun anew and
must have those spikes; an engine that has changed in anything they depend on has others. Then

    KEEP_RUNS=1 python -m pytest <the test>

makes all runs again from beginning to end and writes the file, and the gates judge what is in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from engine import Recording
from engine.run.spike_log import spike_hash

__all__ = ["KeptRuns"]


@dataclass(frozen=True)
class KeptRuns:
    """Runs by name, and where their numbers are kept.

    Attributes
    ----------
    file : Path
    names : tuple of str
    run : callable
        A name and a duration [ms] in, a recording out.
    numbers : callable
        A recording in, plain values out.
    duration_ms, begin_ms : float
        Of a whole run, and of what is begun anew.
    """

    file: Path
    names: tuple[str, ...]
    run: Callable[[str, float], Recording]
    numbers: Callable[[Recording], Any]
    duration_ms: float
    begin_ms: float

    @cached_property
    def _kept(self) -> dict[str, dict[str, Any]]:
        if os.environ.get("KEEP_RUNS"):
            rows = [f"{json.dumps(name)}: {json.dumps(self._made(name))}" for name in self.names]
            self.file.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
        kept = json.loads(self.file.read_text(encoding="utf-8"))
        assert tuple(kept) == self.names, "other runs than are asked for: make them with KEEP_RUNS=1"
        return kept

    def _made(self, name: str) -> dict[str, Any]:
        whole = self.run(name, self.duration_ms)
        return {"begins": self._beginning(whole), "spikes": whole.spike_hash, "numbers": self.numbers(whole)}

    def _beginning(self, recording: Recording) -> str:
        """Digest of the first spikes."""
        first = recording.spike_steps < round(self.begin_ms * recording.scenario.n_sub)
        assert first.sum() > 100
        return spike_hash(recording.spike_steps[first], recording.spike_ids[first])

    def __getitem__(self, name: str) -> Any:
        """The numbers of a run."""
        return self._kept[name]["numbers"]

    def begins_as_kept(self, name: str) -> bool:
        """Whether the present engine begins a run with the spikes it had when its numbers were kept."""
        return self._beginning(self.run(name, self.begin_ms)) == self._kept[name]["begins"]
