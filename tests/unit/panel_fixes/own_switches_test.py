"""What Bokeh switches while it is at something, nobody else finds switched."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from bokeh.core.property import bases
from bokeh.core.property.validation import validate
from bokeh.document import document as bokeh_document
from bokeh.models import LinearColorMapper, Scatter

from dtb_app.panel_fixes.own_switches import keep_switches_apart
from dtb_app.work import slices
from dtb_app.work.slices import breathe, in_slices


@pytest.fixture(autouse=True)
def a_slice_is_over_at_once(monkeypatch):
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    keep_switches_apart()


def both(one, other):
    async def together():
        return await asyncio.gather(in_slices(one), in_slices(other))

    return asyncio.run(together())


def test_a_field_is_a_field_while_another_page_has_its_values_unchecked():
    def unchecked():
        with validate(False):
            for _ in range(4):
                breathe()
                assert not bases.validation_on()

    def checked():
        breathe()
        assert bases.validation_on()
        field = {"field": "shade", "transform": LinearColorMapper(palette=["#000000"])}
        glyph = Scatter(fill_color=field)
        breathe()
        glyph.line_color = field
        told = glyph.query_properties_with_values(
            lambda one: one.name.endswith("_color"), include_defaults=False
        )
        assert all(getattr(spec, "field", None) or spec["field"] for spec in map(_as_dict, told.values()))
        return sorted(told)

    assert both(unchecked, checked)[1] == ["fill_color", "line_color"]
    assert bases.validation_on()


def _as_dict(spec):
    return spec if isinstance(spec, dict) else vars(spec)


def test_work_that_is_begun_while_it_is_off_finds_it_on():
    async def begun():
        with validate(False):
            going = in_slices(lambda: breathe() or bases.validation_on())
            first = asyncio.ensure_future(going)
            await asyncio.sleep(0)
            assert not bases.validation_on()
        return await first

    assert asyncio.run(begun())
    assert bases.validation_on()


def test_a_thread_that_draws_switches_it_for_itself_alone():
    inside, seen = Event(), Event()

    def drawing():
        with validate(False):
            inside.set()
            assert seen.wait(30)
            return bases.validation_on()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(drawing)
        assert inside.wait(30)
        assert bases.validation_on()
        with validate(False):
            seen.set()
            assert not other.result()
    assert bases.validation_on()


def test_two_that_overlap_leave_it_as_it_was():
    def work(n):
        with validate(False):
            for _ in range(n):
                breathe()

    for lengths in ((1, 4), (4, 1)):
        both(*(lambda n=n: work(n) for n in lengths))
        assert bases.validation_on()


def test_the_kinds_that_a_document_defines_are_its_own():
    before = bokeh_document.is_DataModel

    def telling(known):
        mine = bokeh_document.is_DataModel = lambda kind: kind in known
        try:
            for _ in range(3):
                breathe()
                assert bokeh_document.is_DataModel is mine
        finally:
            bokeh_document.is_DataModel = before

    both(lambda: telling({1}), lambda: telling({2}))
    assert bokeh_document.is_DataModel is before


def test_who_is_broken_off_leaves_it_as_it_was():
    def work():
        with validate(False):
            while True:
                breathe()

    async def broken_off():
        going = asyncio.ensure_future(in_slices(work))
        await asyncio.sleep(0.01)
        assert bases.validation_on()
        going.cancel()
        with pytest.raises(asyncio.CancelledError):
            await going

    asyncio.run(broken_off())
    assert bases.validation_on()
