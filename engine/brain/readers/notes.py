"""What a reader decided on its own: one note each, kept with the connectome that it made."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DERIVED", "DISMISSED", "INVENTED", "READ", "Note"]

INVENTED = "invented"
"""Not in the file and made up."""
DERIVED = "derived"
"""Not in the file and worked out from what is."""
DISMISSED = "dismissed"
"""In the file and not used, since it says nothing or is not understood."""
READ = "read"
"""In the file and open to more than one reading; which one was taken."""


class Note(NamedTuple):
    """One decision of a reader.

    Parameters
    ----------
    field : str
        Field of the Connectome that it is about, ``"tract_lengths"``.
    kind : str
        `INVENTED`, `DERIVED`, `DISMISSED` or `READ`.
    said : str
        What was decided, in words for a person.
    """

    field: str
    kind: str
    said: str
