"""What others read: a run or a scenario as scripts and tables of other programs."""
