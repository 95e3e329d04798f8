"""Make the recordings of a grasshopper's auditory receptor from the wheel of nitime.

    python -m dtb_app.samples.make_grasshopper [path of the nitime 0.12.1 wheel]

Downloads the wheel when no path is given. Spike times are kept as they are; of the stimulus the
times, which are even, are left out, and amplitudes are kept in half precision: 11 binary digits,
a relative loss of at most 0.05 %, or 0.005 dB. Deterministic. Ends by writing the checksums into
`README.md`.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

import sample_data
from dtb_app.samples.checksums import write_checksums
from engine.recorded.shipped import INTERVAL_US, RECORDINGS
from engine.whole_files import write_file

__all__ = ["main"]

_WHEEL = "nitime==0.12.1"
_FOLDER = "nitime/data/grasshopper_"


def _wheel(given: list[str]) -> Path:
    if given:
        return Path(given[0])
    folder = tempfile.mkdtemp()
    subprocess.run([sys.executable, "-m", "pip", "download", _WHEEL, "--no-deps", "-d", folder], check=True)
    return next(Path(folder).glob("nitime-*.whl"))


def main() -> None:
    """Make the files anew."""
    with zipfile.ZipFile(_wheel(sys.argv[1:])) as wheel:
        for number, name in enumerate(RECORDINGS, start=1):
            text = wheel.read(f"{_FOLDER}spike_times{number}.txt").decode("ascii")
            lines = [line.strip() for line in text.splitlines()]
            times = [line for line in lines if line and not line.startswith("#")]
            rows = "".join(f"{time},receptor\n" for time in times)
            write_file(sample_data.path(f"{name}.spikes"), f"time_us,unit\n{rows}")
            table = np.loadtxt(io.BytesIO(wheel.read(f"{_FOLDER}stimulus{number}.txt")))
            if set(np.diff(table[:, 0])) != {INTERVAL_US}:
                raise SystemExit(f"stimulus{number}: is not sampled every {INTERVAL_US} us.")
            out = io.BytesIO()
            np.lib.format.write_array(out, table[:, 1:].astype("<f2"))
            write_file(sample_data.path(f"{name}.stimulus"), out.getvalue())
    write_checksums(Path(sample_data.__file__).parent / "README.md")


if __name__ == "__main__":
    main()
