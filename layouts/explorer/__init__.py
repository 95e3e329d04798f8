"""Views of the explorer: the brain, its spikes, its fit, the runs side by side."""
