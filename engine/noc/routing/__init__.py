"""Which links a packet crosses."""
