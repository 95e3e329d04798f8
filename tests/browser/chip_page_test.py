"""The page Chip: what is on the chip, its membranes, and switches that edit the scenario."""


def test_the_chip_is_shown_recorded_and_edited(visit):
    v = visit().open("?page=chip")
    v.page.wait_for_selector(".dtb-record")
    v.wait(lambda: v.page.get_by_text("480 circuits are in use").count(), "the floor")
    assert v.page.get_by_text("Chip 1: L.HI, R.HI").count()
    v.wait(lambda: v.page.get_by_text("Three neurons of L.HI").count(), "the traces", 60)
    assert v.page.get_by_role("button", name="Record again").is_enabled()
    v.page.get_by_label("Membrane noise acts").click()
    factor = v.page.get_by_label("Factor of Membrane noise")
    v.wait(lambda: factor.input_value() == "0", "a term is off")
    v.page.get_by_role("button", name="quantised", exact=True).click()
    v.wait(lambda: v.page.get_by_text("none in this mode").count() > 10, "the mode")
    assert not v.errors
