"""Connectomes that a visitor has opened: known by what is in them, named for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.brain.connectome import Connectome, builtin_names, load_connectome, read_connectome_files
from engine.brain.readers import Reference
from engine.brain.readers.limits import safe_name
from engine.errors import DataError, nearest_hint
from engine.scenario.rules import label_keys
from engine.scenario.scenario import Scenario
from engine.scenario.tuning_file import SHIPPED_TUNINGS, is_at_hand

__all__ = ["OwnBrains", "without_old_regions"]

MAX_KEPT = 8


class OwnBrains:
    """The connectomes of one visitor, at most `MAX_KEPT`, the newest last."""

    def __init__(self) -> None:
        self._brains: dict[Reference, Connectome] = {}

    def kept(self) -> dict[Reference, Connectome]:
        """What is there, to be restored after a refusal."""
        return dict(self._brains)

    def restore(self, kept: Mapping[Reference, Connectome]) -> None:
        """Go back to what was there."""
        self._brains = dict(kept)

    def read(self, files: Mapping[str, bytes]) -> tuple[Reference, Connectome]:
        """Read files that were opened together; one that is there already stays the same object.

        Raises
        ------
        DataError
            They are refused.
        """
        connectome = read_connectome_files(files)
        name = safe_name(min(files, key=lambda n: (len(n), n)))
        reference = Reference.to(name, connectome.checksum)
        connectome = self._brains.pop(reference, connectome)
        self._brains[reference] = connectome
        for oldest in list(self._brains)[:-MAX_KEPT]:
            del self._brains[oldest]
        return reference, connectome

    def has(self, reference: Reference) -> bool:
        """Whether a connectome of this checksum is there, under any name."""
        return any(reference.fits(connectome.checksum) for connectome in self._brains.values())

    def named(self, scenario: Scenario) -> Scenario:
        """The same scenario, with the checksum of an own connectome that it names by name alone.

        Raises
        ------
        DataError
            Several opened files have that name.
        """
        wanted = Reference.of(scenario.connectome)
        if wanted.checksum or wanted.name in builtin_names():
            return scenario
        found = [reference for reference in self._brains if reference.name == wanted.name]
        if len(found) > 1:
            checksums = " and ".join(reference.checksum for reference in found)
            raise DataError(
                f"connectome: must say which of the files '{wanted.name}' it means (got their "
                f"checksums {checksums}). Write '{found[-1]}'."
            )
        return scenario.with_values({"connectome": str(found[0])}) if found else scenario

    def find(self, scenario: Scenario) -> Connectome:
        """The connectome of a scenario: shipped, or opened in this session under any name.

        A visitor's address or file must not make the server read its own files.

        Raises
        ------
        DataError
            It is neither; or the scenario's tuning is neither shipped nor of this process.
        """
        if not is_at_hand(scenario.network.tuning):
            named = Reference.of(scenario.network.tuning)
            raise DataError(
                f"network.tuning: must be a shipped tuning (got '{named.name[:80]}'). "
                + nearest_hint(named.name[:80], SHIPPED_TUNINGS)
            )
        if scenario.connectome in builtin_names():
            return load_connectome(scenario.connectome)
        wanted = Reference.of(scenario.connectome)
        if wanted in self._brains:
            return self._brains[wanted]
        for connectome in self._brains.values():
            if wanted.fits(connectome.checksum):
                return connectome
        if wanted.checksum:
            raise DataError(
                f"connectome: must be opened in this session (got '{wanted.name}' of checksum "
                f"{wanted.checksum}). Open the file first: {wanted.name} with just that content."
            )
        names = (*builtin_names(), *(reference.name for reference in self._brains))
        raise DataError(
            f"connectome: must be shipped or opened in this session (got '{wanted.name}'). Open "
            "the file first. " + nearest_hint(wanted.name, names)
        )


def without_old_regions(scenario: Scenario, connectome: Connectome) -> tuple[dict[str, Any], list[str]]:
    """What a scenario must change for a connectome with other regions.

    Parameters
    ----------
    scenario : Scenario
        Of the connectome before.
    connectome : Connectome
        The one that is opened.

    Returns
    -------
    values : dict
        Dotted keys with their new values: every list that names regions empty, and all regions
        digital.
    left_out : list of str
        The keys that held something, with how many entries.
    """
    flat = scenario.flat()
    values: dict[str, Any] = {}
    left_out: list[str] = []
    for key in label_keys(scenario):
        values[key] = []
        left_out.append(f"{key} ({len(flat[key])})")
    values["regions.default"] = "digital"
    if scenario.regions.default != "digital":
        left_out.append(f"regions.default ({scenario.regions.default})")
    if scenario.network.tuning:
        values["network.tuning"] = ""
        left_out.append(f"network.tuning ({Reference.of(scenario.network.tuning).name})")
    if scenario.network.sizes == "volume" and connectome.volumes is None:
        values["network.sizes"] = "equal"
        left_out.append("network.sizes (volume)")
    return values, left_out
