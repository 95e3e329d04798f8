"""``panel serve dtb_app`` runs this file for every visitor."""

from dtb_app.server import extend, make_page

extend()
make_page().servable(title="Digital Twin Brain")
