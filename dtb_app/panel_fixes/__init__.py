"""All that leans on private parts of Panel, panel-material-ui or Bokeh."""
