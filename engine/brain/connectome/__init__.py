"""The connectome: which regions there are, where they lie, and how strongly they are wired.

Read one by name or from a file with `load_connectome`, from an upload with `read_connectome`; ask
`check_connectome` for everything that is wrong with a file.
"""

from engine.brain.connectome.files import (
    builtin_names,
    check_connectome,
    connectome_findings,
    load_connectome,
    read_connectome,
    read_connectome_files,
)
from engine.brain.connectome.record import Connectome

__all__ = [
    "Connectome",
    "builtin_names",
    "check_connectome",
    "connectome_findings",
    "load_connectome",
    "read_connectome",
    "read_connectome_files",
]
