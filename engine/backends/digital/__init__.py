"""The digital backend: floating point, the high-fidelity teacher."""
