"""Scores and files of a long run are made beside the event loop."""

from __future__ import annotations

import threading
import time

import pytest

from dtb_app.explorer import beside
from dtb_app.explorer.beside import Judging, Saving
from dtb_app.session.session import Session
from dtb_app.work.pool import RunPool
from engine.errors import DataError
from engine.fit import METRICS


def until(what, seconds=30.0):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


class Run:
    """A recording whose scores take as long as they are let."""

    def __init__(self):
        self.may, self.asked = threading.Event(), []

    def scores(self, picked, metrics):
        self.asked.append(threading.current_thread())
        self.may.wait(30.0)
        return {metric.name: len(self.asked) for metric in metrics}


def test_scores_come_from_another_thread_with_progress_and_are_there_in_the_end():
    run, judging, metrics = Run(), Judging(RunPool(2)), list(METRICS)[:3]
    begun = time.monotonic()
    assert judging.scores(run, None, metrics) is None
    assert time.monotonic() - begun < 1.0
    assert not judging.has_ended
    assert judging.sentence == "Judging the run: 0 % …"
    run.may.set()
    until(lambda: judging.has_ended)
    assert set(judging.scores(run, None, metrics)) == {metric.name for metric in metrics}
    assert threading.main_thread() not in run.asked
    assert len(run.asked) == 3  # not once more for being asked again


def test_another_run_gives_up_the_one_before():
    first, second, judging = Run(), Run(), Judging(RunPool(2))
    judging.scores(first, None, list(METRICS)[:3])
    until(lambda: first.asked)
    second.may.set()
    judging.scores(second, None, list(METRICS)[:1])
    first.may.set()
    until(lambda: judging.has_ended)
    time.sleep(0.1)
    assert len(first.asked) == 1
    assert len(judging.scores(second, None, list(METRICS)[:1])) == 1


@pytest.fixture
def saving(monkeypatch):
    """What saves, what was said, what was given, and when a file may be done."""
    may, told, given = threading.Event(), [], []

    def made(session, recording, what):
        assert threading.current_thread() is not threading.main_thread()
        if recording is None:
            raise DataError("There is no finished run to save yet. Press Run first.")
        may.wait(30.0)
        return {"name": what, "text": "", "type": ""}

    monkeypatch.setattr(beside, "file_to_save", made)
    monkeypatch.setattr(beside, "_TELL_S", 0.05)
    give = lambda **file: given.append(file)  # noqa: E731
    say = lambda text, good=False: told.append(text)  # noqa: E731
    return Saving(Session(), RunPool(2), say, give), may, told, given


def test_a_file_is_written_beside_the_page_which_says_so_and_gets_it(saving):
    keeper, may, told, given = saving
    keeper.ask(object(), "report")
    keeper.poll()
    assert not given
    time.sleep(0.1)
    keeper.poll()
    assert told == ["Writing the report: 0 s …"]
    may.set()
    until(lambda: keeper.poll() or given)
    assert [file["name"] for file in given] == ["report"]
    assert told[-1] == ""


def test_the_newest_file_that_was_asked_for_is_given_and_a_refusal_is_said(saving):
    keeper, may, told, given = saving
    keeper.ask(object(), "report")
    keeper.ask(object(), "run")
    may.set()
    until(lambda: keeper.poll() or given)
    time.sleep(0.1)
    keeper.poll()
    assert [file["name"] for file in given] == ["run"]
    keeper.ask(None, "run")
    until(lambda: keeper.poll() or "no finished run" in told[-1])
