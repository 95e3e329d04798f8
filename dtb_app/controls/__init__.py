"""Controls of the page that no widget library has: the parameter form and the page's own port."""
