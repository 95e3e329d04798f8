"""What CONTRIBUTING.md says of files and folders is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLES = {  # a thing that is there, for the name of a new one
    "engine/model": "adex",
    "engine/kernels": "adex",
    "engine/backends/digital": "adex",
    "engine/noc/topology": "grids",
    "engine/noc/routing": "tables",
    "engine/fit/metrics": "rates",
    "engine/fit/forward": "bold",
    "engine/twin": "stimulation",
    "dtb_app/pages/twin": "stimulation",
    "dtb_app/pages": "noc",
    "layouts": "noc",
}


def places():
    """Every path that is named, an example in the place of a new one."""
    for path in re.findall(r"`((?:engine|layouts|dtb_app|sample_data|tests)/[^` ]*)`", TEXT):
        before, _, after = path.partition("/<name>")
        yield f"{before}/{EXAMPLES[before]}{after}" if after or "<name>" in path else path


@pytest.mark.parametrize("place", sorted(set(places())))
def test_every_path_it_names_is_there(place):
    assert (ROOT / place).exists()


@pytest.mark.parametrize(
    ("job", "n_files"),
    [
        ("A neuron", 4),
        ("A topology", 3),
        ("A metric", 2),
        ("A signal", 2),
        ("A page", 2),
        ("A question of the twin", 4),
    ],
)
def test_a_job_takes_as_many_files_as_it_says(job, n_files):
    block = TEXT.split(f"**{job}**")[1].split("\n\n")[0]
    assert len(re.findall(r"^\d\. ", block, re.M)) == n_files
    said = re.match(r" \((1 line|\d)", block)
    assert said is not None
    assert said[1] in (str(n_files), "1 line")


def test_every_room_is_in_the_table():
    rooms = {
        p.name
        for home in ("engine", "dtb_app")
        for p in (ROOT / home).iterdir()
        if (p / "__init__.py").exists()
    }
    for room in rooms:
        assert re.search(rf"[`/ ]{room}/", TEXT), room
