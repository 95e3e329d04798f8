"""Every control of every page has a name that is read out."""

from __future__ import annotations

import re

import pytest

from dtb_app.pages import EXPLORER, PAGES
from dtb_app.pages.fit import SECTIONS as FIT_SECTIONS
from dtb_app.pages.twin import SECTIONS as TWIN_SECTIONS

pytestmark = pytest.mark.browser

_ROLES = (
    "button|checkbox|combobox|link|listbox|menuitem|option|radio|searchbox|slider|spinbutton|"
    "switch|tab|tabpanel|textbox|img|application"
)
# A line of the tree that assistive technology gets: the role, and a name in quotes if it has one.
_NAMELESS = re.compile(rf"^\s*- (?:{_ROLES})\b(?! \"[^\"]*\S).*$", re.MULTILINE)

# What the tab key reaches, and is neither a control that the tree above names nor named itself.
_UNSAID = r"""() => {
  const bad = [], roots = [document];
  const spoken = "button, input, select, textarea, a[href], summary, [role]";
  while (roots.length) {
    for (const node of roots.pop().querySelectorAll("*")) {
      if (node.shadowRoot) { roots.push(node.shadowRoot); continue; }
      if (!(node instanceof HTMLElement) || node.tabIndex < 0 || node.matches(spoken)) continue;
      if (!node.getClientRects().length || getComputedStyle(node).visibility === "hidden") continue;
      if (!node.getAttribute("aria-label")) bad.push(node.outerHTML.slice(0, 160));
    }
  }
  return bad;
}"""

# Buttons with words on them whose name has other words: who speaks to the page says what is seen.
_RENAMED = r"""() => {
  const bad = [], roots = [document];
  while (roots.length) {
    for (const node of roots.pop().querySelectorAll("*")) {
      if (node.shadowRoot) roots.push(node.shadowRoot);
      const name = node.matches("button") && node.getAttribute("aria-label");
      if (!name || !node.getClientRects().length || node.matches(_MARKS)) continue;
      const words = [...node.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join("").trim();
      if (!name.toLowerCase().includes(words.toLowerCase())) bad.push(`${words} is called ${name}`);
    }
  }
  return bad;
}""".replace("_MARKS", "'.source, .dtb-region-row button'")


def tree(v) -> str:
    """The roles and names that assistive technology gets."""
    return v.page.locator("body").aria_snapshot()


def test_a_control_without_a_name_is_found():
    seen = '- button "Run"\n- slider\n  - combobox "Speed": 1×\n- textbox: "5"\n- text: Brain'
    assert _NAMELESS.findall(seen) == ["- slider", '- textbox: "5"']


def test_every_control_of_every_page_has_a_name(visit):
    v = visit().open()
    for name in (EXPLORER, *(page.name for page in PAGES)):
        v.page.locator(f".dtb-page-{name}").first.click()
        if name != EXPLORER:
            v.page.locator(f".dtb-deep-{name}").first.wait_for(timeout=60_000)
            buttons = v.page.locator(f".dtb-deep-{name} >> button")
            v.wait(lambda buttons=buttons: buttons.count(), f"the controls of {name}", 60)
        seen = tree(v)
        assert seen.count("- button ") > 5, name
        assert _NAMELESS.findall(seen) == [], name
        v.page.keyboard.press("Tab")
        assert v.js(_UNSAID) == [], name
        assert v.js(_RENAMED) == [], name


@pytest.mark.parametrize("page", ["fit", "twin"])
def test_every_control_of_every_section_has_a_name(visit, page):
    v = visit().open(f"?page={page}")
    sections = {"fit": FIT_SECTIONS, "twin": TWIN_SECTIONS}[page]
    for section in sections:
        v.page.locator(f".dtb-{page}-sections").get_by_role("tab", name=section.title, exact=True).click()
        v.page.locator(f".dtb-{page}-{section.name}").first.wait_for(timeout=60_000)
        buttons = v.page.locator(f".dtb-{page}-{section.name} >> button")
        v.wait(lambda buttons=buttons: buttons.count(), f"the controls of {section.name}", 60)
        assert _NAMELESS.findall(tree(v)) == [], section.name
        v.page.keyboard.press("Tab")
        assert v.js(_UNSAID) == [], section.name
        assert v.js(_RENAMED) == [], section.name


def test_every_parameter_has_a_name(found):
    v = found
    for tab in ("Model", "Hardware"):
        v.page.get_by_role("tab", name=tab, exact=True).click()
        v.wait(lambda: "- spinbutton" in tree(v), "its fields")
        assert _NAMELESS.findall(tree(v)) == []
    v.page.get_by_role("tab", name="Regions", exact=True).click()
