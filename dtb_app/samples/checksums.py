"""The checksums in the table of `README.md`."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from engine.whole_files import write_file
from sample_data import FILES

__all__ = ["write_checksums"]


def write_checksums(readme: Path) -> None:
    """Replace every checksum in the table of `README.md` by that of the file now lying there."""
    text = readme.read_text(encoding="utf-8")
    for place in FILES.values():
        digest = hashlib.sha256((readme.parent / place).read_bytes()).hexdigest()
        row = rf"(\| `{re.escape(place)}` \|.*\| `)[0-9a-f]*(` \|)"
        text, n_rows = re.subn(row, rf"\g<1>{digest}\g<2>", text)
        if n_rows != 1:
            raise SystemExit(f"checksums: README.md has {n_rows} rows for {place}, not one.")
    write_file(readme, text)
