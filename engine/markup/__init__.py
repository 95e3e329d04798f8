"""HTML: the one environment, the parts that pages are made of, and the templates beside them."""
