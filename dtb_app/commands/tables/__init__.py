"""Results as text, as the commands print them."""
