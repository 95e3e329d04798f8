"""Make the samples from the `tvboptim` 0.4.0 wheel: the brain `dk84`, its pictures, the tutorial.

    python -m dtb_app.samples.make_dk84 [WHEEL]

Without a path the wheel is downloaded with pip into a temporary folder. Needs nibabel, scipy and
scikit-image. Ends by writing the checksums into `README.md`.
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

import nibabel
import numpy as np
from scipy import ndimage

import sample_data
from dtb_app.samples.atlas_views import VIEWS, Groups, draw_view
from dtb_app.samples.checksums import write_checksums
from dtb_app.samples.region_names import lobe_of, name_of
from engine.whole_files import write_file
from sample_data import FILES, path

CITATION = (
    "Schirner M, Deco G, Ritter P (2023). Learning how network structure shapes decision-making "
    "for bio-inspired computing. Nature Communications 14, 2963. "
    "doi:10.1038/s41467-023-38626-y"
)
DOI = "10.1038/s41467-023-38626-y"
BURIED = {"BSTS", "PCAL"}
CONVEX = set(
    [
        "BSTS",
        "CMFG",
        "IN",
        "IPG",
        "ITG",
        "LOFG",
        "MTG",
        "POP",
        "POR",
        "PrCG",
        "PTR",
        "PU",
        "RMFG",
        "SMG",
        "STG",
        "TTG",
    ]
)
CEREBELLAR_WHITE = {7: "L.CER", 46: "R.CER"}  # drawn, not measured, as cerebellum
BRAIN_STEM = 16
LEFT_OTHER, RIGHT_OTHER = (2, 4, 5, 28, 30, 31), (41, 43, 44, 60, 62, 63)


def read_wheel(wheel: Path):
    """Take the arrays, the label volume and the table of label numbers out of the wheel.

    Parameters
    ----------
    wheel : pathlib.Path

    Returns
    -------
    connectivity, functional : dict of str to ndarray
    volume : (193, 229, 193) int32 [FreeSurfer label]
    origin : (3,) float64 [mm]
        MNI152 position of voxel (0, 0, 0); voxels are 1 mm.
    numbers : dict of int to str
        Region label, such as ``"L.HI"``, of each FreeSurfer number.
    """
    with zipfile.ZipFile(wheel) as archive:

        def arrays(member):
            with np.load(io.BytesIO(archive.read(member)), allow_pickle=False) as data:
                return dict(data)

        data = "tvboptim/data/"
        connectivity = arrays(data + "connectivity/dk_average/data.npz")
        functional = arrays(data + "functional/dk_average/data.npz")
        plotting = data + "plotting/dk_average/"
        table = archive.read(plotting + "fs_default_freesurfer_idx.csv").decode()
        with tempfile.TemporaryDirectory() as folder:
            image = nibabel.load(archive.extract(plotting + "aparc+aseg-mni_09c.nii.gz", folder))
            volume = np.asarray(image.dataobj).astype(np.int32)
    if not np.array_equal(image.affine[:3, :3], np.eye(3)):
        raise SystemExit("make_dk84: a label volume in steps of 1 mm along x, y, z is expected.")
    numbers = {int(r["freesurfer_idx"]): r["acronym"] for r in csv.DictReader(io.StringIO(table))}
    return connectivity, functional, volume, image.affine[:3, 3], numbers


def number_regions(volume: np.ndarray, numbers: dict, labels: list) -> np.ndarray:
    """Renumber a volume of FreeSurfer labels: 1 is the first of `labels`, 0 is no region.

    Parameters
    ----------
    volume : (nx, ny, nz) int
    numbers : dict
    labels : list of str

    Returns
    -------
    (nx, ny, nz) int
    """
    wanted = {label: i + 1 for i, label in enumerate(labels)}
    lookup = np.zeros(volume.max() + 1, dtype=np.int16)
    for number, label in numbers.items():
        if label in wanted and number < len(lookup):
            lookup[number] = wanted[label]
    return lookup[volume]


def brain(connectivity: dict, functional: dict, regions: np.ndarray, origin: np.ndarray) -> dict:
    """Put the content of `dk84.json` together.

    Parameters
    ----------
    connectivity, functional : dict of str to ndarray
        The wheel's arrays.
    regions : (n_x, n_y, n_z) int [region number from 1]
    origin : (3,) float64 [mm]

    Returns
    -------
    dict
        Numbers are rounded to five significant digits, centres to 0.01 mm.
    """
    labels = [str(label) for label in connectivity["region_labels"]]
    index = np.arange(1, len(labels) + 1)
    centres = np.array(ndimage.center_of_mass(regions > 0, regions, index)) + origin
    volumes = ndimage.sum_labels(regions > 0, regions, index).astype(int)
    lobes = [lobe_of(label) for label in labels]
    fc = functional["fc"] * (1 - np.eye(len(labels)))
    return {
        "name": "dk84",
        "labels": labels,
        "names": [name_of(label) for label in labels],
        "hemisphere": [label[0] for label in labels],
        "cortical": [int(lobe not in ("Subcortex", "Cerebellum")) for lobe in lobes],
        "lobe": lobes,
        "centres_mni152": np.round(centres, 2).tolist(),
        "volumes_mm3": volumes.tolist(),
        "weights": _five_digits(connectivity["weights"]),
        "tract_lengths_mm": _five_digits(connectivity["lengths"]),
        "fc_pearson": _five_digits(fc),
        "fcd_edges": _five_digits(functional["fcd_edges"]),
        "fcd_hist": [int(count) for count in functional["fcd_hist"]],
        "source": "Python package tvboptim 0.4.0, dk_average; centres and volumes computed from "
        "its aparc+aseg-mni_09c.nii.gz (MNI152NLin2009cAsym, 1 mm)",
        "licence": "CC-BY-4.0; functional data under the WU-Minn HCP Open Access Data Use Terms",
        "citation": CITATION,
        "doi": DOI,
    }


def _five_digits(values: np.ndarray):
    """Nested lists of numbers as short as five significant digits allow."""
    if np.ndim(values):
        return [_five_digits(value) for value in values]
    number = float(f"{values:.5g}")
    return int(number) if number == int(number) else number


def atlas(volume: np.ndarray, regions: np.ndarray, labels: list, origin: np.ndarray) -> dict:
    """Draw the seven views; see `draw_view` for the arrays.

    Parameters
    ----------
    volume : (nx, ny, nz) int
    regions : (nx, ny, nz) int
    labels : list of str
    origin : (3,) float

    Returns
    -------
    dict
        ``units`` and ``views``; coordinates are those of the picture, x to the right, y up. Where
        ``flip`` is set, x is the negated first axis.
    """
    number = {label: i + 1 for i, label in enumerate(labels)}
    regions = regions.copy()
    for code, label in CEREBELLAR_WHITE.items():
        regions[volume == code] = number[label]
    tissue = np.where((volume > 0) & (volume != BRAIN_STEM), 3, 0).astype(np.int8)
    is_right = np.array([False] + [label[0] == "R" for label in labels])
    tissue[regions > 0] = np.where(is_right[regions[regions > 0]], 2, 1)
    tissue[np.isin(volume, LEFT_OTHER)] = 1
    tissue[np.isin(volume, RIGHT_OTHER)] = 2

    def chosen(rule):
        return tuple(number[label] for label in labels if rule(label))

    groups = Groups(
        right=chosen(lambda label: label[0] == "R"),
        deep=chosen(lambda label: lobe_of(label) == "Subcortex"),
        buried=chosen(lambda label: label[2:] in BURIED),
        convex=chosen(lambda label: label[2:] in CONVEX),
    )
    views = []
    for view in VIEWS:
        polygons, points = draw_view(view, regions, tissue, origin, groups)
        silhouette = polygons.pop(0)
        low, high = np.vstack(silhouette).min(axis=0), np.vstack(silhouette).max(axis=0)
        views.append(
            {
                "name": view.name,
                "axes": list(view.axes),
                "flip": view.flip,
                "bounds": _short([low[0], high[0], low[1], high[1]]),
                "outline": [[_short(r[:, i]) for r in silhouette] for i in (0, 1)],
                "regions": {
                    labels[n - 1]: {a: [_short(r[:, i]) for r in rings] for i, a in enumerate(AXES)}
                    for n, rings in sorted(polygons.items())
                },
                "centres": {labels[n - 1]: _short(points[n]) for n in sorted(points)},
            }
        )
    return {"units": "mm", "views": views}


AXES = ("xs", "ys")


def _short(values) -> list:
    """Coordinates to 0.1 mm, whole ones without a decimal point."""
    return [int(v) if v == int(v) else v for v in np.round(np.asarray(values, float), 1).tolist()]


def write_tvb(target: Path, labels, centres, weights, lengths, hemispheres, cortical) -> None:
    """Write a connectome in the zip layout of The Virtual Brain, the same bytes every time.

    Parameters
    ----------
    target : pathlib.Path
    labels : (n_regions,) sequence of str
    centres : (n_regions, 3) float [mm]
    weights : (n_regions, n_regions) float
        ``weights[i, j]`` leads from j to i.
    lengths : (n_regions, n_regions) float [mm]
    hemispheres : (n_regions,) int
        1 is right.
    cortical : (n_regions,) int
    """

    def table(rows, form):
        return "".join(" ".join(form % value for value in row) + "\n" for row in rows)

    places = zip(labels, table(centres, "%.4f").splitlines(), strict=True)
    members = {
        "weights.txt": table(weights, "%.6g"),
        "tract_lengths.txt": table(lengths, "%.4f"),
        "centres.txt": "".join(f"{label} {place}\n" for label, place in places),
        "cortical.txt": table(np.reshape(cortical, (-1, 1)), "%d"),
        "hemispheres.txt": table(np.reshape(hemispheres, (-1, 1)), "%d"),
    }
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in members.items():
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text, compresslevel=9)


def write_four_regions(target: Path) -> None:
    """Write the tutorial connectome: invented, small enough to follow every spike by eye.

    A thalamus drives the visual cortex of its side, which talks with the frontal cortex of its
    side; the two frontal cortices are joined. Tracts are 1.3 times as long as the straight line.
    """
    labels = ["L.Thalamus", "L.Visual", "L.Frontal", "R.Frontal"]
    centres = np.array([[-11, -18, 7], [-10, -85, 5], [-35, 35, 25], [35, 35, 25]], dtype=float)
    weights = np.zeros((4, 4))
    for i, j, weight in ((0, 1, 3.0), (0, 2, 1.0), (1, 2, 1.0), (2, 3, 2.0)):
        weights[i, j] = weights[j, i] = weight
    straight = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    write_tvb(target, labels, centres, weights, 1.3 * straight, [0, 0, 0, 1], [0, 1, 1, 1])


def main() -> None:
    """Make every sample anew."""
    parser = argparse.ArgumentParser(description="Make the sample data.")
    parser.add_argument("wheel", nargs="?", type=Path, help="tvboptim 0.4.0; default: download it")
    wheel = parser.parse_args().wheel
    with tempfile.TemporaryDirectory() as folder:
        if wheel is None:
            what = ["tvboptim==0.4.0", "--no-deps", "--only-binary", ":all:", "--dest", folder]
            subprocess.run([sys.executable, "-m", "pip", "download", *what], check=True)
            wheel = next(Path(folder).glob("*.whl"))
        connectivity, functional, volume, origin, numbers = read_wheel(wheel)
    labels = [str(label) for label in connectivity["region_labels"]]
    regions = number_regions(volume, numbers, labels)
    data = brain(connectivity, functional, regions, origin)
    for name, content in (("dk84", data), ("dk84.atlas", atlas(volume, regions, labels, origin))):
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        write_file(path(name), text + "\n")
    centres = np.array(ndimage.center_of_mass(regions > 0, regions, range(1, len(labels) + 1)))
    write_tvb(
        path("dk84.tvb"),
        labels,
        centres + origin,
        connectivity["weights"],
        connectivity["lengths"],
        [int(side == "R") for side in data["hemisphere"]],
        data["cortical"],
    )
    write_four_regions(path("four_regions"))
    write_checksums(Path(sample_data.__file__).parent / "README.md")
    for name in FILES:
        print(f"{path(name).stat().st_size:8d} bytes  {FILES[name]}")


if __name__ == "__main__":
    main()
