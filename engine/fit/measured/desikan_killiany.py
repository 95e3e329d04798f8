"""Names of the Desikan-Killiany regions as FreeSurfer writes them, by their abbreviations.

After MRtrix3's ``fs_default.txt``, whose abbreviations the connectome `dk84` has.
"""

from __future__ import annotations

__all__ = ["FREESURFER"]

FREESURFER = {
    "BSTS": "bankssts",
    "CACG": "caudalanteriorcingulate",
    "CMFG": "caudalmiddlefrontal",
    "CU": "cuneus",
    "EC": "entorhinal",
    "FG": "fusiform",
    "IPG": "inferiorparietal",
    "ITG": "inferiortemporal",
    "ICG": "isthmuscingulate",
    "LOG": "lateraloccipital",
    "LOFG": "lateralorbitofrontal",
    "LG": "lingual",
    "MOFG": "medialorbitofrontal",
    "MTG": "middletemporal",
    "PHIG": "parahippocampal",
    "PaCG": "paracentral",
    "POP": "parsopercularis",
    "POR": "parsorbitalis",
    "PTR": "parstriangularis",
    "PCAL": "pericalcarine",
    "PoCG": "postcentral",
    "PCG": "posteriorcingulate",
    "PrCG": "precentral",
    "PCU": "precuneus",
    "RACG": "rostralanteriorcingulate",
    "RMFG": "rostralmiddlefrontal",
    "SFG": "superiorfrontal",
    "SPG": "superiorparietal",
    "STG": "superiortemporal",
    "SMG": "supramarginal",
    "FP": "frontalpole",
    "TP": "temporalpole",
    "TTG": "transversetemporal",
    "IN": "insula",
    "CER": "cerebellumcortex",
    "TH": "thalamusproper",
    "CA": "caudate",
    "PU": "putamen",
    "PA": "pallidum",
    "HI": "hippocampus",
    "AM": "amygdala",
    "AC": "accumbensarea",
}
"""Abbreviation without its side to name without side, blanks and hyphens."""
