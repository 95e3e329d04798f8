"""How a region is called inside a sentence."""

from __future__ import annotations

from engine.brain.connectome import Connectome

__all__ = ["mid_sentence"]


def mid_sentence(connectome: Connectome, region: int) -> str:
    """A region's name where it does not begin the sentence.

    A name in words gives up its first capital ("lingual gyrus, right"); a label that serves as a
    name ("rA1") and an abbreviation ("V1, left") stay as the file has them.

    Parameters
    ----------
    connectome : Connectome
    region : int
        Its place in the connectome.

    Returns
    -------
    str
    """
    name = connectome.names[region]
    is_word = name[:1].isupper() and name[1:2].islower()
    if name == connectome.labels[region] or not is_word:
        return name
    return name[0].lower() + name[1:]
