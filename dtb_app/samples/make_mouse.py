"""Make the connectome `mouse-b6` from the `graspologic` 3.4.4 wheel: the average of eight C57BL/6J mice.

    python -m dtb_app.samples.make_mouse [WHEEL]

Without a path the wheel is downloaded with pip into a temporary folder. Ends by writing the checksums
into `README.md`.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

import sample_data
from dtb_app.samples.checksums import write_checksums
from engine.whole_files import write_file
from sample_data import path

CITATION = (
    "Wang N, Anderson RJ, Ashbrook DG, Gopalakrishnan V, Park Y, Priebe CE et al. (2020). Variability and "
    "heritability of mouse brain structure: Microscopic MRI atlases and connectomes for diverse strains. "
    "NeuroImage 222, 117274. doi:10.1016/j.neuroimage.2020.117274"
)
DOI = "10.1016/j.neuroimage.2020.117274"
STRAIN = "B6"
N_SIDE = 166
RIGHT = 1000
"""What is added to a region's number on the right."""
_FOLDER = "graspologic/datasets/mice/"
_GROUPS = (
    *("isocortex", "diencephalon", "hypothalamus", "subpallium", "medial_pallium", "lateral_pallium"),
    *("dorsal_pallium", "ventral_pallium", "pallium", "midbrain", "hindbrain"),
)
_TRACTS = ("white_matter_tracts", "ventricular_system")


def main(wheel: Path) -> None:
    """Read, average, write."""
    with zipfile.ZipFile(wheel) as archive:
        wanted = [name for name in archive.namelist() if name.startswith(_FOLDER)]
        members = {name: archive.read(name).decode() for name in wanted}
    atlas = list(csv.DictReader(io.StringIO(members[f"{_FOLDER}atlas.csv"])))
    people = csv.DictReader(io.StringIO(members[f"{_FOLDER}participants.csv"]))
    mice = [row["participant_id"] for row in people if row["genotype"] == STRAIN]
    edges = [members[f"{_FOLDER}edgelists/{mouse}_ses-1_dti.edgelist"] for mouse in mice]
    features = [members[f"{_FOLDER}features/{mouse.removeprefix('sub-')}.csv"] for mouse in mice]
    weights = np.mean([read_edges(text) for text in edges], axis=0)
    volumes = np.mean([read_volumes(text) for text in features], axis=0)
    side = [k for k, row in enumerate(atlas) if is_grey(row)]
    kept = [*side, *(k + N_SIDE for k in side)]
    content = brain([atlas[k] for k in side], weights[np.ix_(kept, kept)], volumes[kept], len(mice))
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    write_file(path("mouse-b6"), text + "\n")
    print(f"{len(mice)} mice, {len(kept)} regions, {len(text) / 1000:.0f} kB")
    write_checksums(Path(sample_data.__file__).with_name("README.md"))


def read_edges(text: str) -> np.ndarray:
    """A list of undirected edges, each pair once, in either order, as a symmetric matrix.

    Returns
    -------
    (332, 332) float64 [streamlines]
    """
    matrix = np.zeros((2 * N_SIDE,) * 2)
    for line in text.splitlines():
        i, j, weight = line.split()
        matrix[int(i), int(j)] += float(weight)
    if (np.triu(matrix, 1).T * np.tril(matrix, -1)).any():
        raise SystemExit("make_mouse: a pair of regions is expected once.")
    return matrix + matrix.T


def read_volumes(text: str) -> np.ndarray:
    """Volumes of all regions, left before right.

    Returns
    -------
    (332,) float64 [mm3]
        0 for a region that is not in the table.
    """
    lines = text.splitlines()
    first = next(k for k, line in enumerate(lines) if line.startswith("ROI,"))
    found = np.zeros(2 * N_SIDE)
    for row in csv.DictReader(lines[first:]):
        number = int(float(row["ROI"]))
        if number:
            found[number - 1 if number < RIGHT else number - RIGHT - 1 + N_SIDE] = float(row["volume_mm3"])
    return found


def is_grey(row: dict[str, str]) -> bool:
    """Whether a region holds neurons: no tract, no ventricle."""
    levels = " ".join(row[f"Level_{k}"] for k in (1, 2, 3, 4))
    return row["Level_1"] not in _TRACTS and "white_matter" not in levels and "CSF" not in levels


def group_of(row: dict[str, str]) -> str:
    """The structure that a region belongs to, as the atlas has it.

    Of grey matter that the atlas counts with white matter, by its finer levels.
    """
    if row["Macrostructure"] != "white_matter":
        return row["Macrostructure"].capitalize()
    levels = [row[f"Level_{k}"] for k in (1, 2, 3, 4)]
    for word in _GROUPS:
        if word in levels:
            return word.split("_")[-1].capitalize()
    raise SystemExit(f"make_mouse: no group for {row['Structure']}.")


def brain(rows: list[dict[str, str]], weights: np.ndarray, volumes: np.ndarray, n_mice: int) -> dict:
    """Put the content of `mouse_b6.json` together.

    Parameters
    ----------
    rows : list of dict
        Of the atlas, the regions of one side.
    weights : (2 * n_side, 2 * n_side) float64 [streamlines]
    volumes : (2 * n_side,) float64 [mm3]
    n_mice : int

    Returns
    -------
    dict
        Numbers have three significant digits.
    """
    sides = (("L", "Left"), ("R", "Right"))
    groups = [group_of(row) for row in rows]
    return {
        "name": "mouse-b6",
        "labels": [f"{letter}.{row['Abbreviation']}" for letter, _ in sides for row in rows],
        "names": [f"{word} {_words(row['Structure'])}" for _, word in sides for row in rows],
        "hemisphere": [letter for letter, _ in sides for _ in rows],
        "cortical": [int(group == "Isocortex") for group in groups] * 2,
        "lobe": groups * 2,
        "volumes_mm3": _short(volumes),
        "weights": _short(weights),
        "source": f"Python package graspologic 3.4.4, datasets/mice: mean of {n_mice} C57BL/6J mice, grey "
        "matter only. Neither tract lengths nor places of regions come with it",
        "licence": "MIT",
        "citation": CITATION,
        "doi": DOI,
    }


def _words(structure: str) -> str:
    return " ".join(structure.split("_"))


def _short(values: np.ndarray):
    """Nested lists of numbers as short as three significant digits allow."""
    if np.ndim(values):
        return [_short(value) for value in values]
    number = float(f"{values:.3g}")
    return int(number) if number == int(number) else number


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", nargs="?", type=Path)
    given = parser.parse_args().wheel
    if given is not None:
        main(given)
    else:
        with tempfile.TemporaryDirectory() as folder:
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "graspologic==3.4.4",
                "--no-deps",
                "-d",
                folder,
            ]
            subprocess.run(command, check=True)
            main(next(Path(folder).glob("graspologic-*.whl")))
