"""Images of at most sixteen shades, two pixels a byte."""

from __future__ import annotations

import numpy as np

__all__ = ["MOST", "UNPACK", "pack", "unpack"]

MOST = 15

# Of a transform in the browser. What is packed is known by its signed bytes; all else is left as it is.
UNPACK = """
return Array.from(xs, (image) => {
  if (image.dtype != "int8") return image
  const pixels = new Int8Array(2 * image.length)
  for (let i = 0; i < image.length; i++) {
    pixels[2 * i] = image[i] & 15
    pixels[2 * i + 1] = image[i] >> 4 & 15
  }
  return new image.constructor(pixels.buffer, [image.shape[0], 2 * image.shape[1]])
})
"""


def pack(image: np.ndarray) -> np.ndarray:
    """Two pixels a byte.

    Parameters
    ----------
    image : (n_rows, n_columns) int
        0 to 15; an even number of columns.

    Returns
    -------
    (n_rows, n_columns / 2) int8
    """
    whole = image.astype(np.uint8)
    return (whole[:, 0::2] | whole[:, 1::2] << 4).view(np.int8)


def unpack(packed: np.ndarray) -> np.ndarray:
    """What the browser reads: (n_rows, n_columns) uint8 from (n_rows, n_columns / 2) int8."""
    whole = packed.view(np.uint8)
    return np.stack([whole & MOST, whole >> 4], axis=-1).reshape(len(whole), -1)
