"""A visitor of the Co-design page without a browser, and what the page shows."""

from __future__ import annotations

import time
from types import SimpleNamespace

from dtb_app.pages.codesign.page import CodesignPage
from dtb_app.store.store import Store
from dtb_app.work.kept_work import KeptWork
from dtb_app.work.pool import RunPool
from engine import load_connectome, preset
from layouts.theme import LIGHT
from tests.drawn import drawn

STORED_PRESET = "hippocampus-on-analog"


class Visitor:
    """What a page sees of the rest, and what it did to it."""

    def __init__(self, name: str = STORED_PRESET, store: Store | str = ""):
        self.kept = KeptWork(store)
        self.kept.begin("who")
        self.said: list[str] = []
        self.has_left = False
        self.session = SimpleNamespace(scenario=preset(name), connectome=load_connectome("dk84"), picked=())
        tools = SimpleNamespace(
            session=self.session,
            services=SimpleNamespace(jobs=RunPool(1)),
            theme=lambda: LIGHT,
            later=lambda handler: handler,
            say=lambda text, good=False: self.said.append(text),
            adopt=self.adopt,
            open_explorer=lambda: setattr(self, "has_left", True),
            kept=self.kept,
        )
        self.page = CodesignPage(tools)

    def adopt(self, scenario) -> bool:
        changed = scenario != self.session.scenario
        self.session.scenario = scenario
        return changed

    def head(self) -> str:
        return self.page.said["head"]

    def until_over(self, seconds: float = 60.0) -> None:
        """Until no work goes on and nothing more is to be read or written."""
        end = time.monotonic() + seconds
        self.page.tick()
        while self.page.is_working or self.kept.is_busy:
            assert time.monotonic() < end
            self.kept.poll()
            self.page.tick()
            time.sleep(0.02)


def sentences(page) -> dict[str, str]:
    return {kind: card.said for kind, card in page.cards.items()}


def captions(page) -> dict[str, str]:
    return {kind: card.head for kind, card in page.cards.items()}


def n_tried(page) -> int:
    """Points of the calibration's curve."""
    return len(drawn(page.views["calibrate"], "n")["n"])
