"""What a visitor of the Co-design page has found is there at the next visit."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from dtb_app.pages.codesign import fit_on_chip
from dtb_app.pages.codesign import page as codesign
from dtb_app.pages.codesign.stored import stored_results
from dtb_app.store.entry import Entry
from dtb_app.store.store import Store
from engine.codesign import CalibrationState, Found, found_bytes, shortened
from tests.codesign_visitor import STORED_PRESET, Visitor, captions, n_tried


def kept_kinds(store: Store) -> list[str]:
    return sorted(entry.kind for entry in store.entries("who"))


def test_own_results_are_there_at_the_next_visit_until_they_are_discarded(monkeypatch, tmp_path):
    store, stored = Store(tmp_path), stored_results()
    first = Visitor(STORED_PRESET, store)
    assert not first.page.control("discard").is_shown
    scenario = shortened(first.session.scenario)
    of_one = {name: values[:1] for name, values in stored.validation.per_chip.items()}
    own = replace(stored.validation, scenario=scenario, chip_seeds=(7,), per_chip=of_one)
    monkeypatch.setattr(codesign, "validate", lambda *a: own)
    first.page.press("validate")
    first.until_over()
    head = first.head()
    assert "Stored:" not in head
    again = Visitor(STORED_PRESET, store)
    again.until_over()
    assert again.head() == head
    assert again.page.grey == []
    elsewhere = Visitor("two-regions", store)
    elsewhere.until_over()
    assert "of the scenario as it was before" in captions(elsewhere.page)["validate"]
    assert "validate" in elsewhere.page.grey
    assert again.page.control("discard").is_shown
    again.page.press("discard")
    again.until_over()
    assert "Stored:" in again.head()
    assert not again.page.control("discard").is_shown
    assert kept_kinds(store) == []


def test_a_calibration_whose_server_died_goes_on_where_it_was(monkeypatch, tmp_path):
    store, asked = Store(tmp_path), []
    reported = threading.Event()

    def begun(scenario, connectome, n, workers, progress, before, report):
        asked.append((n, before))
        report(CalibrationState(scenario.digest(), 2.5, rounds=[2.0, 1.5], trims=[0, 3, -1]))
        reported.set()
        while True:
            progress(0.1, "working")
            time.sleep(0.01)

    monkeypatch.setattr(codesign, "calibrate", begun)
    first = Visitor("two-regions", store)
    first.page.press("calibrate")
    assert reported.wait(30)
    end = time.monotonic() + 30
    while kept_kinds(store) != ["codesign"]:
        assert time.monotonic() < end
        first.page.tick()
        first.kept.poll()
        time.sleep(0.01)
    again = Visitor("two-regions", store)  # nothing was told to the first one
    again.until_over()
    assert n_tried(again.page) == 3
    assert again.page.control("calibrate").label == "Go on (2 tried)"
    again.page.press("calibrate")
    first.page.close()
    again.page.close()
    first.until_over()
    again.until_over()
    assert asked[1] == (asked[0][0], CalibrationState(asked[1][1].digest, 2.5, [2.0, 1.5], [0, 3, -1]))


def test_the_own_fit_on_the_chip_is_there_at_the_next_visit(monkeypatch, tmp_path):
    store = Store(tmp_path)
    first = Visitor("resting-twin", store)
    first.session.measured = SimpleNamespace(target_for=lambda connectome: None)
    card = first.page.fit_on_chip
    mine = replace(card.found, title="Mine", scenario_digest=first.session.scenario.digest())
    monkeypatch.setattr(fit_on_chip, "fit_students", lambda *a, **how: mine)
    card.begin()
    first.until_over()
    assert first.page.control("discard").is_shown
    again = Visitor("resting-twin", store)
    again.until_over()
    assert again.page.fit_on_chip.found == mine
    again.page.press("discard")
    again.until_over()
    assert "stored · " in again.page.fit_on_chip.card.head
    assert kept_kinds(store) == []


@pytest.mark.parametrize("kind", ["codesign", "codesign-students"])
def test_kept_results_of_another_form_are_refused_with_a_sentence_and_stay(tmp_path, kind):
    store = Store(tmp_path)
    store.add(Entry("who", kind, "Mine", "{}"), b'{"format": 1}')
    v = Visitor(STORED_PRESET, store)
    v.until_over()
    assert v.said[0].startswith("kept results of 'Mine': ")
    assert "stored · " in captions(v.page)["validate"]
    assert kept_kinds(store) == [kind]


def test_what_is_made_while_the_store_is_asked_stands_beside_what_was_kept(monkeypatch, tmp_path):
    store, stored = Store(tmp_path), stored_results()
    older = Found(validation=replace(stored.validation, labels=("L.PCAL",)), trade_off=stored.trade_off)
    store.add(Entry("who", "codesign", "Older", "{}"), found_bytes(older))
    v = Visitor(STORED_PRESET, store)
    own = replace(stored.validation, scenario=shortened(v.session.scenario))
    monkeypatch.setattr(codesign, "validate", lambda *a: own)
    v.page.press("validate")
    while v.page.is_working:  # the store is asked, and has not answered
        v.page.tick()
        time.sleep(0.01)
    v.until_over()
    assert not any(v.said)
    again = Visitor(STORED_PRESET, store)
    again.until_over()
    for one in (v, again):
        assert "L.PCAL" not in one.head()
        assert "stored · " not in captions(one.page)["validate"]
        assert "stored · " not in captions(one.page)["trade_off"]
