"""What is drawn of a run for its report, a file for each kind of picture."""
