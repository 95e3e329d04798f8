"""The regions as a searchable list by lobe; click to select, three buttons to assign."""

from __future__ import annotations

from pathlib import Path

import param
from panel.custom import JSComponent

__all__ = ["RegionList"]


class RegionList(JSComponent):
    """The same selection as the map's.

    Parameters
    ----------
    regions : list of list
        Label, name, hemisphere, lobe and neurons of each, in the connectome's order.
    backends : list of str
        "digital", "analog" or "off", one a region.
    selected : list of int
        Written by both sides.
    when : str
        Over which time the rates are taken, in words.
    rates : list of float
        Rate of each region [Hz]; empty before the first run.
    action : dict
        Written by the browser: ``{"kind": "assign", "indices", "backend", "nonce"}`` or
        ``{"kind": "open", "index", "nonce"}``.
    """

    regions = param.List(default=[])
    backends = param.List(default=[])
    selected = param.List(default=[])
    rates = param.List(default=[])
    when = param.String(default="")
    action = param.Dict(default={})

    _esm = _bundle = Path(__file__).with_name("region_list.js")
