"""Which tiles and links there are."""
