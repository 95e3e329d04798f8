"""Kernels of what activity changes for seconds and longer: ions in neurons, weights of synapses."""
