"""How messages go to a browser: whole, in order, none too early, none forgotten, nothing twice."""
