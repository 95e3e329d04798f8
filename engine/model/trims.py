"""Trims: what a calibration adds to the parameter codes of single circuits of one chip."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.model.quantity import Declared, quantity

__all__ = ["TRIM_CODES", "Trim"]

TRIM_CODES = 127  # a trim is a signed byte

_Code = Annotated[int, Field(ge=-TRIM_CODES, le=TRIM_CODES)]


class Trim(Declared):
    """Codes added to the parameters of a region's circuits, one a neuron, on one chip.

    They undo what the manufacture of that very chip did, so on a chip of another seed they are
    left off.
    """

    region: str = Field(description="Label of the region.", json_schema_extra={"unit": ""})
    chip_seed: int = quantity(7, "", "The chip they were found on.", low=0, high=2**31 - 1)
    threshold: tuple[_Code, ...] = Field(
        (),
        max_length=100_000,
        description="Codes added to each neuron's threshold, in the order of the region's neurons.",
        json_schema_extra={"unit": "codes"},
    )
