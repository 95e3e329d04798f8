"""What a document says, it says in the shortest of the forms that a browser reads alike.

Bokeh writes a mapping as a list of pairs under a name, a constant and a column of a glyph under the name
of their kind, and an array of four numbers as a message of its own with five words about it. Its script
reads plain objects and lists just so: a quarter of a page's text, and half of its messages, say no more.
An array of zeros, such as the raster that waits for a run, is as many zeros as its length says: that is how
JavaScript makes an array of a number, and how Bokeh's script reads one; Bokeh's Python is told here.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from bokeh.core.property.vectorization import Field, Value
from bokeh.core.serialization import Deserializer, NDArrayRep, Serializer
from bokeh.util.serialization import transform_array

__all__ = ["write_short_forms"]

_FEW = 24  # numbers of an array that are shorter as a list
_FILLED = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64")
_TAKEN = ("type", "id")  # keys by which an object is known as something else


def write_short_forms() -> None:
    """Let documents and messages be written so; once a process."""
    if not hasattr(Serializer._encode_dict, "of_bokeh"):
        Serializer._encode_dict = _mapping(Serializer._encode_dict)
        Serializer._encode_ndarray = _array(Serializer._encode_ndarray)
        Deserializer._decode_ndarray = _zeros(Deserializer._decode_ndarray)
        Value.to_serializable = _without_kind
        Field.to_serializable = _without_kind


def _mapping(encode_dict: Any) -> Any:
    def short(self: Serializer, obj: dict[Any, Any]) -> Any:
        if not obj or any(type(key) is not str or key in _TAKEN for key in obj):
            return encode_dict(self, obj)
        return {key: self.encode(value) for key, value in obj.items()}

    short.of_bokeh = encode_dict  # type: ignore[attr-defined]
    return short


def _array(encode_ndarray: Any) -> Any:
    def short(self: Serializer, obj: np.ndarray) -> Any:
        if obj.ndim == 1 and 0 < obj.size <= _FEW:
            array = transform_array(obj)
            if array.dtype.kind in "iuf":
                is_short = array.dtype == np.float32  # eight digits say it whole, of which few are needed
                return self._encode_list([float(str(x)) for x in array] if is_short else array.tolist())
        if obj.size > _FEW and obj.dtype.name in _FILLED and not obj.any():
            kind, shape = obj.dtype.name, list(obj.shape)
            return NDArrayRep(type="ndarray", array=obj.size, shape=shape, dtype=kind, order=sys.byteorder)
        return encode_ndarray(self, obj)

    return short


def _zeros(decode_ndarray: Any) -> Any:
    def decode(self: Deserializer, obj: Any) -> Any:
        if isinstance(obj["array"], int):
            return np.zeros(obj["shape"], obj["dtype"])
        return decode_ndarray(self, obj)

    return decode


def _without_kind(self: Any, serializer: Serializer) -> Any:
    return serializer.encode_struct(**vars(self))
