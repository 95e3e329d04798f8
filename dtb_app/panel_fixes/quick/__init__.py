"""What Bokeh, Panel and param find out again and again, found out once, or with fewer steps."""
