"""Rules by which synapses change: learning, tiring, scaling, and the chip's own."""
