"""The visitor's own connectomes and tunings between visits: brought back where an address names one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from dtb_app.pages.own_files import CONNECTOME, TUNING, bundle, kind_of, unbundle
from dtb_app.session.session import Session
from dtb_app.store.entry import Entry
from dtb_app.work.kept_work import KeptWork
from engine.errors import EngineError
from engine.scenario.reference import Reference
from engine.scenario.tuning import Tuning
from engine.scenario.tuning_file import keep_tuning, read_tuning

__all__ = ["OpenedFiles"]


class OpenedFiles:
    """What one visitor has opened that an address names by its checksum and does not hold.

    Parameters
    ----------
    session : Session
    kept : KeptWork
    say : callable
        Gets one sentence.
    follow : callable
        Goes to the address that was refused for what is there now.
    """

    def __init__(
        self, session: Session, kept: KeptWork, say: Callable[[str], None], follow: Callable[[], None]
    ):
        self._session, self._kept, self._say, self._follow = session, kept, say, follow
        self._asked: set[str] = set()
        self._held: list[Tuning] = []

    def opened(self, contents: Mapping[str, bytes]) -> None:
        """Keep the connectome that has just been opened.

        Parameters
        ----------
        contents : mapping
            Name to bytes of the files that were opened together.
        """
        files = {name: data for name, data in contents.items() if not name.lower().endswith(".toml")}
        named = Reference.of(self._session.scenario.connectome)
        if files and named.checksum:
            told = self._session.scenario.model_dump_json()
            self._kept.keep(kind_of(CONNECTOME, named), named.name, told, bundle(files), {})

    def poll(self) -> None:
        """Ask for what the address lacks, once each."""
        if not self._kept.is_on:
            return
        for what, named in self._session.lacking:
            kind = kind_of(what, named)
            if kind not in self._asked:
                self._asked.add(kind)
                self._kept.recall(kind, partial(self._found, what), self._say)

    def _found(self, what: str, entry: Entry, content: bytes) -> None:
        try:
            if what == TUNING:
                tuning = read_tuning(content, entry.label)
                keep_tuning(tuning)
                self._held.append(tuning)
            else:
                self._session.bring(unbundle(content, entry.label))
        except EngineError as error:
            self._say(str(error))
            return
        if not self._session.lacking:
            self._follow()
