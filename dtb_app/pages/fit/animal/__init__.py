"""One neuron on both substrates beside a recorded cell."""
