"""A visitor opens a matrix with its companions; the page names it as theirs, and so does its link."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from playwright.sync_api import expect


def test_a_matrix_and_its_centres_are_opened_together_and_the_link_says_what_it_needs(visit):
    files = [
        {"name": "mine_centres.txt", "mimeType": "text/plain", "buffer": b"lA -30 0 0\nrA 30 0 0\n"},
        {"name": "mine.txt", "mimeType": "text/plain", "buffer": b"lA 0 1\nrA 2 0\n"},
    ]
    v = visit().open("?preset=two-regions")
    v.page.locator("input.dtb-file").set_input_files(files)
    v.wait(lambda: "Opened the connectome 'mine' with 2 regions" in v.alert(), "opened")
    assert "straight distances between the centres" in v.alert()
    expect(v.page.locator(".dtb-preset [role=combobox]")).to_contain_text("Own connectome: mine")
    v.wait(lambda: "mine.txt@sha256:" in unquote(v.page.url), "the address names the file")
    v.open("?" + urlsplit(v.page.url).query)  # a reload: the server has kept the files for this visitor
    expect(v.page.locator(".dtb-preset [role=combobox]")).to_contain_text("Own connectome: mine")
    v.wait(lambda: not v.alert(), "nothing is said")
    link = "?" + urlsplit(v.page.url).query
    other = visit().open(link)
    other.wait(lambda: "Open the file first: mine.txt" in other.alert(), "what is missing")
    other.page.locator("input.dtb-file").set_input_files(files)
    other.wait(lambda: "and with it the link's scenario" in other.alert(), "restored")
