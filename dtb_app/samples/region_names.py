"""English names and lobes of the 84 regions of `dk84`.

The lobes are those of the FreeSurfer documentation of the Desikan-Killiany atlas (Desikan et al.
2006, doi 10.1016/j.neuroimage.2006.01.021), with insula and cingulate cortex put together.
"""

from __future__ import annotations

__all__ = ["LOBES", "lobe_of", "name_of"]

LOBES = {
    "Frontal": {
        "SFG": "Superior frontal gyrus",
        "RMFG": "Rostral middle frontal gyrus",
        "CMFG": "Caudal middle frontal gyrus",
        "POP": "Pars opercularis of the inferior frontal gyrus",
        "PTR": "Pars triangularis of the inferior frontal gyrus",
        "POR": "Pars orbitalis of the inferior frontal gyrus",
        "LOFG": "Lateral orbitofrontal cortex",
        "MOFG": "Medial orbitofrontal cortex",
        "PrCG": "Precentral gyrus",
        "PaCG": "Paracentral lobule",
        "FP": "Frontal pole",
    },
    "Parietal": {
        "SPG": "Superior parietal lobule",
        "IPG": "Inferior parietal lobule",
        "SMG": "Supramarginal gyrus",
        "PoCG": "Postcentral gyrus",
        "PCU": "Precuneus",
    },
    "Temporal": {
        "STG": "Superior temporal gyrus",
        "MTG": "Middle temporal gyrus",
        "ITG": "Inferior temporal gyrus",
        "BSTS": "Banks of the superior temporal sulcus",
        "FG": "Fusiform gyrus",
        "TTG": "Transverse temporal gyrus",
        "EC": "Entorhinal cortex",
        "TP": "Temporal pole",
        "PHIG": "Parahippocampal gyrus",
    },
    "Occipital": {
        "LOG": "Lateral occipital cortex",
        "LG": "Lingual gyrus",
        "CU": "Cuneus",
        "PCAL": "Pericalcarine cortex",
    },
    "Cingulate and insula": {
        "RACG": "Rostral anterior cingulate cortex",
        "CACG": "Caudal anterior cingulate cortex",
        "PCG": "Posterior cingulate cortex",
        "ICG": "Isthmus of the cingulate gyrus",
        "IN": "Insula",
    },
    "Subcortex": {
        "TH": "Thalamus",
        "CA": "Caudate nucleus",
        "PU": "Putamen",
        "PA": "Pallidum",
        "HI": "Hippocampus",
        "AM": "Amygdala",
        "AC": "Nucleus accumbens",
    },
    "Cerebellum": {"CER": "Cerebellar cortex"},
}
"""For each lobe, the region abbreviations without their side, and the English names."""

_SIDES = {"L": "left", "R": "right"}


def lobe_of(label: str) -> str:
    """Say to which lobe a region such as ``"L.HI"`` belongs."""
    return next(lobe for lobe, regions in LOBES.items() if label[2:] in regions)


def name_of(label: str) -> str:
    """Write out a label: ``"L.HI"`` is ``"Hippocampus, left"``."""
    return f"{LOBES[lobe_of(label)][label[2:]]}, {_SIDES[label[0]]}"
