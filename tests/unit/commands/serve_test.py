"""Where a server keeps runs: said, refused, or done without."""

from __future__ import annotations

from pathlib import Path

import pytest

from dtb_app import server
from dtb_app.cli import main
from dtb_app.store.store import Store


@pytest.fixture
def served(monkeypatch):
    """What `dtb serve` hands to the server, which is not begun."""
    given = {}
    monkeypatch.setattr(server, "serve", lambda **named: given.update(named))
    return given


@pytest.mark.parametrize("wrong", ["", " ", "-"])
def test_a_store_without_a_name_is_refused(served, capsys, wrong):
    assert main(["serve", "--port", "0", "--store", wrong]) == 2
    assert "serve.store: must be a folder, or none (got" in capsys.readouterr().err
    assert served == {}


def test_runs_are_kept_with_a_person_s_data_unless_it_is_said_where_or_that_they_are_not(served, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    for words, folder in (
        ((), Path("/data/dtb")),
        (("--store", "here"), Path("here")),
        (("--store", "none"), None),
    ):
        assert main(["serve", "--port", "0", *words]) == 0
        assert served["store_folder"] == folder


def test_a_folder_that_cannot_be_used_is_said_and_done_without(tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    said = server._open_store(tmp_path / "file")
    assert said == (
        f"Runs are not kept between visits. {tmp_path / 'file'}: cannot be used as a store (File exists)."
    )
    assert capsys.readouterr().err == said + "\n"
    assert server._open_store(None) == ""
    opened = server._open_store(tmp_path / "kept")
    assert isinstance(opened, Store)
    opened.close()
