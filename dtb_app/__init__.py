"""The app: the only place that wires engine and views; `panel serve dtb_app`; the `dtb` command."""
